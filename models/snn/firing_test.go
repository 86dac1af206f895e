package snn

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// seen runs a network and returns what population p did: spikes and membrane of neuron 0 at every step.
func seen(t *testing.T, n *Network, steps, p int, codes ...float32) string {
	t.Helper()
	var b strings.Builder
	_, err := loop(t, n, steps).Run(codes, 0, func(population, step int, fired []int32, v []float32) {
		if population == p {
			fmt.Fprintf(&b, "%d:%v %g; ", step, fired, v[0])
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestSignedByHand: the first source fires in every step and brings 0.75; the second one, which gets 0.25 + 0.25 a step,
// fires in steps 1, 3 and 5 and brings −2.
func TestSignedByHand(t *testing.T) {
	n := chain([]int{2, 2, 1}, []float32{1, 0, 0, 0.25}, []float32{0.75, -2})
	n.Initial, n.Firing = 0, Signed
	n.Populations[1].Bias = []float64{0, 0.25}
	// 0.75; 1.5 − 2 = −0.5: there is nothing to take back; 0.25; 1 − 2 = −1; −0.25; 0.5 − 2 = −1.5.
	want := "0:[] 0.75; 1:[] -0.5; 2:[] 0.25; 3:[] -1; 4:[] -0.25; 5:[] -1.5; "
	if got := seen(t, n, 6, 2, 1, 1); got != want {
		t.Errorf("without a spike before: got\n%s, want\n%s", got, want)
	}
	n.Populations[2].Bias = []float64{0.25}
	// 1.0 fires, 0; 1 − 2 = −1 is taken back, 0; 1 fires, 0; −1 is taken back, 0; and so on.
	want = "0:[0] 0; 1:[-1] 0; 2:[0] 0; 3:[-1] 0; 4:[0] 0; 5:[-1] 0; "
	if got := seen(t, n, 6, 2, 1, 1); got != want {
		t.Errorf("with spikes before: got\n%s, want\n%s", got, want)
	}
	r := present(t, loop(t, n, 6), 1, 1)
	if !slices.Equal(r.Counts[len(r.Counts)-1], []int32{0}) || r.Spikes[2] != 6 {
		t.Errorf("net count %v, %d spikes, want 0 of 6", r.Counts, r.Spikes[2])
	}
}

// TestNegativeSpikesSubtract: what a spike of −1 brings are the weights with their signs changed.
func TestNegativeSpikesSubtract(t *testing.T) {
	n := chain([]int{2, 2, 1, 1}, []float32{1, 0, 0, 0.25}, []float32{0.75, -2}, []float32{5})
	n.Initial, n.Firing = 0, Signed
	n.Populations[1].Bias, n.Populations[2].Bias = []float64{0, 0.25}, []float64{0.25}
	n.Populations[3].Neuron = Integrator
	if got, want := seen(t, n, 4, 3, 1, 1), "0:[] 5; 1:[] 0; 2:[] 5; 3:[] 0; "; got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	r := present(t, loop(t, n, 4), 1, 1)
	// Of 4 + 2 spikes of the sources each meets one weight, and so do the 4 of the neuron.
	if r.SynapticOperations != 4+2+4 {
		t.Errorf("%d synaptic operations, want 10", r.SynapticOperations)
	}
}

// TestStagedByHand: 0.5 from 0.25 is added in 3 steps before 1.75 fires once and leaves 0.75; the target gets its spike in
// the first of its own steps.
func TestStagedByHand(t *testing.T) {
	n := chain([]int{1, 1, 1}, []float32{0.5}, []float32{2.5})
	n.Initial, n.Firing = 0.25, Staged
	if got, want := seen(t, n, 3, 1, 1), "0:[] 0.75; 1:[] 1.25; 2:[] 1.75; 3:[0] 0.75; 4:[] 0.75; 5:[] 0.75; "; got != want {
		t.Errorf("the source: got\n%s, want\n%s", got, want)
	}
	if got, want := seen(t, n, 3, 2, 1), "0:[] 2.75; 1:[] 2.75; 2:[] 2.75; 3:[0] 1.75; 4:[0] 0.75; 5:[] 0.75; "; got != want {
		t.Errorf("the target: got\n%s, want\n%s", got, want)
	}
}

// TestStagedIsARectifierOfSteps: a network whose layers fire clip(⌊Σ + 1/2⌋, 0, T) times, computed layer by layer, has the
// same counts and membranes.
func TestStagedIsARectifierOfSteps(t *testing.T) {
	const steps = 4
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		weights := func(n int, unit float32) []float32 {
			w := make([]float32, n)
			for i := range w {
				w[i] = float32(r.IntN(17)-8) * unit
			}
			return w
		}
		first, second := weights(70*3, 1./64), weights(5*70, 1./16)
		n := chain([]int{3, 70, 5}, first, second)
		n.Firing = Staged
		codes := []float32{float32(r.IntN(16)), float32(r.IntN(16)), float32(r.IntN(16))}
		layer := func(w, x []float32, each float32) (counts []float32, rest []float32) {
			for o := range len(w) / len(x) {
				v := float32(0.5)
				for i, a := range x {
					v += w[o*len(x)+i] * a * each
				}
				k := float32(0)
				for ; k < steps && v >= 1; k++ {
					v--
				}
				counts, rest = append(counts, k), append(rest, v)
			}
			return counts, rest
		}
		hidden, _ := layer(first, codes, steps)
		counts, rest := layer(second, hidden, 1)
		got := present(t, loop(t, n, steps), codes...)
		if len(got.Steps) != 1 || got.Steps[0] != steps {
			t.Fatalf("checkpoints %v", got.Steps)
		}
		for o := range counts {
			if float32(got.Counts[0][o]) != counts[o] || got.Potentials[0][o] != rest[o] {
				t.Fatalf("neuron %d: %d spikes and %v, want %v and %v", o, got.Counts[0][o], got.Potentials[0][o], counts[o], rest[o])
			}
		}
	}
}

func TestFiringIsRefused(t *testing.T) {
	for _, c := range []struct {
		firing Firing
		reset  Reset
		want   string
	}{
		{Signed, Zero, `snn: signed neurons reset by subtraction, not by "zero"`},
		{Staged, Zero, `snn: staged neurons reset by subtraction, not by "zero"`},
		{"bursting", Subtract, `snn: no neurons fire "bursting": want signed, staged or nothing`},
	} {
		n := chain([]int{1, 1}, []float32{1})
		n.Firing, n.Reset = c.firing, c.reset
		if _, err := NewSimulator(n, 1); err == nil || err.Error() != c.want {
			t.Errorf("%s by %s: %v, want %s", c.firing, c.reset, err, c.want)
		}
	}
	if s := (&Network{Firing: Staged, Reset: Subtract}).String(); !strings.Contains(s, "firing=staged") {
		t.Errorf("printed as %q", s)
	}
}
