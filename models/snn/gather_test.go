package snn

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// script is a population that fires as it is told: neuron by neuron, step by step.
type script[N Number] struct{ fires [][]bool }

func (s *script[N]) Begin(_, base []N) { clear(base) }
func (s *script[N]) Membranes() []N    { return nil }
func (s *script[N]) Step(b *Block[N]) {
	for t := range b.Steps {
		for i := range b.Words * WordBits {
			b.Spikes[t*b.SpikeStride+i/WordBits] |= 1 << (i % WordBits) // beyond the last neuron, too
			if n := b.First + i; n < len(s.fires[0]) && !s.fires[0][n] {
				b.Spikes[t*b.SpikeStride+i/WordBits] &^= 1 << (i % WordBits)
			}
		}
		if b.First+b.Words*WordBits >= len(s.fires[0]) {
			s.fires = s.fires[1:]
		}
	}
}

// record is a population whose membranes are the sums of the last step; bias is what they start with.
type record[N Number] struct{ sums, bias []N }

func (r *record[N]) Begin(_, base []N) { copy(base, r.bias) }
func (r *record[N]) Membranes() []N    { return r.sums }
func (r *record[N]) Step(b *Block[N]) {
	for t := range b.Steps {
		copy(r.sums[b.First:min(b.First+b.Words*WordBits, len(r.sums))], b.Sums[t*b.SumStride:])
		clear(b.Spikes[t*b.SpikeStride:][:b.Words])
	}
}

// checkSynapses compares the sums that a Loop forms with those of Scatter.Add, step by step: exactly, or within a few
// roundings where a pool lets Scatter multiply. forced makes the loop scatter, too.
func checkSynapses[N Number](t *rapid.T, add func(acc, w []N, k N), weight func(r *rand.Rand) N, roundings float64, forced bool) {
	s := drawShape(t)
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	weights := make([]N, s.Out[0]*s.In[0]/s.Groups*s.Window.Kernel[0]*s.Window.Kernel[1])
	for i := range weights {
		weights[i] = weight(r)
	}
	x, err := NewSynapses(s, weights, false, Plain)
	if err != nil {
		t.Fatal(err)
	}
	scatter, _ := NewScatter(s, weights)
	if x.gather == nil {
		t.Fatal("weights are not gathered")
	}
	if forced {
		x.gather, x.scatter = nil, scatter
	}
	const steps = 11
	in, out := s.In[0]*s.In[1]*s.In[2], s.Out[0]*s.Out[1]*s.Out[2]
	source, target := &script[N]{}, &record[N]{make([]N, out), make([]N, out)}
	for range steps {
		fires := make([]bool, in)
		for i, density := 0, r.IntN(5); i < in; i++ {
			fires[i] = r.IntN(4) < density
		}
		source.fires = append(source.fires, fires)
	}
	for i := range target.bias {
		target.bias[i] = weight(r)
	}
	fires, g, operations := source.fires, scatter.NewGathered(), int64(0)
	l := NewLoop(Topology{Shapes: [][3]int{{1, 1, 1}, s.In, s.Out}, Ends: [][2]int{{1, 2}}}, Readout{}.Checkpoints(steps, Plain), []*Synapses[N]{x}, []Neurons[N]{nil, source, target}, add)
	if rapid.Bool().Draw(t, "whole blocks") {
		l.Watch(1) // of the target, only the last step is seen
	}
	result, err := l.Run([]N{0}, 0, func(p, step int, _ []int32, sums []N) {
		if p == 2 {
			compareSums(t, s, sums, scatter.sums(target.bias, fires[step], g, add), roundings)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	compareSums(t, s, target.sums, scatter.sums(target.bias, fires[steps-1], g, add), roundings)
	for _, f := range fires {
		for i, fired := range f {
			if fired {
				operations += int64(x.counts[i])
			}
		}
	}
	if result.SynapticOperations != operations {
		t.Fatalf("%d operations, want %d", result.SynapticOperations, operations)
	}
}

// sums returns what spikes add to start.
func (s *Scatter[N]) sums(start []N, fires []bool, g *Gathered[N], add func(acc, w []N, k N)) []N {
	sums := append([]N(nil), start...)
	var events []int32
	for i, fired := range fires {
		if fired {
			events = append(events, int32(i))
		}
	}
	s.Add(sums, events, nil, g, add)
	return sums
}

func compareSums[N Number](t *rapid.T, s Shape2d, got, want []N, roundings float64) {
	if s.Pool == nil {
		roundings = 0
	}
	for i := range want {
		if math.Abs(float64(got[i])-float64(want[i])) > roundings*0x1p-24 {
			t.Fatalf("%+v: neuron %d gets %v, want %v", s, i, got[i], want[i])
		}
	}
}

// TestGatherIsScatter: bytes and whole numbers exactly, real ones exactly but for pools; and the other way, scattered.
func TestGatherIsScatter(t *testing.T) {
	whole := func(most int) func(r *rand.Rand) int32 {
		return func(r *rand.Rand) int32 { return int32(r.IntN(2*most) - most) }
	}
	for _, forced := range []bool{false, true} {
		rapid.Check(t, func(t *rapid.T) { checkSynapses(t, addPlain[int32], whole(128), 0, forced) })
		rapid.Check(t, func(t *rapid.T) { checkSynapses(t, addPlain[int32], whole(129), 0, forced) })
		rapid.Check(t, func(t *rapid.T) { checkSynapses(t, addPlain[int32], whole(1<<20), 0, forced) })
		// Sums of at most 4·4·6·16 numbers, nearly all of them below 4, have partial sums below 2^9.
		rapid.Check(t, func(t *rapid.T) {
			checkSynapses(t, axpy, func(r *rand.Rand) float32 { return float32(r.NormFloat64()) }, 1<<14, forced)
		})
	}
}

// TestLargeTablesAreScattered: a projection of so many weights that no table holds them.
func TestLargeTablesAreScattered(t *testing.T) {
	s := Shape2d{In: [3]int{1024, 1, 1}, Out: [3]int{1024, 1, 1}, Groups: 1024}
	s.Window.Kernel, s.Window.Stride, s.Window.Dilation = [2]int{1, 1}, [2]int{1, 1}, [2]int{1, 1}
	x, err := NewSynapses(s, make([]int32, 1024), false, Plain)
	if err != nil || x.gather != nil || x.scatter == nil {
		t.Errorf("gather %v, scatter %v, %v", x.gather, x.scatter, err)
	}
}
