package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// release is a version of a program.
type release struct {
	name    string
	pkg     string // package of the program, which has a variable main.version
	version string
	date    time.Time
	out     string
	licence string            // of the program, as SPDX names it
	files   map[string]string // further files of the archives: name there, path here
}

// make writes the archives, the lists of their contents, and the file of digests.
func (r *release) make(ctx context.Context, platforms []string) error {
	if err := os.MkdirAll(r.out, 0o777); err != nil {
		return err
	}
	var made []string
	for _, platform := range platforms {
		system, arch, ok := strings.Cut(platform, "/")
		if !ok {
			return fmt.Errorf("platform %q: want OS/ARCH", platform)
		}
		names, err := r.platform(ctx, system, arch)
		if err != nil {
			return err
		}
		made = append(made, names...)
	}
	return r.digests(made)
}

// platform makes the archive of one platform and the list of its contents, and returns their names.
func (r *release) platform(ctx context.Context, system, arch string) ([]string, error) {
	dir, err := os.MkdirTemp("", "dist")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	program, pack, ending := r.name, tarGzip, ".tar.gz"
	if system == "windows" {
		program, pack, ending = r.name+".exe", zipped, ".zip"
	}
	path := filepath.Join(dir, program)
	env := []string{"CGO_ENABLED=0", "GOOS=" + system, "GOARCH=" + arch}
	if err := command(ctx, env, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid= -X main.version="+r.version, "-o", path, r.pkg); err != nil {
		return nil, err
	}
	stem := fmt.Sprintf("%s_%s_%s_%s", r.name, strings.TrimPrefix(r.version, "v"), system, arch)
	entries := []entry{{name: program, path: path, program: true}}
	for name, path := range r.files {
		entries = append(entries, entry{name: name, path: path})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	var archive bytes.Buffer
	if err := pack(&archive, stem, entries, r.date); err != nil {
		return nil, err
	}
	list, err := r.contents(stem, path)
	if err != nil {
		return nil, err
	}
	names := []string{stem + ending, stem + ".spdx.json"}
	for i, content := range [][]byte{archive.Bytes(), list} {
		if err := os.WriteFile(filepath.Join(r.out, names[i]), content, 0o666); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// digests writes SHA256SUMS, as sha256sum --check reads it.
func (r *release) digests(names []string) error {
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(r.out, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(content), name)
	}
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(b.String()), 0o666)
}
