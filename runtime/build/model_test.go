package build

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"spikec/models/zoo"
)

func TestModels(t *testing.T) {
	z := zoo.All()[0]
	path := filepath.Join(t.TempDir(), z.Name+".onnx")
	if err := os.WriteFile(path, z.ONNX, 0o666); err != nil {
		t.Fatal(err)
	}
	file, err := ReadModel(path)
	if err != nil {
		t.Fatal(err)
	}
	bundled, err := BundledModel(z.Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []Model{file, bundled} {
		if m.Name != z.Name || m.SHA256 != z.Info.SHA256 || m.Graph.Parameters() == 0 {
			t.Errorf("model %s with digest %s, want %s with %s", m.Name, m.SHA256, z.Name, z.Info.SHA256)
		}
	}
	if _, err := BundledModel("none"); err == nil {
		t.Error("there is no such network")
	}
	if _, err := ReadModel(path + "x"); err == nil {
		t.Error("there is no such file")
	}
}

func TestOpenData(t *testing.T) {
	eval, calib, err := OpenData(context.Background(), "mnist", "", 25)
	if err != nil {
		t.Fatal(err)
	}
	if eval.Len() != 25 || calib.Len() != 1000 || eval.Spec != "mnist" {
		t.Errorf("%d images of %s, %d to calibrate with", eval.Len(), eval.Spec, calib.Len())
	}
	dir := t.TempDir()
	spec := writeSet(t, filepath.Join(dir, "eval.npz"), 60, 1, false, 0)
	if _, _, err := OpenData(context.Background(), spec, "", 0); err == nil {
		t.Error("an archive has no training part")
	}
	if _, _, err := OpenData(context.Background(), spec, spec, 0); err == nil {
		t.Error("the evaluation images were taken to calibrate with")
	}
}
