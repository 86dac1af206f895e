package build

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"spikec/runtime/dataset/npz"
	"spikec/runtime/evaluate"
)

func TestEmulate(t *testing.T) {
	r := smallBuild(t)
	dir := filepath.Dir(r.Out)
	out, trace := filepath.Join(dir, "y.npz"), filepath.Join(dir, "trace.npz")
	err := Emulate(context.Background(), EmulateRequest{Dir: r.Out, Input: filepath.Join(dir, "eval.npz"), Output: out, Trace: trace, Jobs: 2})
	if err != nil {
		t.Fatal(err)
	}
	y := arraysOf(t, out, "counts", "potentials", "decision")
	p := &evaluate.Partial{Classes: classes, Decisions: make([]int32, 60), Counts: int32s(t, y[0]), Potentials: int32s(t, y[1])}
	l, err := load(r.Out)
	if err != nil {
		t.Fatal(err)
	}
	if p.CountsSHA256() != l.manifest.Expected.CountsSHA256 {
		t.Error("counts and potentials are not those of the build")
	}
	decisions, err := y[2].Int64()
	if err != nil {
		t.Fatal(err)
	}
	correct := int64(0)
	for i, d := range decisions {
		if int(d) == r.Data.Labels[i] {
			correct++
		}
	}
	if correct != l.manifest.Expected.Correct {
		t.Errorf("%d decisions are correct, want %d", correct, l.manifest.Expected.Correct)
	}
	checkTrace(t, trace, l, p.Potentials)
}

// checkTrace wants the membranes of the last layer after the last step to be the potentials.
func checkTrace(t *testing.T, path string, l *loaded, potentials []int32) {
	t.Helper()
	a := arraysOf(t, path, "spikes_0_relu1", "membranes_0_relu1", "spikes_2_fc", "membranes_2_fc")
	if !slices.Equal(a[0].Shape, []int{60, 8, 3, 4, 3}) || !slices.Equal(a[1].Shape, a[0].Shape) || a[0].Type() != "uint8" || a[1].Type() != "int32" {
		t.Errorf("trace has %v and %v", a[0], a[1])
	}
	fired := 0
	for _, s := range a[0].Data {
		fired += int(s)
	}
	if want := l.doc.Layers[0].Rate * float64(len(a[0].Data)); float64(fired) < want-0.5 || float64(fired) > want+0.5 {
		t.Errorf("%d spikes in layer relu1, want %g", fired, want)
	}
	v := int32s(t, a[3])
	for i := range 60 {
		if end := (i + 1) * 8 * classes; !slices.Equal(v[end-classes:end], potentials[i*classes:(i+1)*classes]) {
			t.Fatalf("image %d ends with membranes %v, potentials are %v", i, v[end-classes:end], potentials[i*classes:(i+1)*classes])
		}
	}
}

// int32s returns the numbers of an array.
func int32s(t *testing.T, a *npz.Array) []int32 {
	t.Helper()
	wide, err := a.Int64()
	if err != nil {
		t.Fatal(err)
	}
	v := make([]int32, len(wide))
	for i, x := range wide {
		v[i] = int32(x)
	}
	return v
}

// TestEmulateTakesTheNetworksInput wants floats 0..1 to give what their pixels give.
func TestEmulateTakesTheNetworksInput(t *testing.T) {
	r := smallBuild(t)
	dir := filepath.Dir(r.Out)
	x := make([]float32, len(r.Data.Pixels))
	for k, p := range r.Data.Pixels {
		x[k] = float32(p) / 255
	}
	var answers [][]int32
	for name, a := range map[string]*npz.Array{
		"pixels": npz.Uint8s("x", r.Data.Pixels, 60, shape[0], shape[1], shape[2]),
		"floats": npz.Float32s("x", x, 60, shape[0], shape[1], shape[2]),
		"flat":   npz.Float32s("x", x, 60, len(x)/60),
	} {
		in, out := filepath.Join(dir, name+".npz"), filepath.Join(dir, name+"-y.npz")
		if err := writeArrays(in, a); err != nil {
			t.Fatal(err)
		}
		if err := Emulate(context.Background(), EmulateRequest{Dir: r.Out, Input: in, Output: out}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		answers = append(answers, int32s(t, arraysOf(t, out, "potentials")[0]))
	}
	if !slices.Equal(answers[0], answers[1]) || !slices.Equal(answers[0], answers[2]) {
		t.Error("the same images give different potentials")
	}
}

func TestEmulateRefuses(t *testing.T) {
	r := smallBuild(t)
	dir := filepath.Dir(r.Out)
	real := make([]float32, 60)
	real[59] = 1.2
	in, out := filepath.Join(dir, "x.npz"), filepath.Join(dir, "y.npz")
	for _, c := range []struct {
		x    *npz.Array
		want string
	}{
		{npz.Uint8s("x", make([]uint8, 60), 1, 1, 6, 10), ""}, // as many values: taken in C,H,W order
		{npz.Uint8s("x", make([]uint8, 59), 1, 59), "SPK-FILE-008 (1, 59) (N, 2, 6, 5)"},
		{npz.Uint8s("x", make([]uint8, 60), 60), "SPK-FILE-008"},
		{npz.Float32s("x", real, 1, 60), "SPK-FILE-009 image 0 1.2"},
	} {
		if err := writeArrays(in, c.x); err != nil {
			t.Fatal(err)
		}
		err := Emulate(context.Background(), EmulateRequest{Dir: r.Out, Input: in, Output: out})
		if c.want == "" && err != nil {
			t.Errorf("%v: %v", c.x, err)
		} else if c.want != "" {
			wants(t, err, c.want)
		}
	}
	err := Emulate(context.Background(), EmulateRequest{Dir: r.Out, Input: filepath.Join(dir, "eval.npz"), Output: filepath.Join(dir, "none", "y.npz")})
	wants(t, err, "SPK-OUT-001 y.npz")
	ctx, cancel := context.WithCancel(context.Background())
	os.Remove(out)
	err = Emulate(ctx, EmulateRequest{Dir: r.Out, Input: filepath.Join(dir, "eval.npz"), Output: out, Progress: stopper{"emulate", cancel}})
	if _, stat := os.Stat(out); err == nil || stat == nil {
		t.Errorf("interrupted: error %v, and the output is %v", err, stat)
	}
}

func TestTraceHasABound(t *testing.T) {
	r := smallBuild(t)
	l, err := load(r.Out)
	if err != nil {
		t.Fatal(err)
	}
	_, err = newTrace(l.img, 1, 1<<30)
	wants(t, err, "SPK-FILE-010 --trace")
}
