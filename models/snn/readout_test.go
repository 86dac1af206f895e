package snn

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestReadoutCheckpoints(t *testing.T) {
	for _, c := range []struct {
		readout         Readout
		steps           int
		firing          Firing
		decided, record []int
	}{
		{Readout{}, 1, Plain, []int{1}, []int{1}},
		{Readout{Kind: Count}, 2, Plain, []int{2}, []int{2}},
		{Readout{Kind: Membrane}, 3, Plain, []int{2, 3}, []int{2, 3}},
		{Readout{Kind: Count}, 9, Plain, []int{2, 4, 8, 9}, []int{2, 4, 8, 9}},
		{Readout{Kind: Count, Delay: 4}, 9, Plain, []int{8, 9}, []int{4, 8, 9}},
		{Readout{Kind: Membrane, Delay: 3}, 8, Plain, []int{4, 8}, []int{3, 4, 8}},
		{Readout{Kind: FirstSpike}, 4, Plain, []int{2, 4}, []int{1, 2, 3, 4}},
		{Readout{Kind: FirstSpike, Delay: 2}, 5, Plain, []int{4, 5}, []int{2, 3, 4, 5}},
		{Readout{Kind: Count}, 9, Signed, []int{2, 4, 8, 9}, []int{2, 4, 8, 9}},
		{Readout{Kind: Membrane}, 9, Staged, []int{9}, []int{9}},
		{Readout{Kind: FirstSpike}, 4, Staged, []int{4}, []int{1, 2, 3, 4}},
	} {
		if d, r := c.readout.Decided(c.steps, c.firing), c.readout.Checkpoints(c.steps, c.firing); !slices.Equal(d, c.decided) || !slices.Equal(r, c.record) {
			t.Errorf("%+v, T = %d, %q: decided after %v, recorded after %v", c.readout, c.steps, c.firing, d, r)
		}
	}
}

// TestDecide: decisions and ties by hand. Counts and potentials are those after each of the steps.
func TestDecide(t *testing.T) {
	type rows = [][]int32
	for _, c := range []struct {
		readout            Readout
		steps              []int
		counts, potentials rows
		want               Decision
	}{
		{Readout{Kind: Count, Delay: 0}, []int{4}, rows{{1, 3, 2}}, rows{{9, 0, 9}}, Decision{1, 4, false}},
		{Readout{Kind: Count, Delay: 0}, []int{4}, rows{{3, 3, 3}}, rows{{1, 5, 2}}, Decision{1, 4, true}}, // the membrane breaks the tie
		{Readout{Kind: Count, Delay: 0}, []int{4}, rows{{0, 3, 3}}, rows{{9, 4, 4}}, Decision{1, 4, true}}, // then the lower class
		{Readout{Kind: Count, Delay: 0}, []int{4}, rows{{0, 0, 0}}, rows{{-3, -2, -2}}, Decision{1, 4, true}},
		{Readout{Kind: Count, Delay: 0}, []int{4}, rows{{2, 2, 4, 4, 5}}, rows{{9, 9, 1, 2, 0}}, Decision{4, 4, false}},
		{Readout{Kind: Membrane, Delay: 0}, []int{4}, rows{{9, 0, 0}}, rows{{-5, -1, -1}}, Decision{1, 4, false}}, // counts do not matter
		{Readout{Kind: Membrane, Delay: 0}, []int{4}, rows{{0, 0}}, rows{{7, 7}}, Decision{0, 4, false}},
		{Readout{Kind: Count, Delay: 2}, []int{2, 4}, rows{{2, 0}, {2, 1}}, rows{{0, 0}, {9, 0}}, Decision{1, 4, false}},
		{Readout{Kind: Count, Delay: 2}, []int{2, 4}, rows{{2, 0}, {3, 1}}, rows{{0, 9}, {1, 0}}, Decision{0, 4, true}},
		{Readout{Kind: Membrane, Delay: 2}, []int{2, 4}, rows{{0, 0}, {0, 0}}, rows{{5, -1 << 31}, {9, 1<<31 - 1}}, Decision{1, 4, false}},
		{Readout{Kind: FirstSpike, Delay: 0}, []int{1, 2}, rows{{0, 1}, {1, 1}}, rows{{0, 0}, {5, 0}}, Decision{1, 1, false}},
		{Readout{Kind: FirstSpike, Delay: 1}, []int{1, 2}, rows{{0, 1}, {1, 2}}, rows{{0, 9}, {5, 5}}, Decision{0, 2, true}},
		{Readout{Kind: FirstSpike, Delay: 0}, []int{1, 2}, rows{{0, 0}, {0, 0}}, rows{{5, 0}, {0, 5}}, Decision{1, 2, true}}, // nobody fired
		// Membranes that nobody sees decide nothing.
		{Readout{Kind: Count, SpikesOnly: true}, []int{4}, rows{{2, 3, 3}}, rows{{9, 1, 5}}, Decision{1, 4, true}},
		{Readout{Kind: FirstSpike, SpikesOnly: true}, []int{1, 2}, rows{{0, 0, 0}, {0, 1, 1}}, rows{{0, 0, 0}, {9, 1, 5}}, Decision{1, 2, true}},
		{Readout{Kind: FirstSpike, SpikesOnly: true}, []int{1, 2}, rows{{0, 0}, {0, 0}}, rows{{0, 0}, {1, 5}}, Decision{0, 2, true}},
	} {
		run := &Result[int32]{Steps: c.steps, Counts: c.counts, Potentials: c.potentials}
		if got := Decide(c.readout, run, c.steps[len(c.steps)-1]); got != c.want {
			t.Errorf("%+v of %v, %v: %+v, want %+v", c.readout, c.counts, c.potentials, got, c.want)
		}
	}
}

// TestFirstSpikeIsTheFirst compares with the spikes that an observer sees.
func TestFirstSpikeIsTheFirst(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for picture := range 50 {
		n := randomNetwork(r)
		n.Populations[n.Output()].Neuron, n.Readout = IF, Readout{Kind: FirstSpike, Delay: r.IntN(5)}
		first := -1
		run, err := loop(t, n, 16).Run(randomCodes(n, r), picture, func(p, step int, fired []int32, _ []float32) {
			if p == n.Output() && len(fired) > 0 && step >= n.Readout.Delay && first < 0 {
				first = step + 1
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if first < 0 {
			first = 16
		}
		if got := Decide(n.Readout, run, 16); got.Step != first {
			t.Errorf("decided after %d steps, the first spike is in step %d", got.Step, first)
		}
	}
}
