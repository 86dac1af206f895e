package output

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/internal/diag"
)

// never is a folder that may not be replaced.
func never(string) error { return errors.New("it is the user's own") }

// always is a folder that may be replaced.
func always(string) error { return nil }

// tree lists everything below dir.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if rel, _ := filepath.Rel(dir, path); rel != "." {
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// wants fails unless err is a failure of the given ID.
func wants(t *testing.T, err error, id string) {
	t.Helper()
	var f *diag.Failure
	if !errors.As(err, &f) || f.List[0].ID != id {
		t.Fatalf("got error %v, want %s", err, id)
	}
}

func TestFolderAppearsWhole(t *testing.T) {
	dir := t.TempDir()
	f, err := NewFolder(filepath.Join(dir, "a", "b", "out"), never)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write("x", []byte("1")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"in/y", "in/z"} {
		if err := f.Write(name, []byte("2")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "a", "b", "out")); err == nil {
		t.Error("the folder is there before it is complete")
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	f.Discard() // does nothing any more
	if got := tree(t, dir); !slices.Equal(got, []string{"a", "a/b", "a/b/out", "a/b/out/in", "a/b/out/in/y", "a/b/out/in/z", "a/b/out/x"}) {
		t.Errorf("got %v", got)
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	f, err := NewFolder(filepath.Join(dir, "a", "b", "out"), never)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write("x", []byte("1")); err != nil {
		t.Fatal(err)
	}
	f.Discard()
	if got := tree(t, dir); len(got) > 0 {
		t.Errorf("left behind: %v", got)
	}
}

func TestReplacement(t *testing.T) {
	for _, c := range []struct {
		name  string
		setup func(out string)
		keep  func(string) error
		id    string
	}{
		{"an empty folder", func(out string) { os.Mkdir(out, 0o777) }, never, ""},
		{"a folder that may go", func(out string) { put(t, filepath.Join(out, "old"), "0") }, always, ""},
		{"a folder that may not", func(out string) { put(t, filepath.Join(out, "old"), "0") }, never, idOccupied},
		{"a file", func(out string) { put(t, out, "0") }, always, idOccupied},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			out := filepath.Join(dir, "out")
			c.setup(out)
			before := tree(t, dir)
			f, err := NewFolder(out, c.keep)
			if c.id != "" {
				wants(t, err, c.id)
				if got := tree(t, dir); !slices.Equal(got, before) {
					t.Errorf("the refusal changed %v to %v", before, got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Write("new", []byte("1")); err != nil {
				t.Fatal(err)
			}
			if err := f.Commit(); err != nil {
				t.Fatal(err)
			}
			if got := tree(t, out); !slices.Equal(got, []string{"new"}) {
				t.Errorf("got %v", got)
			}
			if i := slices.IndexFunc(tree(t, dir), func(n string) bool { return strings.Contains(n, ".old-") || strings.Contains(n, ".tmp-") }); i >= 0 {
				t.Errorf("left beside it: %v", tree(t, dir))
			}
		})
	}
}

func TestCommitLooksAgain(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	f, err := NewFolder(out, never)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Discard()
	put(t, filepath.Join(out, "meanwhile"), "0")
	wants(t, f.Commit(), idOccupied)
	if got := tree(t, out); !slices.Equal(got, []string{"meanwhile"}) {
		t.Errorf("got %v", got)
	}
}

func TestFolderBelowAFile(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "f"), "0")
	_, err := NewFolder(filepath.Join(dir, "f", "out"), never)
	wants(t, err, idUnwritable)
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	for _, s := range []string{"one", "two"} {
		if err := WriteFile(path, text(s)); err != nil {
			t.Fatal(err)
		}
	}
	broken := errors.New("broken")
	err := WriteFile(path, func(w io.Writer) error { _, _ = io.WriteString(w, "half"); return broken })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "two" {
		t.Errorf("the file holds %q", got)
	}
	wants(t, WriteFile(dir, text("x")), idOccupied)
	wants(t, WriteFile(filepath.Join(dir, "none", "x"), text("x")), idUnwritable)
	if got := tree(t, dir); !slices.Equal(got, []string{"x"}) {
		t.Errorf("got %v", got)
	}
}
