// Package evaluate measures a network on labelled images. Everything that distributes the work, over goroutines or
// over machines, calls EvalShard on ranges of images and Merge on their results: both are exact, so the outcome depends
// neither on the number of workers nor on how the images were divided.
package evaluate

import (
	"context"
	"fmt"

	"spikec/emulator"
	"spikec/internal/parallel"
)

// Classifier is a network that decides the class of an image. It is immutable and safe for concurrent use.
type Classifier interface {
	Info() Info
	// NewWorker returns what one goroutine needs.
	NewWorker() Worker
}

// Info is what a Classifier says about its answers.
type Info struct {
	Classes int
	// Steps are the checkpoints: the decision is read after each, and the last one counts. A network without time has
	// the one checkpoint 0.
	Steps []int
	// Readouts names other ways to read the decision at the last checkpoint.
	Readouts []string
	// Units is how many populations, or cores, spikes and saturations are counted for.
	Units int
	// UnitWork says that work is counted for units too.
	UnitWork bool
	// Integers says that the output has counts and potentials.
	Integers bool
	// Latency says that the step of the decision differs from image to image.
	Latency bool
}

// Worker answers one image after the other. It is not safe for concurrent use.
type Worker interface {
	// Answer fills a, which has the sizes that Info announces, with the answer to image i.
	Answer(i int, a *Answer) error
}

// Answer is the answer to one image.
type Answer struct {
	Decisions   []int32         // by checkpoint
	Readouts    []int32         // decisions by Info.Readouts
	Counts      []int32         // by class, at the last checkpoint
	Potentials  []int32         // by class, at the last checkpoint
	Latency     int32           // steps to the first spike, or to the early exit, with Info.Latency
	Tied        bool            // the spikes of the output alone do not decide
	Spikes      []int64         // by unit
	Saturations []int64         // by unit
	Work        emulator.Work   // of all units
	UnitWork    []emulator.Work // by unit, with Info.UnitWork
}

// newAnswer returns an answer of the sizes that info announces.
func newAnswer(info Info) *Answer {
	a := &Answer{Decisions: make([]int32, len(info.Steps)), Readouts: make([]int32, len(info.Readouts)),
		Spikes: make([]int64, info.Units), Saturations: make([]int64, info.Units)}
	if info.UnitWork {
		a.UnitWork = make([]emulator.Work, info.Units)
	}
	if info.Integers {
		a.Counts, a.Potentials = make([]int32, info.Classes), make([]int32, info.Classes)
	}
	return a
}

// Data is what the answers are compared with.
type Data struct {
	// Subject is a digest of everything that fixes the answers: Merge joins results of one subject only.
	Subject string
	Labels  []int // of all images
	// Reference are the decisions of the trained network, of all images; nil where there are none.
	Reference []int32
}

// Options say how to work, not what comes out.
type Options struct {
	Jobs int // goroutines; 0 = one a processor
	// Progress is called with the number of images done since the last call, from any goroutine; it may be nil.
	Progress func(n int)
}

// EvalShard answers images lo..hi-1. It is pure: the same classifier, data and range give the same result.
func EvalShard(ctx context.Context, c Classifier, d Data, lo, hi int, opt Options) (*Partial, error) {
	info := c.Info()
	if lo < 0 || lo > hi || hi > len(d.Labels) {
		return nil, fmt.Errorf("evaluate: images %d..%d of %d", lo, hi-1, len(d.Labels))
	}
	p := newPartial(info, d, lo, hi)
	jobs := max(1, min(parallel.Jobs(opt.Jobs), hi-lo))
	parts := make([]*Partial, jobs)
	workers, answers := make([]Worker, jobs), make([]*Answer, jobs)
	err := parallel.For(ctx, hi-lo, jobs, func(w, k int) error {
		if workers[w] == nil {
			workers[w], answers[w], parts[w] = c.NewWorker(), newAnswer(info), newPartial(info, d, 0, 0)
		}
		i, a := lo+k, answers[w]
		if err := workers[w].Answer(i, a); err != nil {
			return fmt.Errorf("image %d: %w", i, err)
		}
		if err := parts[w].count(a, i, d); err != nil {
			return err
		}
		p.keep(a, k)
		if opt.Progress != nil {
			opt.Progress(1)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		if part != nil {
			p.addSums(part)
		}
	}
	return p, nil
}

// keep stores what is kept of every image; k counts from the first image of the range.
func (p *Partial) keep(a *Answer, k int) {
	p.Decisions[k] = a.Decisions[len(a.Decisions)-1]
	copy(p.Counts[k*len(a.Counts):], a.Counts)
	copy(p.Potentials[k*len(a.Potentials):], a.Potentials)
	if p.Latencies != nil {
		p.Latencies[k] = a.Latency
	}
}

// count adds the answer to image i to the sums.
func (p *Partial) count(a *Answer, i int, d Data) error {
	label := d.Labels[i]
	if label < 0 || label >= p.Classes {
		return fmt.Errorf("evaluate: image %d has label %d: the network has %d classes", i, label, p.Classes)
	}
	for k, decision := range a.Decisions {
		if int(decision) == label {
			p.Correct[k]++
		}
		if d.Reference != nil && decision == d.Reference[i] {
			p.Agree[k]++
		}
	}
	final := a.Decisions[len(a.Decisions)-1]
	for k, decision := range a.Readouts {
		if int(decision) == label {
			p.ReadoutCorrect[k]++
		}
		if decision == final {
			p.ReadoutAgree[k]++
		}
	}
	if a.Tied {
		p.Ties++
	}
	p.Confusion[label*p.Classes+int(final)]++
	for u := range a.Spikes {
		p.Spikes[u] += a.Spikes[u]
		p.Saturations[u] += a.Saturations[u]
	}
	p.Work.Add(a.Work)
	for u, w := range a.UnitWork {
		p.UnitWork[u].Add(w)
	}
	return nil
}
