package onnx

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sbinet/npyio/npz"

	"spikec/internal/layout"
	"spikec/models/ann"
)

// tolerance is how far a result may be from onnxruntime's, relative to the largest result of the recorded images.
const tolerance = 1e-4

// recorded returns the arrays x and y of an .npz file and the number of images.
func recorded(t *testing.T, path string) (x, y []float32, images int) {
	t.Helper()
	f, err := npz.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for name, dst := range map[string]*[]float32{"x.npy": &x, "y.npy": &y} {
		if err := f.Read(name, dst); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return x, y, f.Header("x.npy").Descr.Shape[0]
}

// compare runs the model on the recorded inputs and compares with the recorded outputs.
func compare(t *testing.T, model, io string) *Model {
	t.Helper()
	m, err := Read(model)
	if err != nil {
		t.Fatal(err)
	}
	x, y, images := recorded(t, io)
	e := ann.NewExecutor(m.Graph)
	in, out := m.Graph.Nodes[0].Shape.Size(), m.Graph.Nodes[m.Graph.Output].Shape.Size()
	if len(x) != images*in || len(y) != images*out {
		t.Fatalf("%d images: recorded %d inputs and %d outputs; the graph takes %d and gives %d an image\n%s", images, len(x), len(y), in, out, m.Graph)
	}
	scale := 0.0
	for _, v := range y {
		scale = max(scale, math.Abs(float64(v)))
	}
	worst := 0.0
	for i := range images {
		image := x[i*in : (i+1)*in]
		if m.ChannelsLast {
			image = layout.ToCHW(image, [3]int(m.Graph.Nodes[0].Shape))
		}
		got, err := e.Run(image)
		if err != nil {
			t.Fatal(err)
		}
		for j, v := range got {
			d := math.Abs(float64(v) - float64(y[i*out+j]))
			if !(d <= tolerance*scale) {
				t.Fatalf("image %d, output %d: got %v, onnxruntime has %v\n%s", i, j, v, y[i*out+j], m.Graph)
			}
			worst = max(worst, d)
		}
	}
	t.Logf("%d images, largest difference %.2g", images, worst)
	return m
}

// TestAgainstRuntime compares every model of testdata, and the trained sample models where they are installed, with
// what onnxruntime returned for them.
func TestAgainstRuntime(t *testing.T) {
	dirs := []string{"../../testdata/onnx/models"}
	if extra := filepath.Join("..", "..", "..", "shared", "models"); exists(extra) {
		dirs = append(dirs, extra)
	} else {
		t.Logf("skipped: the trained sample models are not installed in %s", extra)
	}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.io.npz"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no models in %s: %v", dir, err)
		}
		for _, io := range files {
			model := strings.TrimSuffix(io, ".io.npz")
			t.Run(filepath.Base(model), func(t *testing.T) {
				compare(t, model+".onnx", io)
			})
		}
	}
}

// exists reports whether the file or folder is there.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
