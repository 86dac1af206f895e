package build

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/onnx"
	"spikec/runtime/dataset"
	"spikec/runtime/dataset/npz"
	"spikec/runtime/output"
	"spikec/runtime/progress"
	"spikec/target/chip"
)

// classes of the test network.
const classes = 4

// shape of the test images: neither square nor of one channel.
var shape = [3]int{2, 6, 5}

// random returns n numbers around zero.
func random(r *rand.Rand, n int, scale float64) []float32 {
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(r.NormFloat64() * scale)
	}
	return w
}

// testModel is a random network that breaks the rules: biases and max pooling. Its last layer is made orthogonal to the
// mean of what it gets, so that random images fall into all classes.
func testModel(t testing.TB) Model {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	g := ann.NewGraph("tiny", "x", shape[:])
	fc := &ann.Linear{Weight: random(r, classes*features, 0.5), In: features, Out: classes}
	last := 0
	for _, n := range []struct {
		name string
		op   ann.Op
	}{
		{"conv1", &ann.Conv{Weight: random(r, 3*2*9, 0.4), Bias: random(r, 3, 0.05), In: 2, Out: 3, Groups: 1, Window: window.Square(3, 1)}},
		{"relu1", ann.Relu{}},
		{"pool1", &ann.MaxPool{Window: window.Window2d{Kernel: [2]int{2, 1}, Stride: [2]int{2, 1}, Dilation: [2]int{1, 1}}}},
		{"conv2", &ann.Conv{Weight: random(r, 5*3*4, 0.4), Bias: random(r, 5, 0.05), In: 3, Out: 5, Groups: 1, Window: window.Square(2, 1)}},
		{"relu2", ann.Relu{}},
		{"flat", ann.Flatten{}},
		{"fc", fc},
	} {
		var err error
		if last, err = g.Add(n.name, n.op, last); err != nil {
			t.Fatal(err)
		}
	}
	center(t, g, fc)
	return Model{Model: &onnx.Model{Graph: g, InputName: "x", OutputName: "y"}, Name: "tiny", SHA256: digest([]byte("tiny"))}
}

// features is how many values the test network's last layer gets.
const features = 10

// center takes the mean input's direction out of the weights of fc, the last node of g.
func center(t testing.TB, g *ann.Graph, fc *ann.Linear) {
	exec := ann.NewExecutor(g)
	r := rand.New(rand.NewPCG(6, 7))
	mean, square := make([]float64, features), 0.0
	for range 200 {
		if _, err := exec.Run(picture(r, make([]uint8, shape[0]*shape[1]*shape[2]))); err != nil {
			t.Fatal(err)
		}
		for k, v := range exec.Value(g.Output - 1) {
			mean[k] += float64(v)
		}
	}
	for _, m := range mean {
		square += m * m
	}
	for o := range classes {
		row, along := fc.Weight[o*features:(o+1)*features], 0.0
		for k, w := range row {
			along += float64(w) * mean[k] / square
		}
		for k := range row {
			row[k] -= float32(along * mean[k])
		}
	}
}

// picture fills pixels at random, dark with some bright spots, and returns them scaled to 0..1.
func picture(r *rand.Rand, pixels []uint8) []float32 {
	x := make([]float32, len(pixels))
	for k := range pixels {
		pixels[k] = uint8(r.IntN(40))
		if r.IntN(4) == 0 {
			pixels[k] = uint8(200 + r.IntN(56))
		}
		x[k] = float32(pixels[k]) / 255
	}
	return x
}

