package bench

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"spikec/emulator"
	"spikec/runtime/build"
	"spikec/runtime/progress"
)

// verifier holds what the reference engine answers to the first pictures.
type verifier struct {
	net     *network
	engine  emulator.Engine // the reference engine
	answers []*emulator.Result
}

// verifyTime is how long a verifier goes on to get answers; it has one at least.
const verifyTime = time.Second

// newVerifier asks the reference engine.
func newVerifier(ctx context.Context, net *network, p progress.Reporter) (*verifier, error) {
	e, err := newEngine("reference", net, p)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	v := &verifier{net: net, engine: e}
	task := p.Start("answers of the reference engine", len(net.pictures))
	defer task.Done()
	s, began := e.NewSession(), time.Now()
	for i, picture := range net.pictures {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		r, err := s.Run(picture, i)
		if err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
		v.answers = append(v.answers, clone(r))
		task.Add(1)
		if time.Since(began) > verifyTime {
			task.Enough()
			break
		}
	}
	return v, nil
}

// verify compares the answers of an engine at all checkpoints, and the work that it counted.
func (v *verifier) verify(e emulator.Engine) error {
	s := e.NewSession()
	for i, want := range v.answers {
		got, err := s.Run(v.net.pictures[i], i)
		if err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		for _, part := range []struct {
			name      string
			want, got any
		}{{"counts", want.Counts, got.Counts}, {"potentials", want.Potentials, got.Potentials}, {"counters", want.Counters, got.Counters}} {
			if !reflect.DeepEqual(part.want, part.got) {
				return &build.Difference{Between: [2]string{"reference", e.Name()}, Image: i, Step: -1, Detail: fmt.Sprintf("%s %v, %v", part.name, part.want, part.got)}
			}
		}
	}
	return nil
}

// clone copies a result, which the session's next run would overwrite.
func clone(r *emulator.Result) *emulator.Result {
	c := *r
	c.Counts, c.Potentials = rows(r.Counts), rows(r.Potentials)
	k := &c.Counters
	k.Cores, k.Spikes, k.Saturations = slices.Clone(k.Cores), slices.Clone(k.Spikes), slices.Clone(k.Saturations)
	return &c
}

// rows copies rows of numbers.
func rows(x [][]int32) [][]int32 {
	y := make([][]int32, len(x))
	for i := range x {
		y[i] = slices.Clone(x[i])
	}
	return y
}
