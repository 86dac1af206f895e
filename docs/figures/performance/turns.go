package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spikec/emulator"
	"spikec/emulator/anchor"
	"spikec/internal/simd"
	"spikec/runtime/bench"
)

// Images of a turn: both have golden hashes.
const (
	fewImages  = 32 // for engines that are slow
	manyImages = 1024
)

// competitor is one engine of one program at one level of instructions.
type competitor struct {
	program, engine string
	level           simd.Level
	images          int
	turn            func(ctx context.Context, c *competitor, steps int) (seconds float64, hash string, err error)
	seconds         []float64  // of each turn, an image
	row             *bench.Row // of the last turn, of spikec only
	load            float64    // average then
}

// min and median are seconds an image.
func (c *competitor) min() float64 { return slices.Min(c.seconds) }
func (c *competitor) median() float64 {
	return slices.Sorted(slices.Values(c.seconds))[len(c.seconds)/2]
}

// competitors lists all engines of both programs.
func (p *programs) competitors(ctx context.Context, o options) ([]*competitor, error) {
	many := manyImages
	if o.quick {
		many = fewImages
	}
	var all []*competitor
	for _, l := range levels() {
		if p.without == "" {
			list, err := p.anchor(ctx, l, "-list")
			if err != nil {
				return nil, err
			}
			for line := range strings.Lines(list) {
				fields := strings.Split(line, "\t")
				if fields[1] != l.String() {
					continue // it is measured where it is the best that the compiler may use
				}
				c := &competitor{program: "anchor", engine: fields[0], level: l, images: many, turn: p.anchorTurn}
				if l == simd.Scalar {
					c.images = fewImages
				}
				all = append(all, c)
			}
		}
		for _, engine := range emulator.Names() {
			switch {
			case engine == "auto":
			case engine != "reference":
				all = append(all, &competitor{program: "spikec", engine: engine, level: l, images: many, turn: p.spikecTurn})
			case l == simd.Scalar: // it uses no vectors
				all = append(all, &competitor{program: "spikec", engine: engine, level: l, images: fewImages, turn: p.spikecTurn})
			}
		}
	}
	return all, nil
}

// anchorTurn lets an engine of the anchor take a turn.
func (p *programs) anchorTurn(ctx context.Context, c *competitor, steps int) (float64, string, error) {
	args := append(p.anchorInput(), "-n", strconv.Itoa(c.images), "-steps", strconv.Itoa(steps), "-engine", c.engine, "-reps", "1")
	out, err := p.anchor(ctx, c.level, args...)
	if err != nil {
		return 0, "", err
	}
	values := map[string]string{}
	for _, word := range strings.Fields(out) {
		name, value, _ := strings.Cut(word, "=")
		values[name] = value
	}
	seconds, err := strconv.ParseFloat(values["seconds"], 64)
	return seconds / float64(c.images), values["hash"], err
}

// spikecTurn lets an engine of spikec take a turn.
func (p *programs) spikecTurn(ctx context.Context, c *competitor, steps int) (float64, string, error) {
	r, row, err := p.bench(ctx, c.level, "anchor", c.engine, steps, c.images, 1, 1)
	if err != nil {
		return 0, "", err
	}
	c.row, c.load = row, r.LoadAverage
	return row.Min, row.Hash, nil
}

// takeTurns lets all of them run round by round on one processor, and checks every answer.
func takeTurns(ctx context.Context, all []*competitor, steps, rounds int) error {
	return pinned(func() error {
		for range rounds {
			for _, c := range all {
				seconds, hash, err := c.turn(ctx, c, steps)
				if err != nil {
					return err
				}
				if want := anchor.Golden[c.images][steps]; hash != want {
					return fmt.Errorf("%s %s at %s, %d images, T = %d: hash %s, want %s", c.program, c.engine, c.level, c.images, steps, hash, want)
				}
				c.seconds = append(c.seconds, seconds)
			}
		}
		return nil
	})
}

// best returns the fastest of a program's engines at a level; the anchor's may also be those of lower levels. It is nil
// where there is none.
func best(all []*competitor, program string, l simd.Level) *competitor {
	var fastest *competitor
	for _, c := range all {
		if c.program == program && (c.level == l || program == "anchor" && c.level < l) && (fastest == nil || c.min() < fastest.min()) {
			fastest = c
		}
	}
	return fastest
}
