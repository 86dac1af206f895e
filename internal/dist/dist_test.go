package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRelease publishes a small program twice: the same bytes, everything in the archives, digests that are right, and a list
// with every package in a relationship.
func TestRelease(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, "go.mod", "module example.org/small\n\ngo 1.26.0\n")
	put(t, "main.go", "package main\n\nvar version string\n\nfunc main() { println(version) }\n")
	put(t, "LICENSE", "free\n")
	var first map[string]string
	for _, out := range []string{"a", "b"} {
		r := release{name: "small", pkg: ".", version: "v1.2.3", date: time.Unix(1e9, 0).UTC(), out: out, licence: "MIT",
			files: map[string]string{"LICENSE": "LICENSE", "doc/x": "go.mod"}}
		if err := r.make(context.Background(), []string{"linux/amd64"}); err != nil {
			t.Fatal(err)
		}
		got := folder(t, out)
		if first == nil {
			first = got
		}
		for name, content := range got {
			if first[name] != content {
				t.Errorf("%s differs the second time", name)
			}
		}
	}
	for line := range strings.Lines(first["SHA256SUMS"]) {
		digest, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if got := fmt.Sprintf("%x", sha256.Sum256([]byte(first[name]))); got != digest {
			t.Errorf("%s has SHA-256 %s, listed is %s", name, got, digest)
		}
	}
	if n := strings.Count(first["SHA256SUMS"], "\n"); n != 2 || len(first) != 3 {
		t.Errorf("%d digests of %d files", n, len(first))
	}
	const stem = "small_1.2.3_linux_amd64"
	want := []string{stem + "/LICENSE 0644", stem + "/doc/x 0644", stem + "/small 0755"}
	if got := inTar(t, first[stem+".tar.gz"]); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	var list spdxDocument
	if err := json.Unmarshal([]byte(first[stem+".spdx.json"]), &list); err != nil {
		t.Fatal(err)
	}
	related := map[string]bool{}
	for _, r := range list.Relationships {
		related[r.Related] = true
	}
	if list.Version != "SPDX-2.3" || list.Creation.Created != "2001-09-09T01:46:40Z" || len(list.Packages) != 2 || list.Packages[0].Version != "v1.2.3" || list.Packages[1].Name != "std" {
		t.Errorf("got %+v", list)
	}
	for _, p := range list.Packages {
		if !related[p.ID] {
			t.Errorf("%s is in no relationship", p.ID)
		}
	}
}

// TestZipped reads an archive for Windows again.
func TestZipped(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, "small.exe", "program")
	var b bytes.Buffer
	if err := zipped(&b, "small", []entry{{"small.exe", "small.exe", true}}, time.Unix(1e9, 0).UTC()); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	f := z.File[0]
	if len(z.File) != 1 || f.Name != "small/small.exe" || f.Mode() != 0o755 || !f.Modified.Equal(time.Unix(1e9, 0)) || f.UncompressedSize64 != 7 {
		t.Errorf("got %+v", f.FileHeader)
	}
}

// TestModule holds that identifiers have no characters that SPDX does not allow.
func TestModule(t *testing.T) {
	p := module("example.org/a_b/v2", "v2.0.0+incompatible", unknown, "h1:x")
	if p.ID != "SPDXRef-module-example.org-a-b-v2-v2.0.0-incompatible" || p.Comment != "go.sum: h1:x" ||
		p.External[0].Locator != "pkg:golang/example.org/a_b/v2@v2.0.0+incompatible" {
		t.Errorf("got %+v", p)
	}
}

// TestPlatforms refuses what is no platform.
func TestPlatforms(t *testing.T) {
	r := release{name: "x", pkg: ".", out: t.TempDir()}
	if err := r.make(context.Background(), []string{"linux"}); err == nil {
		t.Error("linux was taken")
	}
}

// put writes a file.
func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// folder reads all files of a folder.
func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(content)
	}
	return files
}

// inTar lists names and modes in an archive.
func inTar(t *testing.T, archive string) []string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader([]byte(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%s %04o", h.Name, h.Mode))
	}
}
