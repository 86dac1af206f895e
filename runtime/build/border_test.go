package build

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"spikec/convert"
	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/runtime/dataset/npz"
	"spikec/runtime/encode"
	"spikec/runtime/ladder"
)

// bordered lets the request's network pad its normalised input.
func bordered(r *Request) {
	g := *r.Model.Graph
	g.Nodes = slices.Clone(g.Nodes)
	padded := *g.Nodes[1].Op.(*ann.Conv)
	padded.Window = window.Window2d{Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Dilation: [2]int{1, 1}, PadBegin: [2]int{1, 2}, PadEnd: [2]int{2, 1}}
	g.Nodes[1].Op = &padded
	model := *r.Model.Model
	model.Graph, r.Model.Model = &g, &model
	r.Options.Rules = string(convert.Best)
	r.Preprocessing = encode.Options{Mean: []float64{0.2, 0.4}, Std: []float64{0.5, 0.5}}
}

// TestBorder builds a network that pads its normalised input. Its pictures get a border of the mean, and the folder alone gives
// the same answers: to check, and to emulate, of stored pixels and of the network's own input.
func TestBorder(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	bordered(&r)
	doc, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	l, err := load(r.Out)
	if err != nil {
		t.Fatal(err)
	}
	b := l.manifest.Coding.Border
	if b == nil || !slices.Equal(b.Codes, []uint8{51, 102}) || l.img.Input.Shape != [3]int{2, 9, 8} {
		t.Fatalf("border %+v, pictures of %v", b, l.img.Input.Shape)
	}
	if doc.Options.KeptPools != 1 {
		t.Errorf("%d max pools are kept, want 1", doc.Options.KeptPools)
	}
	if naive := doc.Naive.Agreement; *naive < 0.9 {
		t.Errorf("before the re-fit the network decides %.2f as the trained one does", *naive)
	}
	again, err := Check(context.Background(), r.Out, CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := again.Stages[0].Correct, doc.Stages[len(doc.Stages)-1].Correct; got != want || doc.Stages[len(doc.Stages)-1].Stage != ladder.Files {
		t.Errorf("check: %d correct, the build had %d", got, want)
	}
	x := make([]float32, len(r.Data.Pixels))
	for k, p := range r.Data.Pixels {
		x[k] = (float32(p)/255 - []float32{0.2, 0.4}[k/30%2]) / 0.5
	}
	for name, a := range map[string]*npz.Array{
		"pixels": npz.Uint8s("x", r.Data.Pixels, 60, shape[0], shape[1], shape[2]),
		"floats": npz.Float32s("x", x, 60, shape[0], shape[1], shape[2]),
	} {
		in, out := filepath.Join(filepath.Dir(r.Out), name+".npz"), filepath.Join(filepath.Dir(r.Out), name+"-y.npz")
		if err := writeArrays(in, a); err != nil {
			t.Fatal(err)
		}
		if err := Emulate(context.Background(), EmulateRequest{Dir: r.Out, Input: in, Output: out}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		y := arraysOf(t, out, "counts", "potentials", "decision")
		correct := int64(0)
		for i, d := range int32s(t, y[2]) {
			if int(d) == r.Data.Labels[i] {
				correct++
			}
		}
		if correct != again.Stages[0].Correct {
			t.Errorf("%s: %d correct, want %d", name, correct, again.Stages[0].Correct)
		}
	}
}
