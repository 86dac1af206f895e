package quantize

import (
	"testing"

	"pgregory.net/rapid"

	"spikec/models/snn"
)

// wrapped takes one neuron of RANC through steps with sums, straight from its Verilog: 9 bits, a spike in every step or not, and
// the membrane behind it.
func wrapped(v, threshold, lower int64, sums []int64) (spikes []bool, membranes []int64) {
	nine := func(x int64) int64 { return ((x+256)%512+512)%512 - 256 }
	for _, sum := range sums {
		v = nine(v + sum)
		fires := v >= threshold
		if fires {
			v = nine(v - threshold)
		} else if v < lower {
			v = nine(v - lower)
		}
		spikes, membranes = append(spikes, fires), append(membranes, v)
	}
	return spikes, membranes
}

// wrappingNetwork is one population of so many neurons of RANC without synapses.
func wrappingNetwork(neurons int, threshold, lower, initial int32) *Network {
	return &Network{Reset: snn.Subtract, Format: Format{VMin: -256, VMax: 255, Wraps: true, LowerReset: true},
		Populations: []Population{{Shape: [3]int{1, neurons, 1}, Threshold: []int32{threshold}, Bias: []int32{0}, Initial: []int32{initial}, Lower: []int32{lower}}}}
}

// TestWrapping: a membrane at the lower bound is not reset, one below is; sums wrap at both ends.
func TestWrapping(t *testing.T) {
	for _, c := range []struct {
		threshold, lower, initial int32
		sums                      []int32
		spikes                    uint64 // step by step
		membrane                  int32
	}{
		{10, -100, 0, []int32{-100}, 0, -100},
		{10, -100, 0, []int32{-101}, 0, -1},
		{10, -256, 5, []int32{-262}, 1, 245},       // −257 wraps to 255, which fires
		{100, -200, 50, []int32{206, 0}, 0, -56},   // 256 wraps to −256, and loses −200
		{100, -256, 99, []int32{156, 0, 0}, 3, 55}, // 255 fires twice
		{1, -128, 0, []int32{513}, 1, 0},
	} {
		n := newNeurons(wrappingNetwork(1, c.threshold, c.lower, c.initial), 0)
		n.Begin(nil, make([]int32, snn.WordBits))
		got := uint64(0)
		for step, sum := range c.sums {
			spikes := make([]uint64, 1)
			n.Step(&snn.Block[int32]{Words: 1, Steps: 1, Sums: []int32{sum}, Spikes: spikes})
			got |= spikes[0] << step
		}
		if v := n.Membranes()[0]; got != c.spikes || v != c.membrane {
			t.Errorf("%+v: spikes %b, membrane %d", c, got, v)
		}
	}
}

// TestWrappingIsTheChips compares blocks of steps of many neurons with the Verilog, neuron by neuron.
func TestWrappingIsTheChips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size, steps := rapid.IntRange(1, 130).Draw(t, "neurons"), rapid.IntRange(1, 6).Draw(t, "steps")
		threshold, lower := rapid.Int32Range(1, 255).Draw(t, "threshold"), rapid.Int32Range(-256, -1).Draw(t, "lower")
		initial := rapid.Int32Range(-256, 255).Draw(t, "initial")
		n, words := newNeurons(wrappingNetwork(size, threshold, lower, initial), 0), snn.Words(size)
		stride := words * snn.WordBits
		sums := rapid.SliceOfN(rapid.Int32Range(-2000, 2000), stride*steps, stride*steps).Draw(t, "sums")
		spikes := make([]uint64, words*steps)
		n.Begin(nil, make([]int32, stride))
		n.Step(&snn.Block[int32]{Words: words, Steps: steps, Sums: sums, SumStride: stride, Spikes: spikes, SpikeStride: words})
		for i := range size {
			var own []int64
			for s := range steps {
				own = append(own, int64(sums[s*stride+i]))
			}
			want, membranes := wrapped(int64(initial), int64(threshold), int64(lower), own)
			for s := range steps {
				if got := spikes[s*words+i/64]>>(i%64)&1 != 0; got != want[s] {
					t.Fatalf("neuron %d, step %d: fires %v, want %v", i, s, got, want[s])
				}
			}
			if got := int64(n.Membranes()[i]); got != membranes[steps-1] {
				t.Fatalf("neuron %d: membrane %d, want %d", i, got, membranes[steps-1])
			}
		}
	})
}

// TestLowerBound: neurons whose inhibition is bounded by half of the range never wrap below, whatever arrives.
func TestLowerBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int32Range(-30, 30), 1, 12).Draw(t, "weights")
		l := &layer{format: Format{VMin: -256, VMax: 255}, rounded: [][]int32{weights}, repeat: make([]float64, len(weights)), host: [][]int32{nil}, pop: &snn.Population{}}
		q, p := int64(0), int64(0)
		for j, w := range weights {
			l.repeat[j] = 1
			q, p = q-int64(min(w, 0)), p+int64(max(w, 0))
		}
		lower := int64(l.lowerBound(0))
		if q > 128 {
			if lower != -128 {
				t.Fatalf("bound %d for inhibition of %d", lower, q)
			}
			return
		}
		v, threshold := int64(0), max(p, 1)
		for range 50 {
			sum := int64(0)
			for _, w := range weights {
				if rapid.Bool().Draw(t, "spike") {
					sum += int64(w)
				}
			}
			if v+sum < -256 {
				t.Fatalf("membrane %d and sum %d with a bound of %d", v, sum, lower)
			}
			_, after := wrapped(v, threshold, lower, []int64{sum})
			v = after[0]
		}
	})
}
