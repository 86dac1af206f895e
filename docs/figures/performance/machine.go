package main

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"spikec/internal/simd"
)

// machine describes what everything is measured on.
func machine(ctx context.Context, p *programs, _ options) (string, error) {
	r, row, err := p.bench(ctx, simd.Available(), "anchor", "fast", 8, 1, 1, 1)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("%s, %d processors, instructions up to %s; %s/%s, %s", row.CPU, r.Processors, simd.Available(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	if p.without == "" {
		var clock string
		err := pinned(func() (err error) {
			clock, err = p.anchor(ctx, simd.Scalar, "-clock")
			return err
		})
		if err != nil {
			return "", err
		}
		compiler, err := exec.CommandContext(ctx, "cc", "--version").Output()
		if err != nil {
			return "", err
		}
		first, _, _ := strings.Cut(string(compiler), "\n")
		text += fmt.Sprintf("; %s; clock %s GHz, found by additions that wait for each other", first, strings.TrimSpace(strings.TrimPrefix(clock, "GHz=")))
	}
	if r.LoadAverage > 0 {
		text += fmt.Sprintf("; load average at the start %.2f", r.LoadAverage)
	}
	return fmt.Sprintf("%s. Measured on %s.\n", text, time.Now().Format("2 January 2006")), nil
}
