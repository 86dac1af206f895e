package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"spikec/runtime/dataset/npz"
)

// answers sums up what a command wrote that ran given inputs.
type answers struct {
	Schema string `json:"schema"` // spikec/run/v1 or spikec/emulate/v1
	Source string `json:"source"` // the network's file, or the build's folder
	Input  string `json:"input"`
	Output string `json:"output"`
	Trace  string `json:"trace,omitempty"`
	// Arrays holds the shape of every array of Output.
	Arrays map[string][]int `json:"arrays"`
	N      int              `json:"n"`
	// Correct and Accuracy are there where the input holds the classes, an array y (N) of integers.
	Correct  *int     `json:"correct,omitempty"`
	Accuracy *float64 `json:"accuracy,omitempty"`
}

// read fills in the arrays of these names and, where the input holds classes, how many of decide's answers are right.
func (a *answers) read(ctx context.Context, decide func([]*npz.Array) []int64, names ...string) error {
	arrays, err := npz.Read(ctx, a.Output, names...)
	if err != nil {
		return err
	}
	a.Arrays = map[string][]int{}
	for _, array := range arrays {
		a.Arrays[array.Name] = array.Shape
	}
	decisions := decide(arrays)
	a.N = len(decisions)
	labels, err := npz.Read(ctx, a.Input, "y")
	if err != nil || len(labels[0].Shape) != 1 || labels[0].Len() != a.N || a.N == 0 {
		return ctx.Err() // there are no classes: the input need not hold any
	}
	classes, err := labels[0].Int64()
	if err != nil {
		return nil // floats are no classes
	}
	correct := 0
	for i, class := range classes {
		if decisions[i] == class {
			correct++
		}
	}
	accuracy := float64(correct) / float64(a.N)
	a.Correct, a.Accuracy = &correct, &accuracy
	return nil
}

// show prints the answers as one document or, unless quiet, in one line; main is the array whose shape is told.
func (a *answers) show(cmd *cobra.Command, o *outputFlags, main string) error {
	if o.quiet && !o.json {
		return nil
	}
	return o.print(cmd, a, func(w io.Writer) error {
		var sizes []string
		for _, n := range a.Arrays[main] {
			sizes = append(sizes, fmt.Sprint(n))
		}
		line := fmt.Sprintf("wrote %s: %s (%s)", a.Output, main, strings.Join(sizes, ", "))
		if a.Trace != "" {
			line += ", and " + a.Trace
		}
		if a.Accuracy != nil {
			line += fmt.Sprintf("; %d of %d right by y of %s, accuracy %.4f", *a.Correct, a.N, a.Input, *a.Accuracy)
		}
		_, err := fmt.Fprintln(w, line)
		return err
	})
}

// largest returns, for every row of an array (N,…), the index of its largest value, the first of equal ones.
func largest(arrays []*npz.Array) []int64 {
	n := arrays[0].Shape[0]
	values := arrays[0].Float32()
	best := make([]int64, n)
	for i := range best {
		row := values[i*len(values)/n : (i+1)*len(values)/n]
		for k := range row {
			if row[k] > row[best[i]] {
				best[i] = int64(k)
			}
		}
	}
	return best
}
