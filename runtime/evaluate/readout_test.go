package evaluate

import (
	"math/rand/v2"
	"slices"
	"testing"

	"spikec/emulator"
	"spikec/models/snn"
	"spikec/target/chip"
	"spikec/target/image"
)

// TestBothSidesDecideAlike holds the read-out of the simulators equal to that of the emulator, which may not know it: the same
// checkpoints, and on random runs the same decisions with their steps and ties.
func TestBothSidesDecideAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[emulator.Decision]bool{}
	for range 20000 {
		steps, classes := 1+r.IntN(20), 1+r.IntN(5)
		o := image.Output{Classes: classes, Readout: []string{image.Membrane, image.Count, image.FirstSpike}[r.IntN(3)], Delay: r.IntN(steps)}
		img, own := &image.Image{Steps: steps, Output: o}, snn.Readout{Kind: o.Readout, Delay: o.Delay}
		firing, p := []snn.Firing{snn.Plain, snn.Signed, snn.Staged}[r.IntN(3)], &chip.Profile{}
		if firing == snn.Staged {
			p.Execution.Stages = 2
		}
		at, decided := own.Checkpoints(steps, firing), own.Decided(steps, firing)
		if !slices.Equal(at, emulator.Checkpoints(img, p)) || !slices.Equal(decided, emulator.Decided(img, p)) {
			t.Fatalf("%+v, T = %d, %s: recorded after %v and %v, decided after %v and %v", own, steps, firing, at, emulator.Checkpoints(img, p), decided, emulator.Decided(img, p))
		}
		run := randomRun(r, at, classes, firing == snn.Signed)
		chip := &emulator.Result{Steps: run.Steps, Counts: run.Counts, Potentials: run.Potentials}
		for _, n := range decided {
			a, b := snn.Decide(own, run, n), emulator.Decide(&o, chip, n)
			if a != snn.Decision(b) {
				t.Fatalf("%+v after %d steps: %+v and %+v of counts %v, potentials %v at %v", own, n, a, b, run.Counts, run.Potentials, at)
			}
			seen[b] = true
		}
	}
	if len(seen) < 100 {
		t.Errorf("only %d decisions differ", len(seen))
	}
}

// randomRun is a run in which neurons seldom fire, and may take spikes back, with membranes of few values or of all.
func randomRun(r *rand.Rand, at []int, classes int, signed bool) *snn.Result[int32] {
	run := &snn.Result[int32]{Steps: at}
	counts, done, wide, rate := make([]int32, classes), 0, r.IntN(2) == 0, r.Float64()/2
	for _, n := range at {
		for ; done < n; done++ {
			for k := range counts {
				if r.Float64() < rate {
					counts[k]++
				} else if signed && counts[k] > 0 && r.Float64() < rate {
					counts[k]--
				}
			}
		}
		potentials := make([]int32, classes)
		for k := range potentials {
			if potentials[k] = r.Int32N(3) - 1; wide {
				potentials[k] = int32(r.Uint32())
			}
		}
		run.Counts, run.Potentials = append(run.Counts, slices.Clone(counts)), append(run.Potentials, potentials)
	}
	return run
}
