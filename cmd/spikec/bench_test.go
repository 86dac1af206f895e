package main

import (
	"bytes"
	"testing"

	"spikec/runtime/bench"
)

// TestBench measures a little of a network that is part of the program, and of a build.
func TestBench(t *testing.T) {
	p, args := built(t, "tiny.onnx")
	p.spikec(args...).exits(0)
	for _, c := range []struct {
		args  []string
		net   string
		steps int
	}{
		{nil, "anchor", 3},
		{[]string{"--net", "out"}, "tiny", 3},
	} {
		args := append([]string{"bench", "--steps", "3", "--limit", "2", "--repeat", "2", "--json", "--quiet"}, c.args...)
		r := document[bench.Result](t, p.spikec(args...).exits(0))
		if r.Schema != bench.Schema || r.Verified != 2 || len(r.Rows) != 2 {
			t.Errorf("%v: got %+v", c.args, r)
		}
		for _, row := range r.Rows {
			if row.Net != c.net || row.Steps != c.steps || row.Images != 2 || row.Threads != 1 || !(row.ImagesPerSecond > 0) || row.CPU == "" {
				t.Errorf("%v: got %+v", c.args, row)
			}
		}
	}
	p.spikec("bench", "--net", "out", "--engine", "fast", "--limit", "1", "--repeat", "1").exits(0).
		prints("the build in out, on MNIST test set", "NET ", "STEPS", "ENGINE", "THREADS", "IMAGES/S", "SOP/S", "CPU", "tiny", "fast").
		says("reference", "repetitions")
	p.spikec("bench", "--net", "nowhere").exits(1).complains("SPK-BENCH-002", "--net nowhere", "anchor, vgg9")
	p.write("out/manifest.json", "{}")
	p.spikec("bench", "--net", "out").exits(1).complains("SPK-FILE-001", "manifest.json")
}

// TestInstructionLevel checks that a level of instructions that does not exist is wrong usage, of every command.
func TestInstructionLevel(t *testing.T) {
	p := newPlace(t)
	for _, args := range [][]string{{"bench"}, {"version"}, {"targets"}, {"check", "out"}} {
		cmd := p.command(args...)
		cmd.Env = append(cmd.Env, "SPIKEC_SIMD=sse")
		var out, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &stderr
		_ = cmd.Run() // the exit code says it
		result{t: t, line: args[0], out: out.String(), err: stderr.String(), code: cmd.ProcessState.ExitCode()}.
			exits(2).complains(`SPIKEC_SIMD="sse": want one of scalar, avx2, avx512`, "see: spikec "+args[0]+" --help")
	}
}
