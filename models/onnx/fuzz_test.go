package onnx

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"spikec/internal/diag"
	"spikec/models/ann"
)

// FuzzDecode checks that any bytes give either a valid graph that runs, or a list of diagnostics with an error in it.
func FuzzDecode(f *testing.F) {
	for _, pattern := range []string{"testdata/models/*.onnx", "testdata/refused/*.onnx"} {
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
	f.Add(oneNode(addW, "N", 3).with(wireExternal("w", 3, "location", "w.bin")).bytes())
	for _, c := range operatorCases() {
		f.Add(c.model())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Decode(data, "")
		if err != nil {
			var failure *diag.Failure
			if !errors.As(err, &failure) || !failure.List.HasErrors() {
				t.Fatalf("error %v of type %T", err, err)
			}
			return
		}
		if err := m.Graph.Validate(); err != nil {
			t.Fatal(err)
		}
		elements := 0
		for _, n := range m.Graph.Nodes {
			elements += n.Shape.Size()
		}
		if elements < 1e5 && m.Graph.MACs() < 1e7 {
			if _, err := ann.NewExecutor(m.Graph).Run(make([]float32, m.Graph.Nodes[0].Shape.Size())); err != nil {
				t.Fatal(err)
			}
		}
	})
}
