package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"spikec/runtime/bench"
)

// vgg9 measures the larger network at every level of instructions.
func vgg9(ctx context.Context, p *programs, o options) (string, error) {
	return p.large(ctx, o, "vgg9", 8)
}

// cifar10 builds a network for CIFAR-10, and measures that.
func cifar10(ctx context.Context, p *programs, o options) (string, error) {
	args := append([]string{"build", o.model, "--target", "generic8", "--data", "cifar10:" + o.cifar, "--limit", "200", "--out", p.scratch + "/cifar10", "--quiet"}, o.build...)
	cmd := exec.CommandContext(ctx, p.spikec, args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("spikec %s: %w", strings.Join(args, " "), err)
	}
	return p.large(ctx, o, "cifar10", 32)
}

// large measures a network with the fast engine, on one processor, and on all of them at the best level.
func (p *programs) large(ctx context.Context, o options, net string, images int) (string, error) {
	const steps = 32
	if o.quick {
		images = 1
	}
	var b strings.Builder
	b.WriteString("| instructions | threads | images/s | SOP/s | clock | images | peak memory of the process, MB |\n|---|---:|---:|---:|---|---:|---:|\n")
	line := func(r *bench.Result, row *bench.Row) {
		fmt.Fprintf(&b, "| %s | %d | %s | %.3g G | %s | %d | %.0f |\n", row.Instructions, row.Threads, rate(row.ImagesPerSecond), row.SOPsPerSecond/1e9, row.Clock, row.Images, float64(r.PeakMemory)/1e6)
	}
	var last *bench.Row
	err := pinned(func() error {
		for _, l := range levels() {
			r, row, err := p.bench(ctx, l, net, engine, steps, images, 1, o.rounds)
			if err != nil {
				return err
			}
			line(r, row)
			last = row
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	all := levels()
	r, row, err := p.bench(ctx, all[len(all)-1], net, engine, steps, images, runtime.NumCPU(), o.rounds)
	if err != nil {
		return "", err
	}
	line(r, row)
	fmt.Fprintf(&b, "\n%s, T = %d: %s\n", last.Net, last.Steps, workText(last))
	return b.String(), nil
}
