package dataset

import (
	"path/filepath"
	"testing"
)

func TestAbsolute(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for spec, want := range map[string]string{"mnist": "mnist", "npz:x.npz": "npz:" + filepath.Join(dir, "x.npz"), "npz:" + dir: "npz:" + dir,
		"downscale:2:mnist": "downscale:2:mnist", "downscale:2:crop:22x22:mnist:x": "downscale:2:crop:22x22:mnist:" + filepath.Join(dir, "x"), "what:x": "what:x"} {
		if got := Absolute(spec); got != want {
			t.Errorf("%s becomes %s, want %s", spec, got, want)
		}
	}
}
