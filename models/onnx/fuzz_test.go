package onnx

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"spikec/internal/diag"
	"spikec/models/ann"
)

// checkDecoded checks what a reader of models may return: either a valid graph, which runs on an empty image, or a list of
// diagnostics with an error in it, each of them about something. Beside an error there may be a model in part.
func checkDecoded(t *testing.T, m *Model, err error) {
	t.Helper()
	if err != nil {
		var failure *diag.Failure
		if !errors.As(err, &failure) || !failure.List.HasErrors() {
			t.Fatalf("error %v of type %T", err, err)
		}
		if len(failure.List) > maxFindings+1 {
			t.Errorf("%d diagnostics", len(failure.List))
		}
		for _, d := range failure.List {
			if d.ID == "" || d.Subject == "" || d.Message == "" {
				t.Errorf("diagnostic %+v lacks an ID, a subject or a message", d)
			}
		}
		if m != nil && m.Graph != nil {
			Describe(m.Graph)
		}
		return
	}
	if err := m.Graph.Validate(); err != nil {
		t.Fatal(err)
	}
	Describe(m.Graph)
	if elements, work := sizeOf(m.Graph); elements < 1e5 && work < 1e7 {
		if _, err := ann.NewExecutor(m.Graph).Run(make([]float32, m.Graph.Nodes[0].Shape.Size())); err != nil {
			t.Fatal(err)
		}
	}
}

// sizeOf returns the elements of all tensors of a graph and about how many steps it takes to compute them, the taps of
// pools included.
func sizeOf(g *ann.Graph) (elements, work int64) {
	work = g.MACs()
	for _, n := range g.Nodes {
		elements += int64(n.Shape.Size())
		switch op := n.Op.(type) {
		case *ann.MaxPool:
			work += int64(op.Window.Kernel[0]) * int64(op.Window.Kernel[1]) * int64(n.Shape.Size())
		case *ann.AveragePool:
			work += int64(op.Window.Kernel[0]) * int64(op.Window.Kernel[1]) * int64(n.Shape.Size())
		}
	}
	return elements, work
}

// FuzzDecode checks that any bytes give either a valid graph that runs, or a list of diagnostics with an error in it.
func FuzzDecode(f *testing.F) {
	for _, pattern := range []string{"../../testdata/onnx/models/*.onnx", "../../testdata/onnx/refused/*.onnx"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	for _, c := range small() {
		f.Add(c.data)
	}
	f.Add(oneNode(addW, "N", 3).with(wireExternal("w", 3, "location", "w.bin")).bytes())
	for _, c := range operatorCases() {
		f.Add(c.model())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		// A file of a fuzzer is small; whatever takes so long on it does not end.
		watchdog := time.AfterFunc(time.Minute, func() { panic("the model is still being read") })
		defer watchdog.Stop()
		m, err := Options{}.decodeModel(data, "", "model")
		checkDecoded(t, m, err)
	})
}
