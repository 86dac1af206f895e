package main

import (
	"bytes"
	"os"
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
		prints("the build in out, on MNIST test set", "NET ", "STEPS", "ENGINE", "THREADS", "IMAGES/S", "SOP/S", "MS AN IMAGE (LEAST)", "CPU", "tiny", "fast",
			"verified: 1 of 1 image (as many").
		says("msg=done stage=\"answers of the reference engine\"", "msg=done stage=\"warm-up of fast\"", "msg=done stage=repetitions")
	p.spikec("bench", "--net", "out", "--limit", "1000", "--repeat", "1", "--quiet").exits(0).prints("info SPK-BENCH-004 --limit 1000: only 20 images are there")
	p.spikec("bench", "--net", "nowhere").exits(1).complains("SPK-BENCH-002", "--net nowhere", "give anchor, vgg9, or the folder of a build")
	p.spikec("bench", "--net", "tiny.onnx").exits(1).complains("tiny.onnx: is a file", "build it first: spikec build tiny.onnx")
	if err := os.Mkdir(p.path("other"), 0o755); err != nil {
		t.Fatal(err)
	}
	p.spikec("bench", "--net", "other").exits(1).complains("other: is no build: it has no manifest.json")
	p.spikec("check", "nowhere").exits(1).complains("nowhere: there is no such folder")
	p.spikec("convert", "tiny.onnx", "--data", "mnist", "--limit", "2", "--out", "cv").exits(0)
	p.spikec("bench", "--net", "cv").exits(1).complains("cv: was written by spikec convert", "spikec build writes what is needed here")
	p.write("spikec.yaml", "engine: auto\n")
	if r := document[bench.Result](t, p.spikec("bench", "--net", "out", "--limit", "1", "--repeat", "1", "--json", "--quiet").exits(0)); len(r.Rows) != 2 {
		t.Errorf("auto measures %d engines", len(r.Rows))
	}
	p.write("out/manifest.json", "{}")
	p.spikec("bench", "--net", "out").exits(1).complains("SPK-FILE-001", "manifest.json")
}

// TestInstructionLevel checks that a level of instructions that does not exist is wrong usage, of every command that computes.
func TestInstructionLevel(t *testing.T) {
	p := newPlace(t)
	run := func(args ...string) result {
		cmd := p.command(args...)
		cmd.Env = append(cmd.Env, "SPIKEC_SIMD=sse")
		var out, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &stderr
		_ = cmd.Run() // the exit code says it
		return result{t: t, line: args[0], out: out.String(), err: stderr.String(), code: cmd.ProcessState.ExitCode()}
	}
	for _, args := range [][]string{{"bench"}, {"targets"}, {"check", "out"}} {
		run(args...).exits(2).complains(`SPIKEC_SIMD="sse": want one of scalar, avx2, avx512; the environment is described in spikec --help`)
	}
	for _, args := range [][]string{{"version"}, {"completion", "bash"}, {"help", "bench"}, {"--help"}, {"__complete", "ch"}} {
		run(args...).exits(0)
	}
	run("--help").prints("Environment:", "SPIKEC_SIMD=scalar, avx2 or avx512")
}
