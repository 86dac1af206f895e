package output

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestApart(t *testing.T) {
	dir := t.TempDir()
	in, build := filepath.Join(dir, "in.npz"), filepath.Join(dir, "build")
	if err := os.WriteFile(in, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(build, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.npz")
	if err := os.Symlink(in, link); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, c := range []struct {
		name    string
		outputs []string
		want    string // "" = allowed
	}{
		{"two files", []string{at("y.npz"), at("t.npz")}, ""},
		{"no trace", []string{at("y.npz"), ""}, ""},
		{"a folder with a like name", []string{at("build.npz")}, ""},
		{"the input", []string{in}, "is also what is read"},
		{"the input by a link", []string{link}, "is also what is read"},
		{"twice", []string{at("y.npz"), filepath.Join(build, "..", "y.npz")}, "written twice"},
		{"within the build", []string{filepath.Join(build, "y.npz")}, "lies within"},
		{"no folder", []string{at("none/y.npz")}, "its folder does not exist"},
	} {
		err := Apart(c.outputs, []string{in}, []string{build})
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	err := Apart([]string{in, at("none/t.npz")}, []string{in}, nil)
	if err == nil || !strings.Contains(err.Error(), "is also what is read") || !strings.Contains(err.Error(), "its folder does not exist") {
		t.Errorf("of two outputs: %v", err)
	}
}

func TestFolderRefusesTheWorkingDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := NewFolder(".", func(string) error { return nil }); err == nil || !strings.Contains(err.Error(), "working directory") {
		t.Errorf("got %v", err)
	}
}

// TestMakeParent makes folders, but none where nothing may be made.
func TestMakeParent(t *testing.T) {
	dir := t.TempDir()
	kept := filepath.Join(dir, "kept")
	if err := os.Mkdir(kept, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := MakeParent(filepath.Join(dir, "a", "b", "x"), []string{kept}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a", "b")); err != nil {
		t.Error(err)
	}
	if err := MakeParent(filepath.Join(kept, "a", "x"), []string{kept}); err == nil {
		t.Error("a folder was made where nothing may be made")
	}
	if entries, err := os.ReadDir(kept); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v", entries, err)
	}
}
