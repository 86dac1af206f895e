// Package infer runs trained networks in float32, as ONNX means them.
package infer

import (
	"context"
	"errors"

	"spikec/models/ann"
	"spikec/runtime/progress"
)

// Request names the files of one run.
type Request struct {
	Graph    *ann.Graph
	Input    string // .npz with x (N,…), the network's input
	Output   string // .npz to write: y (N,classes) float32
	Jobs     int
	Progress progress.Reporter // nil shows nothing
}

// Run computes the network for every input.
func Run(ctx context.Context, r Request) error { return errors.New("infer: not there yet") }
