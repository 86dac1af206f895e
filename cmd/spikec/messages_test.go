package main

import (
	"strings"
	"testing"

	"spikec/internal/diag"
)

// TestTogether: findings that differ in their subjects alone are printed as one, and as JSON one by one.
func TestTogether(t *testing.T) {
	var l diag.List
	for _, name := range []string{"a", "b", "c", "d"} {
		l.Errorf("SPK-X-001", name, "its file is missing")
	}
	l.Errorf("SPK-X-001", "e", "another file is missing")
	l.Warnf("SPK-X-002", "a", "odd")
	l.Warnf("SPK-X-002", "b", "odd")
	var b strings.Builder
	messages{w: &b}.list(l)
	if want := "error SPK-X-001 a, b, c, d: its file is missing\nerror SPK-X-001 e: another file is missing\nwarning SPK-X-002 a, b: odd\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	b.Reset()
	messages{w: &b, json: true}.list(l)
	if n := strings.Count(b.String(), "\n"); n != len(l) {
		t.Errorf("%d lines of JSON, want %d", n, len(l))
	}
}
