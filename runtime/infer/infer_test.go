package infer

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"spikec/internal/diag"
	"spikec/models/ann"
	"spikec/runtime/dataset/npz"
	"spikec/runtime/output"
)

// write writes an archive with one array.
func write(t *testing.T, path string, a *npz.Array) {
	t.Helper()
	if err := output.WriteFile(path, func(w io.Writer) error { return npz.Write(w, a) }); err != nil {
		t.Fatal(err)
	}
}

// sum is a network of inputs of a shape that adds and subtracts the halves of its input.
func sum(t *testing.T, shape ann.Shape) *ann.Graph {
	t.Helper()
	g := ann.NewGraph("sum", "x", shape)
	flat, err := g.Add("flat", ann.Flatten{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := shape.Size()
	w := make([]float32, 2*n)
	for k := range n {
		w[k], w[n+k] = 1, 1
		if k >= n/2 {
			w[n+k] = -1
		}
	}
	if _, err := g.Add("fc", &ann.Linear{Weight: w, In: n, Out: 2}, flat); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "x.npz"), filepath.Join(dir, "y.npz")
	for _, c := range []struct {
		shape ann.Shape
		dims  []int
	}{{ann.Shape{1, 2, 2}, []int{3, 1, 2, 2}}, {ann.Shape{4}, []int{3, 4}}, {ann.Shape{4}, []int{3, 1, 2, 2}}} {
		write(t, in, npz.Float32s("x", []float32{1, 2, 3, 4, 0, 0, 0, 1, 5, 0, 0, 0}, c.dims...))
		for _, jobs := range []int{1, 4} {
			if _, err := Run(context.Background(), Request{Graph: sum(t, c.shape), Input: in, Output: out, Jobs: jobs}); err != nil {
				t.Fatal(err)
			}
			y, err := npz.Read(context.Background(), out, "y")
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(y[0].Shape, []int{3, 2}) || !slices.Equal(y[0].Float32(), []float32{10, -4, 1, -1, 5, 5}) {
				t.Errorf("shape %v: got %v %v", c.shape, y[0], y[0].Float32())
			}
		}
	}
}

func TestRunRefusesOtherShapes(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "x.npz"), filepath.Join(dir, "y.npz")
	for _, dims := range [][]int{{4}, {1, 4}, {1, 2, 2}, {1, 1, 4, 1}} {
		write(t, in, npz.Float32s("x", make([]float32, 4), dims...))
		_, err := Run(context.Background(), Request{Graph: sum(t, ann.Shape{1, 2, 2}), Input: in, Output: out})
		var f *diag.Failure
		if !errors.As(err, &f) || f.List[0].ID != idShape {
			t.Errorf("array of shape %v: error %v", dims, err)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("an output was written")
	}
}

func TestRunIsInterrupted(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "x.npz"), filepath.Join(dir, "y.npz")
	write(t, in, npz.Float32s("x", make([]float32, 4), 1, 4))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, Request{Graph: sum(t, ann.Shape{4}), Input: in, Output: out}); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("an output was written")
	}
}

// TestChannelsLast: a network whose file takes H,W,C is given images of that order.
func TestChannelsLast(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "x.npz"), filepath.Join(dir, "y.npz")
	write(t, in, npz.Float32s("x", []float32{1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60}, 1, 2, 3, 2)) // channel 0 holds 1..6, channel 1 ten times that
	if _, err := Run(t.Context(), Request{Graph: sum(t, ann.Shape{2, 2, 3}), ChannelsLast: true, Input: in, Output: out}); err != nil {
		t.Fatal(err)
	}
	y, err := npz.Read(t.Context(), out, "y")
	if err != nil {
		t.Fatal(err)
	}
	if got := y[0].Float32(); !slices.Equal(got, []float32{231, 21 - 210}) {
		t.Errorf("got %v, want 231 and -189", got)
	}
	_, err = Run(t.Context(), Request{Graph: sum(t, ann.Shape{3, 2, 2}), ChannelsLast: true, Input: in, Output: out})
	var f *diag.Failure
	if !errors.As(err, &f) || f.List[0].Limit != "N x 2x2x3" {
		t.Errorf("another shape: %v", err)
	}
}

// TestRunWarnsOfPixels: stored pixels are no network's input, and are computed with all the same.
func TestRunWarnsOfPixels(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "x.npz"), filepath.Join(dir, "y.npz")
	for _, c := range []struct {
		x     *npz.Array
		warns bool
	}{
		{&npz.Array{Name: "x", Kind: 'u', Width: 1, Shape: []int{1, 4}, Data: []byte{0, 7, 255, 0}}, true},
		{npz.Float32s("x", []float32{0, -17, 1, 0}, 1, 4), true},
		{npz.Float32s("x", []float32{0, -16, 16, 0}, 1, 4), false},
	} {
		write(t, in, c.x)
		found, err := Run(context.Background(), Request{Graph: sum(t, ann.Shape{4}), Input: in, Output: out})
		if err != nil {
			t.Fatal(err)
		}
		if warned := len(found) == 1 && found[0].ID == "SPK-DATA-006" && found[0].Severity == diag.Warning && found[0].Subject == in; warned != c.warns {
			t.Errorf("%v: %v", c.x, found)
		}
	}
}