// writeSet writes n random images, labelled by the test network, and returns their spec. They are pixels, or where real is
// set numbers in lo..1.
func writeSet(t testing.TB, path string, n int, seed uint64, real bool, lo float32) string {
	t.Helper()
	r := rand.New(rand.NewPCG(5, seed))
	size := shape[0] * shape[1] * shape[2]
	exec := ann.NewExecutor(testModel(t).Graph)
	seen := map[int64]int{}
	pixels, values, labels := make([]uint8, n*size), make([]float32, n*size), make([]int64, n)
	for i := range n {
		x := picture(r, pixels[i*size:(i+1)*size])
		if real {
			for k := range x {
				x[k] = lo + x[k]*(1-lo)
			}
		}
		copy(values[i*size:], x)
		y, err := exec.Run(x)
		if err != nil {
			t.Fatal(err)
		}
		labels[i] = int64(slices.Index(y, slices.Max(y)))
		seen[labels[i]]++
	}
	if len(seen) < 3 {
		t.Fatalf("images of the classes %v only", seen)
	}
	dims := []int{n, shape[0], shape[1], shape[2]}
	x := npz.Uint8s("x", pixels, dims...)
	if real {
		x = npz.Float32s("x", values, dims...)
	}
	if err := writeArrays(path, x, npz.Int64s("y", labels, n)); err != nil {
		t.Fatal(err)
	}
	return "npz:" + path
}

// open opens a spec.
func open(t testing.TB, spec string) *dataset.Set {
	t.Helper()
	set, err := dataset.Open(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// request is a build of the test network in dir/out, with its data in dir.
func request(t testing.TB, dir, target string) Request {
	t.Helper()
	p, err := chip.Load(target)
	if err != nil {
		t.Fatal(err)
	}
	return Request{Model: testModel(t), Profile: p, Tool: "test", Out: filepath.Join(dir, "out"), Seed: 1,
		Data:        open(t, writeSet(t, filepath.Join(dir, "eval.npz"), 60, 1, false, 0)),
		Calibration: open(t, writeSet(t, filepath.Join(dir, "calib.npz"), 80, 2, false, 0)),
		Options:     Options{Steps: 8, Jobs: 2}}
}

// built runs a request that must succeed.
func built(t testing.TB, r Request) {
	t.Helper()
	l, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	addsUp(t, l)
}

// contents reads every file below dir.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// wants fails unless err is a failure with exactly these diagnostics, each an ID and words of its line.
func wants(t testing.TB, err error, want ...string) {
	t.Helper()
	var f *diag.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got error %v, want a failure", err)
	}
	var errs diag.List
	for _, d := range f.List {
		if d.Severity == diag.Error {
			errs = append(errs, d)
		}
	}
	if len(errs) != len(want) {
		t.Fatalf("got\n%v\nwant %d errors: %q", err, len(want), want)
	}
	for i, w := range want {
		for _, word := range strings.Fields(w) {
			if !strings.Contains(errs[i].String(), word) {
				t.Errorf("error %d does not say %q: %s", i, word, errs[i])
			}
		}
	}
}

// stopper is a progress display that calls stop when a stage begins.
type stopper struct {
	stage string
	stop  func()
}

func (s stopper) Start(name string, total int) progress.Task {
	if name == s.stage {
		s.stop()
	}
	return progress.None.Start(name, total)
}

func (stopper) Close() {}

// arraysOf reads arrays of an archive.
func arraysOf(t testing.TB, path string, names ...string) []*npz.Array {
	t.Helper()
	arrays, err := npz.Read(context.Background(), path, names...)
	if err != nil {
		t.Fatal(err)
	}
	return arrays
}

// rewrite replaces a file of a build and brings the manifest in order, as somebody would who wants to deceive.
func rewrite(t testing.TB, dir string, change func(m *Manifest)) {
	t.Helper()
	l, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	change(l.manifest)
	data, err := l.manifest.encode()
	if err != nil {
		t.Fatal(err)
	}
	f, err := output.NewFolder(dir+"2", func(string) error { return errors.New("occupied") })
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range contents(t, dir) {
		if name == manifestFile {
			text = string(data)
		}
		if err := f.Write(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.RemoveAll(dir), f.Commit(), os.Rename(dir+"2", dir)); err != nil {
		t.Fatal(fmt.Errorf("rewrite: %w", err))
	}
}
