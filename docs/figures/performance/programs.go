package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"spikec/docs/figures"
	"spikec/internal/simd"
	"spikec/runtime/bench"
)

// programs are the programs that are compared, freshly built.
type programs struct {
	root, scratch string
	spikec        string
	anchors       map[simd.Level]string // by the best instructions that each is compiled for
	without       string                // why there are no anchors
}

// targets are what the anchor is compiled for, by level.
var targets = map[simd.Level]string{simd.Scalar: "x86-64", simd.AVX2: "haswell", simd.AVX512: "native"}

// levels returns the levels of instructions that this machine has.
func levels() []simd.Level {
	var all []simd.Level
	for l := simd.Scalar; l <= simd.Available(); l++ {
		all = append(all, l)
	}
	return all
}

// build builds spikec, and the anchor where that is possible.
func (p *programs) build(ctx context.Context) error {
	var err error
	if p.spikec, err = figures.Spikec(ctx, p.root, p.scratch); err != nil {
		return err
	}
	p.anchors = map[simd.Level]string{}
	if p.without = p.noAnchor(); p.without != "" {
		fmt.Fprintln(os.Stderr, "performance: without the anchor:", p.without)
		return nil
	}
	for _, l := range levels() {
		p.anchors[l] = filepath.Join(p.scratch, "anchor-"+l.String())
		cc := exec.CommandContext(ctx, "cc", "-O3", "-march="+targets[l], filepath.Join(p.root, "bench", "anchor", "anchor.c"), "-o", p.anchors[l])
		cc.Stderr = os.Stderr
		if err := cc.Run(); err != nil {
			return fmt.Errorf("compiling the anchor for %s: %w", l, err)
		}
	}
	return nil
}

// noAnchor says why the anchor cannot be compiled, or "".
func (p *programs) noAnchor() string {
	if runtime.GOARCH != "amd64" {
		return "its engines are for amd64, this machine is " + runtime.GOARCH
	}
	if _, err := exec.LookPath("cc"); err != nil {
		return "there is no C compiler cc"
	}
	return ""
}

// anchor runs the anchor that is compiled for a level.
func (p *programs) anchor(ctx context.Context, l simd.Level, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, p.anchors[l], args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("anchor %s: %w", strings.Join(args, " "), err)
	}
	return string(out), nil
}

// anchorInput are the files that the anchor reads.
func (p *programs) anchorInput() []string {
	mnist := filepath.Join(p.root, "runtime", "dataset", "mnist")
	return []string{filepath.Join(p.root, "emulator", "anchor", "diehl_q.bin"), filepath.Join(mnist, "t10k-images-idx3-ubyte.gz"), filepath.Join(mnist, "t10k-labels-idx1-ubyte.gz")}
}

// bench runs spikec bench for one engine at a level of instructions.
func (p *programs) bench(ctx context.Context, l simd.Level, net, engine string, steps, images, jobs, repeat int) (*bench.Result, *bench.Row, error) {
	args := []string{"bench", "--net", net, "--engine", engine, "--steps", strconv.Itoa(steps), "--limit", strconv.Itoa(images),
		"--jobs", strconv.Itoa(jobs), "--repeat", strconv.Itoa(repeat), "--json", "--quiet"}
	cmd := exec.CommandContext(ctx, p.spikec, args...)
	cmd.Dir, cmd.Stderr, cmd.Env = p.scratch, os.Stderr, append(os.Environ(), simd.Variable+"="+l.String())
	out, err := cmd.Output()
	if err != nil {
		return nil, nil, fmt.Errorf("spikec %s: %w", strings.Join(args, " "), err)
	}
	r := &bench.Result{}
	if err := json.Unmarshal(out, r); err != nil {
		return nil, nil, fmt.Errorf("spikec %s: %w", strings.Join(args, " "), err)
	}
	if len(r.Rows) != 1 {
		return nil, nil, fmt.Errorf("spikec %s: %d rows", strings.Join(args, " "), len(r.Rows))
	}
	return r, &r.Rows[0], nil
}
