package emulator_test

import (
	"slices"
	"testing"

	"spikec/emulator"
	"spikec/target/chip"
	"spikec/target/image"
)

func TestCheckpoints(t *testing.T) {
	for _, c := range []struct {
		steps, stages   int
		output          image.Output
		decided, record []int
	}{
		{1, 1, image.Output{Readout: image.Count}, []int{1}, []int{1}},
		{8, 1, image.Output{Readout: image.Membrane}, []int{2, 4, 8}, []int{2, 4, 8}},
		{9, 1, image.Output{Readout: image.Count}, []int{2, 4, 8, 9}, []int{2, 4, 8, 9}},
		{9, 1, image.Output{Readout: image.Count, Delay: 4}, []int{8, 9}, []int{4, 8, 9}},
		{9, 1, image.Output{Readout: image.Membrane, Delay: 3}, []int{4, 8, 9}, []int{3, 4, 8, 9}},
		{9, 1, image.Output{Readout: image.Membrane, Delay: 8}, []int{9}, []int{8, 9}},
		{5, 1, image.Output{Readout: image.FirstSpike}, []int{2, 4, 5}, []int{1, 2, 3, 4, 5}},
		{5, 1, image.Output{Readout: image.FirstSpike, Delay: 2}, []int{4, 5}, []int{2, 3, 4, 5}},
		{4, 1, image.Output{Readout: image.Count, EarlyExit: image.ExitExact}, []int{2, 4}, []int{1, 2, 3, 4}},
		{9, 2, image.Output{Readout: image.Membrane}, []int{9}, []int{9}},
		{4, 2, image.Output{Readout: image.FirstSpike}, []int{4}, []int{1, 2, 3, 4}},
	} {
		img := &image.Image{Steps: c.steps, Output: c.output}
		p := &chip.Profile{Execution: chip.Execution{Stages: c.stages}}
		if d, r := emulator.Decided(img, p), emulator.Checkpoints(img, p); !slices.Equal(d, c.decided) || !slices.Equal(r, c.record) {
			t.Errorf("T = %d, %d stages, %+v: decided after %v, recorded after %v", c.steps, c.stages, c.output, d, r)
		}
	}
}

// TestDecideUnseen: membranes that nobody sees decide nothing.
func TestDecideUnseen(t *testing.T) {
	type rows = [][]int32
	for _, c := range []struct {
		readout            string
		counts, potentials rows
		want               emulator.Decision
	}{
		{"count", rows{{0, 0, 0}, {2, 3, 3}}, rows{{0, 0, 0}, {9, 1, 5}}, emulator.Decision{Class: 1, Step: 2, Tied: true}},
		{"first-spike", rows{{0, 0, 0}, {0, 1, 1}}, rows{{0, 0, 0}, {9, 1, 5}}, emulator.Decision{Class: 1, Step: 2, Tied: true}},
		{"first-spike", rows{{0, 0}, {0, 0}}, rows{{0, 0}, {1, 5}}, emulator.Decision{Class: 0, Step: 2, Tied: true}},
	} {
		r := &emulator.Result{Steps: []int{1, 2}, Counts: c.counts, Potentials: c.potentials}
		o := &image.Output{Readout: c.readout, Classes: len(c.counts[0]), SpikesOnly: true}
		if got := emulator.Decide(o, r, 2); got != c.want {
			t.Errorf("%s, counts %v, potentials %v: %+v, want %+v", c.readout, c.counts, c.potentials, got, c.want)
		}
	}
}

