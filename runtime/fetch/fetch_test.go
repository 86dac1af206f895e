package fetch

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/runtime/dataset"
)

// file describes content.
func file(name, content string) File {
	h := sha256.Sum256([]byte(content))
	return File{name, int64(len(content)), hex.EncodeToString(h[:])}
}

// put writes files into a folder.
func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		if err := errors.Join(os.MkdirAll(dir, 0o777), os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
}

// want checks the diagnostics of an error by their IDs and subjects.
func want(t *testing.T, err error, ids ...string) {
	t.Helper()
	var f *diag.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got error %v, want a failure", err)
	}
	var got []string
	for _, d := range f.List {
		got = append(got, d.ID+" "+filepath.Base(d.Subject))
	}
	if !slices.Equal(got, ids) {
		t.Errorf("got %q, want %q:\n%v", got, ids, err)
	}
}

// two is a set of two files, published one by one.
func two() *Set {
	return &Set{Name: "two", Spec: "mnist:DIR", URL: "http://127.0.0.1:1", Files: []File{file("a", "first"), file("b", "second")}}
}

// TestGet takes the files from a server and from a folder, and nothing where they are there.
func TestGet(t *testing.T) {
	dir := t.TempDir()
	mirror := filepath.Join(dir, "mirror")
	put(t, mirror, map[string]string{"a": "first", "b": "second"})
	asked := 0
	files := http.FileServer(http.Dir(mirror))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked++; files.ServeHTTP(w, r) }))
	defer server.Close()
	for i, from := range []string{server.URL, server.URL + "/", mirror} {
		out := filepath.Join(dir, "above", string(rune('a'+i)))
		r, err := two().Get(context.Background(), Request{Mirror: from, Out: out})
		if err != nil {
			t.Fatal(err)
		}
		if r.From != from || r.Spec != "mnist:"+out || r.Folder != out {
			t.Errorf("got %+v", r)
		}
		for name, content := range map[string]string{"a": "first", "b": "second"} {
			if got, err := os.ReadFile(filepath.Join(out, name)); string(got) != content {
				t.Errorf("%s is %q, %v", name, got, err)
			}
		}
		before := asked
		if r, err = two().Get(context.Background(), Request{Mirror: from, Out: out}); err != nil || r.From != "" || asked != before {
			t.Errorf("again: %+v, %v, %d questions", r, err, asked-before)
		}
	}
}

// TestGetRefuses wants every file that is wrong by name, and nothing left.
func TestGetRefuses(t *testing.T) {
	dir := t.TempDir()
	out, mirror := filepath.Join(dir, "out"), filepath.Join(dir, "mirror")
	put(t, mirror, map[string]string{"a": "fIrst"})
	_, err := two().Get(context.Background(), Request{Mirror: mirror, Out: out})
	want(t, err, "SPK-FETCH-003 a", "SPK-FETCH-002 b")
	put(t, mirror, map[string]string{"a": "first!", "b": "sec"})
	server := httptest.NewServer(http.FileServer(http.Dir(mirror)))
	defer server.Close()
	_, err = two().Get(context.Background(), Request{Mirror: server.URL, Out: out})
	want(t, err, "SPK-FETCH-003 a", "SPK-FETCH-003 b")
	_, err = two().Get(context.Background(), Request{Mirror: server.URL + "/nowhere", Out: out})
	want(t, err, "SPK-FETCH-002 a", "SPK-FETCH-002 b")
	_, err = two().Get(context.Background(), Request{Out: out}) // nobody listens there
	want(t, err, "SPK-FETCH-002 a", "SPK-FETCH-002 b")
	put(t, out, map[string]string{"mine": "x"})
	_, err = two().Get(context.Background(), Request{Mirror: mirror, Out: out})
	want(t, err, "SPK-OUT-002 out")
	ended, end := context.WithCancel(context.Background())
	end()
	if _, err := two().Get(ended, Request{Mirror: server.URL, Out: filepath.Join(dir, "late")}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// TestArchive takes files out of an archive, or from a folder where they are unpacked already.
func TestArchive(t *testing.T) {
	pack := func(names ...string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		w := tar.NewWriter(z)
		for _, name := range names {
			content := strings.TrimPrefix(filepath.Base(name), "x-")
			if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o644}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(content)); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(w.Close(), z.Close()); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	set := func(archive string) *Set {
		return &Set{Name: "packed", Spec: "cifar10:DIR", Files: []File{file("one", "one"), file("two", "two")}, Archive: &Packed{file("all.tar.gz", archive), "in"}}
	}
	dir := t.TempDir()
	for i, mirror := range []map[string]string{{"all.tar.gz": pack("readme", "in/two", "../one", "./in/one")}, {"one": "one", "two": "two"}} {
		from, out := filepath.Join(dir, "from", string(rune('a'+i))), filepath.Join(dir, string(rune('a'+i)))
		put(t, from, mirror)
		if _, err := set(mirror["all.tar.gz"]).Get(context.Background(), Request{Mirror: from, Out: out}); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(out)
		if err != nil || len(entries) != 2 || entries[0].Name() != "one" || entries[1].Name() != "two" {
			t.Errorf("got %v, %v", entries, err)
		}
	}
	from := filepath.Join(dir, "from", "c")
	lacking := pack("in/one", "in/x-two")
	put(t, from, map[string]string{"all.tar.gz": lacking})
	_, err := set(lacking).Get(context.Background(), Request{Mirror: from, Out: filepath.Join(dir, "c")})
	want(t, err, "SPK-FETCH-003 all.tar.gz")
	put(t, from, map[string]string{"all.tar.gz": "no archive"})
	_, err = set("no archive").Get(context.Background(), Request{Mirror: from, Out: filepath.Join(dir, "c")})
	want(t, err, "SPK-FETCH-003 all.tar.gz")
}

// TestSets holds the table to what a reader needs: digests that are some, terms, and a data spec that the program knows.
func TestSets(t *testing.T) {
	known := map[string]bool{}
	for _, s := range dataset.Sources() {
		for _, form := range s.Forms {
			known[form] = true
		}
	}
	digest := regexp.MustCompile(`^[0-9a-f]{64}$`)
	for _, s := range Sets {
		if got, err := Find(s.Name); err != nil || got.Name != s.Name {
			t.Errorf("%s is not found: %v", s.Name, err)
		}
		if !known[s.Spec] || s.About == "" || s.Origin == "" || s.Page == "" || s.Licence == "" || strings.HasSuffix(s.URL, "/") {
			t.Errorf("%s: %+v", s.Name, s)
		}
		files := s.Files
		if s.Archive != nil {
			files = append(slices.Clone(files), s.Archive.File)
		}
		for _, f := range files {
			if !digest.MatchString(f.SHA256) || f.Size <= 0 || f.Name != filepath.Base(f.Name) {
				t.Errorf("%s: %+v", s.Name, f)
			}
		}
	}
	_, err := Find("fashion-mnits")
	want(t, err, "SPK-FETCH-001 fashion-mnits")
	if !strings.Contains(err.Error(), "fashion-mnist?") {
		t.Errorf("got %v", err)
	}
}
