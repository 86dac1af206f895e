package build

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/emulator"
	"spikec/target/image"
)

// TestLocateFiring: the first difference is found where spikes have signs, and in either stage of a window.
func TestLocateFiring(t *testing.T) {
	start := func(c *image.Core, n, by int32) {
		v := make([]int32, c.Neurons)
		for k := range v {
			v[k] = c.Channel(c.InitialV, k)
		}
		v[n] += by
		c.InitialV = v
	}
	threshold := func(c *image.Core, by int32) {
		v := slices.Clone(c.Registers["thr"])
		for k := range v {
			v[k] /= by
		}
		c.Registers = map[string][]int32{"thr": v, "bias": c.Registers["bias"]}
	}
	for _, c := range []struct {
		target string
		alter  func(first *image.Core)
		want   string
	}{
		{"generic8-signed", func(c *image.Core) { start(c, 7, 1) }, "layer relu1, neuron (1,0,2), step 0: fixed has "},
		{"generic8-staged", func(c *image.Core) { start(c, 7, 1) }, "layer relu1, neuron (1,0,2), step 0: fixed has no spike, "},
		{"generic8-staged", func(c *image.Core) { threshold(c, 3) }, "step 8: fixed has "},
	} {
		b, err := begin(context.Background(), request(t, t.TempDir(), c.target))
		if err != nil {
			t.Fatal(err)
		}
		for _, stage := range []func(*run, context.Context) error{(*run).ann, (*run).convert, (*run).quantize, (*run).fixed, (*run).place} {
			if err := stage(b, context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		img := *b.img
		img.Cores = slices.Clone(b.img.Cores)
		c.alter(&img.Cores[0])
		engine, err := emulator.New("auto", &img, b.Profile)
		if err != nil {
			t.Fatal(err)
		}
		var d *Difference
		if err := b.locate("image", &img, engine, 5); !errors.As(err, &d) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.target, err, c.want)
		}
	}
}

// TestTraceFiring: the trace of a window of two stages has the steps of both, and no spike in the first one; a spike of −1
// is 255.
func TestTraceFiring(t *testing.T) {
	for target, steps := range map[string]int{"generic8-signed": 8, "generic8-staged": 16} {
		r := request(t, t.TempDir(), target)
		built(t, r)
		dir := filepath.Dir(r.Out)
		trace := filepath.Join(dir, "trace.npz")
		if err := Emulate(context.Background(), EmulateRequest{Dir: r.Out, Input: filepath.Join(dir, "eval.npz"), Output: filepath.Join(dir, "y.npz"), Trace: trace}); err != nil {
			t.Fatal(err)
		}
		a := arraysOf(t, trace, "spikes_1_relu2", "membranes_1_relu2")
		if len(a[0].Shape) != 5 || a[0].Shape[1] != steps || !slices.Equal(a[0].Shape, a[1].Shape) {
			t.Fatalf("%s: trace of %v and %v, want %d steps", target, a[0].Shape, a[1].Shape, steps)
		}
		size := len(a[0].Data) / 60 / steps
		seen := map[byte]int{}
		for i, s := range a[0].Data {
			if seen[s]++; s != 0 && i/size%steps < steps-8 {
				t.Fatalf("%s: a spike in step %d", target, i/size%steps)
			}
		}
		if negative := seen[255] > 0; seen[1] == 0 || negative != (target == "generic8-signed") || len(seen) != 2+seen[255]/max(1, seen[255]) {
			t.Errorf("%s: spikes %v", target, seen)
		}
	}
}
