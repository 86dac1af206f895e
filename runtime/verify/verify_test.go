package verify

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/runtime/progress"
)

// passes fails unless all of so many recorded cases pass.
func passes(t *testing.T, chip, path string, want int) {
	t.Helper()
	r, err := Run(t.Context(), chip, []string{path}, progress.None)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Cases {
		if !c.Passed {
			t.Errorf("%s: %s", c.Name, *c.Difference)
		}
	}
	if r.Passed != want || r.Failed != 0 || r.Err() != nil {
		t.Errorf("%d passed, %d failed, want %d passed", r.Passed, r.Failed, want)
	}
}

// packed writes files as a .tar.gz and returns its path.
func packed(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	a := tar.NewWriter(z)
	for name, text := range files {
		if err := errors.Join(a.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}), write(a, text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(a.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cases.tar.gz")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func write(a *tar.Writer, text string) error {
	_, err := a.Write([]byte(text))
	return err
}

// TestFiles opens the same tree as a folder and as an archive.
func TestFiles(t *testing.T) {
	tree := map[string]string{"a/one.json": "1", "a/b/two.txt": "2", "three.txt": "3"}
	folder := t.TempDir()
	for name, text := range tree {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{folder, packed(t, tree)} {
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"a/b/two.txt", "a/one.json", "three.txt"}; !slices.Equal(f.Names(), want) {
			t.Errorf("%s holds %v, want %v", path, f.Names(), want)
		}
		for name, text := range tree {
			if got, err := f.Read(name); err != nil || string(got) != text {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
		if got := f.Folders("two.txt"); !slices.Equal(got, []string{"a/b"}) {
			t.Errorf("folders with two.txt: %v", got)
		}
		if _, err := f.Read("four.txt"); err == nil || !strings.Contains(err.Error(), "four.txt is missing") {
			t.Errorf("a file that is not there: %v", err)
		}
	}
}

// TestPackedJSON: a .json.gz is seen as the .json in it, named itself or found in a folder.
func TestPackedJSON(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(`{"x": 1}`)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	file := filepath.Join(folder, "case.json.gz")
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{folder, file} {
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.Read("case.json"); err != nil || string(got) != `{"x": 1}` {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
}

// TestRunRefuses: what cannot be verified is refused by name, all paths at once.
func TestRunRefuses(t *testing.T) {
	empty := t.TempDir()
	text := filepath.Join(empty, "text")
	broken := filepath.Join(empty, "broken.tar.gz")
	if err := errors.Join(os.WriteFile(text, nil, 0o644), os.WriteFile(broken, []byte("no archive"), 0o644)); err != nil {
		t.Fatal(err)
	}
	cut, err := os.ReadFile("testdata/loihi1.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(empty, "half.tar.gz")
	if err := os.WriteFile(half, cut[:len(cut)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		chip  string
		paths []string
		want  []string
	}{
		{"loihi9", []string{empty}, []string{"error SPK-VERIFY-004 loihi9: no recordings of such a chip are known"}},
		{"loihi1", []string{filepath.Join(empty, "none"), text, broken, half}, []string{"there is no such file or folder", "is no folder, .tar.gz", "is no gzip file", "half.tar.gz: loihi1_008.json: unexpected EOF"}},
		{"loihi1", []string{packed(t, map[string]string{"readme": "x"})}, []string{"SPK-VERIFY-002", "holds no recorded answers of loihi1"}},
		{"loihi1", []string{packed(t, map[string]string{"loihi1_1.json": "{", "loihi1_2.json": `{"compartments": 1000000000}`})},
			[]string{"loihi1_1: cannot be run: unexpected end of JSON input", "loihi1_2: cannot be run: 0 inputs, 1000000000 compartments"}},
	} {
		_, err := Run(t.Context(), c.chip, c.paths, progress.None)
		var failure *diag.Failure
		if !errors.As(err, &failure) {
			t.Errorf("%s %v: %v", c.chip, c.paths, err)
			continue
		}
		text := ""
		for _, d := range failure.List {
			text += d.String() + "\n"
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: got\n%swant %s", c.chip, text, want)
			}
		}
	}
}

// TestRunStops: the end of the context is its error.
func TestRunStops(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Run(ctx, "loihi1", []string{"testdata/loihi1.tar.gz"}, progress.None); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
