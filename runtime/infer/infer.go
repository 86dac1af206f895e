// Package infer runs trained networks in float32, as ONNX means them.
package infer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"spikec/internal/diag"
	"spikec/internal/layout"
	"spikec/internal/parallel"
	"spikec/models/ann"
	"spikec/runtime/dataset/npz"
	"spikec/runtime/encode"
	"spikec/runtime/output"
	"spikec/runtime/progress"
)

// idShape is the diagnostic of inputs of another shape than the network takes.
const idShape = "SPK-RUN-001"

// Request names the files of one run.
type Request struct {
	Graph        *ann.Graph
	ChannelsLast bool     // the inputs are H,W,C, where Graph takes C,H,W
	Model        []string // the files that Graph was read from
	Input        string   // .npz with x (N,…), the network's input
	Output       string   // .npz to write: y (N,classes) float32
	Jobs         int
	Progress     progress.Reporter // nil shows nothing
}

// Run computes the network for every input and writes the results as a complete file, or none. What it returns beside the error
// are warnings about the inputs.
func Run(ctx context.Context, r Request) (diag.List, error) {
	misplaced := output.Apart([]string{r.Output}, append([]string{r.Input}, r.Model...), nil)
	x, noInput := npz.Inputs(ctx, r.Input)
	if err := errors.Join(noInput, misplaced); err != nil {
		return nil, err
	}
	want := slices.Clone(r.Graph.Nodes[0].Shape)
	if r.ChannelsLast {
		want = append(want[1:], want[0])
	}
	if len(x.Shape) < 2 || !slices.Equal(x.Shape[1:], want) && !(len(want) == 1 && product(x.Shape[1:]) == want[0]) {
		return nil, &diag.Failure{List: diag.List{{ID: idShape, Severity: diag.Error, Subject: r.Input, Message: "array x has another shape than the network takes",
			Value: x.String(), Limit: "N x " + want.String(), Remedy: "store the inputs in the size that the network was exported for, with the batch first"}}}
	}
	inputs := x.Float32()
	y, err := forward(ctx, r, inputs, x.Shape[0])
	if err != nil {
		return nil, err
	}
	shape := append([]int{x.Shape[0]}, r.Graph.Nodes[r.Graph.Output].Shape...)
	return encode.Unscaled(r.Input, inputs), output.WriteFile(r.Output, func(w io.Writer) error { return npz.Write(w, npz.Float32s("y", y, shape...)) })
}

// forward computes n images in parallel.
func forward(ctx context.Context, r Request, x []float32, n int) ([]float32, error) {
	if r.Progress == nil {
		r.Progress = progress.None
	}
	task := r.Progress.Start("run", n)
	defer task.Done()
	in, out := r.Graph.Nodes[0].Shape.Size(), r.Graph.Nodes[r.Graph.Output].Shape.Size()
	y := make([]float32, n*out)
	executors := make([]*ann.Executor, parallel.Jobs(r.Jobs))
	err := parallel.For(ctx, n, r.Jobs, func(w, i int) error {
		if executors[w] == nil {
			executors[w] = ann.NewExecutor(r.Graph)
		}
		image := x[i*in : (i+1)*in]
		if r.ChannelsLast {
			image = layout.ToCHW(image, [3]int(r.Graph.Nodes[0].Shape))
		}
		v, err := executors[w].Run(image)
		if err != nil {
			return fmt.Errorf("image %d: %w", i, err)
		}
		copy(y[i*out:], v)
		task.Add(1)
		return nil
	})
	return y, err
}

func product(sizes []int) int {
	n := 1
	for _, s := range sizes {
		n *= s
	}
	return n
}
