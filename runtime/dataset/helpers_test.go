package dataset

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write puts a file into dir, with the folders it needs, and returns its path.
func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// pack is content as gzip.
func pack(t testing.TB, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// idx is an IDX file with the given magic, sizes and data.
func idx(magic uint32, sizes []uint32, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, magic)
	for _, size := range sizes {
		out = binary.BigEndian.AppendUint32(out, size)
	}
	return append(out, data...)
}

// counting is n bytes 0, 1, 2, …, wrapping.
func counting(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i)
	}
	return out
}

// open opens a spec that must be good.
func open(t *testing.T, spec string) *Set {
	t.Helper()
	set, err := Open(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if set.Spec != spec {
		t.Errorf("Spec is %q, want %q", set.Spec, spec)
	}
	return set
}

// refused checks that err is there and contains every part.
func refused(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
}

// openRefused opens a spec that must be refused.
func openRefused(t *testing.T, spec string, parts ...string) {
	t.Helper()
	_, err := Open(context.Background(), spec)
	refused(t, err, append(parts, "error SPK-DATA-0")...)
}
