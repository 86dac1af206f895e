package evaluate

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/snn"
)

// dyadic returns n weights that are multiples of 1/64, so that float32 sums of them are exact.
func dyadic(r *rand.Rand, n int) []float32 {
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(r.IntN(65)-32) / 64
	}
	return w
}

// readoutOf is the plain read-out of output neurons.
func readoutOf(output snn.Neuron) snn.Readout {
	if output == snn.Integrator {
		return snn.Readout{Kind: snn.Membrane}
	}
	return snn.Readout{Kind: snn.Count}
}

// network is a random network with 2x3x2 codes, a layer of 3 channels and 4 classes.
func network(r *rand.Rand, output snn.Neuron, reset snn.Reset) *snn.Network {
	first := dyadic(r, 3*2*2*2)
	for i := range first {
		first[i] /= 64
	}
	return &snn.Network{Name: "test", Steps: 20, Reset: reset, Initial: 0.5, Readout: readoutOf(output),
		Populations: []snn.Population{
			{Name: "input", Shape: [3]int{2, 3, 2}, Neuron: snn.Input},
			{Name: "hidden", Shape: [3]int{3, 2, 1}, Neuron: snn.IF},
			{Name: "output", Shape: [3]int{4, 1, 1}, Neuron: output},
		},
		Projections: []snn.Projection{
			{Source: 0, Target: 1, Groups: 1, Weight: first, Window: window.Window2d{Kernel: [2]int{2, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}},
			{Source: 1, Target: 2, Groups: 1, Weight: dyadic(r, 4*3*2), Window: window.Window2d{Kernel: [2]int{2, 1}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}},
		}}
}

// pictures fills in random codes that depend on the image alone.
func pictures(i int, dst []float32) {
	r := rand.New(rand.NewPCG(2, uint64(i)))
	for k := range dst {
		dst[k] = float32(r.IntN(256))
	}
}

// decisions are those of a classifier on n images: at the last checkpoint, and by the other read-out.
func decisions(t *testing.T, c Classifier, n int) (own, other []int32) {
	t.Helper()
	w, a := c.NewWorker(), newAnswer(c.Info())
	for i := range n {
		if err := w.Answer(i, a); err != nil {
			t.Fatal(err)
		}
		own = append(own, a.Decisions[len(a.Decisions)-1])
		if len(a.Readouts) > 1 {
			other = append(other, a.Readouts[1])
		}
	}
	return own, other
}

// TestOtherReadout wants the read-out that a network does not have to be that of the network that has it.
func TestOtherReadout(t *testing.T) {
	for seed := range uint64(10) {
		for _, kind := range []struct {
			reset  snn.Reset
			firing snn.Firing
		}{{snn.Subtract, snn.Plain}, {snn.Zero, snn.Plain}, {snn.Subtract, snn.Signed}, {snn.Subtract, snn.Staged}} {
			reset := kind.reset
			of := func(output snn.Neuron) *snn.Network {
				n := network(rand.New(rand.NewPCG(1, seed)), output, reset)
				n.Firing = kind.firing
				if n.Firing != snn.Staged {
					n.Readout.Delay = int(seed%3) * 5
				}
				return n
			}
			member, err := NewSpiking(of(snn.Integrator), pictures)
			if err != nil {
				t.Fatal(err)
			}
			firing, err := NewSpiking(of(snn.IF), pictures)
			if err != nil {
				t.Fatal(err)
			}
			membrane, count := decisions(t, member, 50)
			ownCount, ownMembrane := decisions(t, firing, 50)
			if !slices.Equal(count, ownCount) {
				t.Errorf("seed %d, %+v: count read-out\n%v, want\n%v", seed, kind, count, ownCount)
			}
			if reset == snn.Zero {
				if len(ownMembrane) > 0 {
					t.Error("a membrane that was set to zero has forgotten what it accumulated")
				}
			} else if !slices.Equal(ownMembrane, membrane) {
				t.Errorf("seed %d, %+v: membrane read-out\n%v, want\n%v", seed, kind, ownMembrane, membrane)
			}
		}
	}
}

// TestCheckpointsOfSpiking wants the checkpoints, and spikes and operations, of the simulator.
func TestCheckpointsOfSpiking(t *testing.T) {
	c, err := NewSpiking(network(rand.New(rand.NewPCG(1, 1)), snn.IF, snn.Subtract), pictures)
	if err != nil {
		t.Fatal(err)
	}
	p, err := EvalShard(context.Background(), c, labelled(30), 0, 30, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Steps, []int{2, 4, 8, 16, 20}) || len(p.Counts) > 0 {
		t.Errorf("checkpoints %v, %d counts", p.Steps, len(p.Counts))
	}
	if p.Spikes[1] == 0 || p.Work.SynapticOperations != p.Spikes[1]*4 {
		t.Errorf("%v spikes and %d operations, want four of them a spike of the hidden layer", p.Spikes, p.Work.SynapticOperations)
	}
}

func TestGraph(t *testing.T) {
	g := ann.NewGraph("test", "x", ann.Shape{2})
	if _, err := g.Add("fc", &ann.Linear{Weight: []float32{1, 0, 1, 0, 0, 1}, In: 2, Out: 3}, 0); err != nil {
		t.Fatal(err)
	}
	inputs := [][]float32{{1, 0}, {-1, 0}, {0, 5}}
	c := NewGraph(g, func(i int, dst []float32) { copy(dst, inputs[i]) })
	// outputs (1,1,0): the lower class of a tie; (-1,-1,0); (0,0,5)
	if got, _ := decisions(t, c, 3); !slices.Equal(got, []int32{0, 2, 2}) {
		t.Errorf("got %v", got)
	}
	inputs[0][0] = float32(math.NaN())
	if err := c.NewWorker().Answer(0, newAnswer(c.Info())); err == nil {
		t.Error("an output that is no number was decided on")
	}
}
