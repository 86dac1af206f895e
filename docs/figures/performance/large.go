package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"spikec/internal/simd"
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

// large measures a network with the fast engine: at every level on one processor, in turns, and at the best level on all.
func (p *programs) large(ctx context.Context, o options, net string, images int) (string, error) {
	if o.quick {
		images = 1
	}
	all := levels()
	fastest := make([]measured, len(all)+1)
	err := pinned(func() error {
		for range largeTurns {
			for i, l := range all {
				if err := fastest[i].turn(ctx, p, l, net, images, 1); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	last := len(all)
	if err := fastest[last].turn(ctx, p, all[last-1], net, images, runtime.NumCPU()); err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| instructions | threads | images/s | SOP/s | clock | images | peak memory of the process, MB | load average |\n|---|---:|---:|---:|---|---:|---:|---:|\n")
	for _, m := range fastest {
		fmt.Fprintf(&b, "| %s | %d | %s | %.3g G | %s | %d | %.0f | %.2f |\n", m.Instructions, m.Threads, rate(m.ImagesPerSecond), m.SOPsPerSecond/1e9,
			m.Clock, m.Images, float64(m.result.PeakMemory)/1e6, m.result.LoadAverage)
	}
	fmt.Fprintf(&b, "\n%s, T = %d: %s\n", fastest[last].Net, fastest[last].Steps, workText(fastest[last].Row))
	return b.String(), nil
}

// Turns of large networks, whose set-up takes long, and what a turn does.
const (
	largeTurns  = 3
	largeSteps  = 32
	largeRepeat = 2
)

// measured is the fastest of some turns.
type measured struct {
	*bench.Row
	result *bench.Result
}

// turn measures once more, and keeps what was faster.
func (m *measured) turn(ctx context.Context, p *programs, l simd.Level, net string, images, jobs int) error {
	r, row, err := p.bench(ctx, l, net, engine, largeSteps, images, jobs, largeRepeat)
	if err != nil {
		return err
	}
	if m.Row == nil || row.Min < m.Min {
		m.Row, m.result = row, r
	}
	return nil
}
