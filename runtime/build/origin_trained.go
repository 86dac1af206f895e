package build

import (
	"context"

	"spikec/convert"
	"spikec/internal/diag"
	"spikec/models/ann"
	"spikec/models/onnx"
	"spikec/models/snn"
	"spikec/runtime/ladder"
)

// trained is a network that is converted.
type trained struct{ *onnx.Model }

func (t trained) ends() (ann.Shape, string, ann.Shape) {
	return t.Graph.Nodes[0].Shape, t.OutputName, t.Graph.Nodes[t.Graph.Output].Shape
}

func (t trained) prepare(r *Request) diag.List {
	if r.Known != nil {
		r.Known.fill(&r.Options)
	}
	return t.Diagnostics
}

func (trained) resolve(r *Request) (resolved, diag.List) { return resolve(r.Options, r.Profile) }

func (t trained) border(ctx context.Context, b *run) (*snn.Border, error) {
	return convert.BorderOf(ctx, t.Graph, b.coding.Preprocess(), b.opt.conversion())
}

func (trained) about() (what, doubts string) { return "ONNX network", "" }

func (trained) stages() []stage {
	return []stage{
		{ladder.ANN, (*run).ann},
		{"auto", (*run).auto},
		{"convert", (*run).convert},
		{"naive", (*run).naive},
		{ladder.Tailored, (*run).tailored},
		{"diagnose", (*run).diagnose},
		{"int8", (*run).int8}, // behind the conversion, which may end the run
	}
}
