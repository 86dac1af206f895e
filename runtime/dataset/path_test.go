package dataset

import (
	"path/filepath"
	"testing"
)

// TestAbsolute holds that the path alone is changed, also behind what is done to the images.
func TestAbsolute(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	x := filepath.Join(dir, "x")
	for spec, want := range map[string]string{"mnist": "mnist", "npz:x": "npz:" + x, "npz:" + x: "npz:" + x, "nothing": "nothing",
		"downscale:2:cifar10:x": "downscale:2:cifar10:" + x, "crop:4x4:downscale:2:mnist": "crop:4x4:downscale:2:mnist"} {
		if got := Absolute(spec); got != want {
			t.Errorf("%s becomes %s, want %s", spec, got, want)
		}
	}
}