// TestDecide: decisions and ties by hand. Counts and potentials are those after each of the steps.
func TestDecide(t *testing.T) {
	type rows = [][]int32
	for _, c := range []struct {
		readout            string
		delay              int
		steps              []int
		counts, potentials rows
		want               emulator.Decision
	}{
		{"count", 0, []int{8}, rows{{1, 3, 2}}, rows{{9, 0, 9}}, emulator.Decision{Class: 1, Step: 8}},
		{"count", 0, []int{8}, rows{{3, 1, 3}}, rows{{4, 9, 5}}, emulator.Decision{Class: 2, Step: 8, Tied: true}},
		{"count", 0, []int{8}, rows{{3, 3, 3}}, rows{{5, 5, 4}}, emulator.Decision{Class: 0, Step: 8, Tied: true}},
		{"count", 0, []int{8}, rows{{0, 0}}, rows{{-5, -4}}, emulator.Decision{Class: 1, Step: 8, Tied: true}},
		{"count", 0, []int{8}, rows{{2, 2, 4, 4, 5}}, rows{{9, 9, 1, 2, 0}}, emulator.Decision{Class: 4, Step: 8}},
		{"membrane", 0, []int{8}, rows{{0, 9, 0}}, rows{{-3, -7, -2}}, emulator.Decision{Class: 2, Step: 8}},
		{"membrane", 0, []int{8}, rows{{0, 9, 0}}, rows{{4, 4, 4}}, emulator.Decision{Class: 0, Step: 8}},
		// From step 4 on class 1 has two spikes and class 2 one; by the membrane class 0 gained most.
		{"count", 4, []int{4, 8}, rows{{9, 1, 2}, {9, 3, 3}}, rows{{0, 0, 9}, {2, 0, 9}}, emulator.Decision{Class: 1, Step: 8}},
		{"count", 4, []int{4, 8}, rows{{9, 1, 2}, {9, 2, 3}}, rows{{0, 0, 9}, {9, 3, 4}}, emulator.Decision{Class: 2, Step: 8, Tied: true}},
		{"membrane", 4, []int{4, 8}, rows{{0, 0, 0}, {0, 0, 0}}, rows{{-9, 0, 9}, {2, 0, 9}}, emulator.Decision{Class: 0, Step: 8}},
		// The difference of two membranes may need 33 bits.
		{"membrane", 4, []int{4, 8}, rows{{0, 0}, {0, 0}}, rows{{-1 << 31, 0}, {1<<31 - 1, 1}}, emulator.Decision{Class: 0, Step: 8}},
		{"first-spike", 0, []int{1, 2, 3}, rows{{0, 0, 0}, {0, 0, 1}, {1, 0, 2}}, rows{{9, 9, 9}, {8, 8, 0}, {9, 9, 9}}, emulator.Decision{Class: 2, Step: 2}},
		{"first-spike", 0, []int{1, 2, 3}, rows{{0, 0, 0}, {1, 1, 1}, {1, 1, 2}}, rows{{9, 0, 0}, {1, 5, 5}, {9, 0, 0}}, emulator.Decision{Class: 1, Step: 2, Tied: true}},
		{"first-spike", 0, []int{1, 2, 3}, rows{{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}, rows{{9, 0, 0}, {9, 0, 0}, {1, 7, 7}}, emulator.Decision{Class: 1, Step: 3, Tied: true}},
		{"first-spike", 1, []int{1, 2, 3}, rows{{5, 0, 0}, {5, 0, 0}, {5, 1, 0}}, rows{{9, 0, 0}, {9, 0, 0}, {9, 7, 7}}, emulator.Decision{Class: 1, Step: 3}},
		// What class 0 had at the delay is taken back: no spike is there since, and the higher membrane decides.
		{"first-spike", 1, []int{1, 2, 3}, rows{{2, 0}, {1, 0}, {2, 0}}, rows{{0, 0}, {0, 0}, {7, 5}}, emulator.Decision{Class: 0, Step: 3, Tied: true}},
		{"first-spike", 1, []int{1, 2, 3}, rows{{2, 0}, {1, 0}, {0, 0}}, rows{{0, 0}, {0, 0}, {7, 5}}, emulator.Decision{Class: 0, Step: 3, Tied: true}},
		// Step 3 only makes up for what was taken back; step 4 brings the first count above that of the delay.
		{"first-spike", 1, []int{1, 2, 3, 4, 5}, rows{{2, 0}, {1, 0}, {2, 0}, {2, 1}, {3, 1}}, rows{{0, 0}, {0, 0}, {0, 0}, {9, 5}, {9, 0}}, emulator.Decision{Class: 1, Step: 4}},
	} {
		r := &emulator.Result{Steps: c.steps, Counts: c.counts, Potentials: c.potentials}
		o := &image.Output{Readout: c.readout, Delay: c.delay}
		if got := emulator.Decide(o, r, c.steps[len(c.steps)-1]); got != c.want {
			t.Errorf("%s from %d on, counts %v, potentials %v: %+v, want %+v", c.readout, c.delay, c.counts, c.potentials, got, c.want)
		}
	}
}
