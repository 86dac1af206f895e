package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"spikec/internal/simd"
)

// engine is the engine that is looked at more closely, at the best level of instructions.
const engine = "fast"

// threads measures how wall-clock speed grows with goroutines; they take turns, unpinned.
func threads(ctx context.Context, p *programs, o options) (string, error) {
	images := manyImages
	if o.quick {
		images = fewImages
	}
	var jobs []int
	for n := 1; n <= runtime.NumCPU(); n *= 2 {
		jobs = append(jobs, n)
	}
	least, load := make([]float64, len(jobs)), make([]float64, len(jobs))
	for range o.rounds {
		for i, n := range jobs {
			r, row, err := p.bench(ctx, simd.Available(), "anchor", engine, 32, images, n, 1)
			if err != nil {
				return "", err
			}
			if least[i] == 0 || row.MinWall < least[i] {
				least[i], load[i] = row.MinWall, r.LoadAverage
			}
		}
	}
	var b strings.Builder
	b.WriteString("| goroutines | images/s, wall clock | times one | load average then |\n|---:|---:|---:|---:|\n")
	for i, n := range jobs {
		fmt.Fprintf(&b, "| %d | %s | %.2f | %.2f |\n", n, rate(1/least[i]), least[0]/least[i], load[i])
	}
	if most := float64(jobs[len(jobs)-1] + 1); slices.Max(load) > most {
		fmt.Fprintf(&b, "\nNot a measurement of scaling: with a load average above %.0f the machine had other work to do.\n", most)
	}
	return b.String(), nil
}

// steps measures how the time of an image grows with its steps, beside the anchor's engine that is best at T = 32.
func steps(ctx context.Context, p *programs, o options) (string, error) {
	all, err := p.competitors(ctx, o)
	if err != nil {
		return "", err
	}
	var some []*competitor
	for _, c := range all {
		if c.level == simd.Available() && (c.program == "anchor" || c.engine == engine) {
			some = append(some, c)
		}
	}
	var b strings.Builder
	b.WriteString("| T | µs an image, spikec | a step | µs an image, anchor's best | a step | its engine | ratio |\n|---:|---:|---:|---:|---:|---|---:|\n")
	for _, n := range []int{8, 16, 32, 64, 128} {
		for _, c := range some {
			c.seconds = nil
		}
		if err := takeTurns(ctx, some, n, o.rounds); err != nil {
			return "", err
		}
		mine, its := best(some, "spikec", simd.Available()).min(), best(some, "anchor", simd.Available())
		fmt.Fprintf(&b, "| %d | %s | %.3g | ", n, micro(mine), 1e6*mine/float64(n))
		if its == nil {
			b.WriteString("– | – | – | – |\n")
			continue
		}
		fmt.Fprintf(&b, "%s | %.3g | %s | %.2f |\n", micro(its.min()), 1e6*its.min()/float64(n), its.engine, mine/its.min())
	}
	return b.String(), nil
}

// images measures how time and memory grow with the number of images, on one processor.
func images(ctx context.Context, p *programs, o options) (string, error) {
	numbers := []int{32, 100, 1000, 10000}
	if o.quick {
		numbers = numbers[:2]
	}
	var b strings.Builder
	b.WriteString("| images | µs an image | bytes allocated an image | peak memory of the process, MB |\n|---:|---:|---:|---:|\n")
	err := pinned(func() error {
		for _, n := range numbers {
			r, row, err := p.bench(ctx, simd.Available(), "anchor", engine, 32, n, 1, o.rounds)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "| %d | %s | %.3g | %.1f |\n", n, micro(row.Min), row.AllocatedBytes, float64(r.PeakMemory)/1e6)
		}
		return nil
	})
	return b.String(), err
}
