package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/runtime/build"
	"spikec/runtime/ladder"
)

// TestExitCode checks what each kind of error means to a script.
func TestExitCode(t *testing.T) {
	var wrong diag.List
	wrong.Errorf("SPK-TEST-001", "x", "is wrong")
	missed, difference := &ladder.Missed{Reasons: []string{"low"}}, &build.Difference{Detail: "here"}
	ended, end := context.WithCancel(t.Context())
	end()
	for _, c := range []struct {
		name    string
		ctx     context.Context
		err     error
		started bool
		want    int
	}{
		{"done", t.Context(), nil, true, exitDone},
		{"done in spite of a late signal", ended, nil, true, exitDone},
		{"stopped on request", t.Context(), fmt.Errorf("x: %w", errStopped), true, exitDone},
		{"diagnostics", t.Context(), errors.Join(wrong.Err(), errors.New("more")), true, exitBadInput},
		{"any error", t.Context(), errors.New("x"), true, exitBadInput},
		{"before the command ran", t.Context(), errors.New("unknown flag"), false, exitBadUsage},
		{"a wrong configuration file", t.Context(), wrong.Err(), false, exitBadInput},
		{"gates", t.Context(), errors.Join(missed, missed), true, exitGateMissed},
		{"a difference", t.Context(), fmt.Errorf("x: %w", difference), true, exitDifference},
		{"a signal", ended, context.Canceled, true, exitInterrupted},
	} {
		if got := exitCode(c.ctx, c.err, c.started); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

// TestDifference forges a manifest that records other counts than the files give: exit code 4.
func TestDifference(t *testing.T) {
	p, args := built(t, "tiny.onnx")
	p.spikec(args...).exits(0)
	path := filepath.Join(p.path("out"), "manifest.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var m build.Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	forged := strings.Replace(string(text), m.Expected.CountsSHA256, strings.Repeat("0", 64), 1)
	empty := strings.Replace(forged, m.SHA256, "", 1)
	digest := sha256.Sum256([]byte(empty))
	forged = strings.Replace(forged, m.SHA256, hex.EncodeToString(digest[:]), 1)
	if err := os.WriteFile(path, []byte(forged), 0o644); err != nil {
		t.Fatal(err)
	}
	p.spikec("check", "out", "--quiet").exits(4).complains("recorded", strings.Repeat("0", 64))
}

// TestStreams checks that all of standard error is JSON where that is asked for, diagnostics of a build too, and that --quiet leaves
// nothing there but what is asked for.
func TestStreams(t *testing.T) {
	p, args := built(t, "tiny.onnx", "--timing", "--dump-after", "zero-bias", "--log-format", "json")
	args = slices.DeleteFunc(args, func(a string) bool { return a == "--quiet" })
	objects := func(r result) {
		t.Helper()
		for line := range strings.Lines(r.err) {
			if !json.Valid([]byte(line)) || line[0] != '{' {
				t.Errorf("%s: got %q", r.line, line)
			}
		}
	}
	r := p.spikec(args...).exits(0).says(`"stage":"convert/refit"`, `"pass":"zero-bias"`, `"msg":"done"`)
	objects(r)
	objects(p.spikec("build", "--frobnicate", "--log-format", "json").exits(2).complains("--frobnicate"))
	objects(p.spikec("check", "out", "--limit", "x", "--log-format=json").exits(2).complains("--limit"))
	if r := p.spikec(append(args[:1:1], "tiny.onnx", "--target", "generic8", "--data", "mnist", "--limit", "20", "--steps", "4", "--out", "out", "--quiet")...).exits(0); r.err != "" {
		t.Errorf("with --quiet: %q", r.err)
	}
}

// TestFindingsOfABuild checks that they are part of the table, without those that ask for nothing where it is to be quiet, and go to
// standard error where logs are JSON.
func TestFindingsOfABuild(t *testing.T) {
	p := newPlace(t)
	model, err := filepath.Abs("../../models/zoo/mnist_cnn_bnmax.onnx")
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"build", model}, strings.Fields("--target generic8 --data mnist --limit 20 --steps 2 --disable refit,rate-refit --out out")...)
	const info, warning = "info SPK-CONV-002", "warning SPK-DIAG-001"
	p.spikec(args...).exits(0).prints(info, warning)
	r := p.spikec(append(args, "--quiet")...).exits(0).prints(warning)
	if r.err != "" || strings.Contains(r.out, info) {
		t.Errorf("with --quiet: %q and %q", r.err, r.out)
	}
	r = p.spikec(append(args, "--quiet", "--log-format", "json")...).exits(0).says(`{"id":"SPK-DIAG-001","severity":"warning"`)
	if strings.Contains(r.out, "SPK-DIAG") || strings.Contains(r.err, "SPK-CONV-002") {
		t.Errorf("with logs of JSON: %q and %q", r.err, r.out)
	}
}

// TestMessagesAsJSON checks that diagnostics are JSON, one a line, where that is asked for.
func TestMessagesAsJSON(t *testing.T) {
	p := newPlace(t)
	p.copy("unsupported.onnx")
	r := p.spikec("run", "unsupported.onnx", "--input", "x.npz", "--output", "y.npz", "--log-format", "json").exits(1).complains()
	for line := range strings.Lines(r.err) {
		var d diag.Diagnostic
		if err := json.Unmarshal([]byte(line), &d); err != nil || d.ID != "SPK-ONNX-050" || d.Severity != diag.Error {
			t.Errorf("got %q: %+v, %v", line, d, err)
		}
	}
	if n := strings.Count(r.err, "\n"); n != 2 {
		t.Errorf("got %d lines, want 2", n)
	}
}
