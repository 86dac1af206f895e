package snn

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"spikec/internal/window"
)

// drawWindow draws a window that fits a map of in, or reports that there is none of the drawn kind.
func drawWindow(t *rapid.T, name string, in [2]int, pads int) (window.Window2d, [2]int, bool) {
	two := func(what string, lo, hi int) [2]int {
		return [2]int{rapid.IntRange(lo, hi).Draw(t, name+" "+what+" rows"), rapid.IntRange(lo, hi).Draw(t, name+" "+what+" columns")}
	}
	w := window.Window2d{Kernel: two("kernel", 1, 4), Stride: two("stride", 1, 3), Dilation: two("dilation", 1, 2), PadBegin: two("pads before", 0, pads), PadEnd: two("pads behind", 0, pads)}
	out, err := w.Output(in)
	return w, out, err == nil
}

// drawShape draws the geometry of a projection with at most some hundred neurons on either side.
func drawShape(t *rapid.T) Shape2d {
	for {
		groups := rapid.IntRange(1, 3).Draw(t, "groups")
		s := Shape2d{Groups: groups}
		s.In = [3]int{groups * rapid.IntRange(1, 2).Draw(t, "channels in"), rapid.IntRange(1, 7).Draw(t, "rows"), rapid.IntRange(1, 7).Draw(t, "columns")}
		seen := [2]int{s.In[1], s.In[2]}
		if rapid.Bool().Draw(t, "pooled") {
			w, out, ok := drawWindow(t, "pool", seen, 1)
			if !ok {
				continue
			}
			s.Pool, seen = &w, out
		}
		w, out, ok := drawWindow(t, "conv", seen, 2)
		if !ok {
			continue
		}
		s.Window = w
		s.Out = [3]int{groups * rapid.IntRange(1, 3).Draw(t, "channels out"), out[0], out[1]}
		return s
	}
}

// plain computes a projection by its definition (type Projection). x is in C,H,W order, the result too.
func plain[N Number](s Shape2d, weight, x []N) []N {
	in := s.In
	if s.Pool != nil {
		out, _ := s.Pool.Output([2]int{in[1], in[2]})
		pooled := make([]N, in[0]*out[0]*out[1])
		for c := range in[0] {
			for i := range out[0] {
				for j := range out[1] {
					for u := range s.Pool.Kernel[0] {
						for v := range s.Pool.Kernel[1] {
							pooled[(c*out[0]+i)*out[1]+j] += at(x, in, c, s.Pool.Source(0, i, u), s.Pool.Source(1, j, v))
						}
					}
				}
			}
		}
		x, in = pooled, [3]int{in[0], out[0], out[1]}
	}
	y := make([]N, s.Out[0]*s.Out[1]*s.Out[2])
	cg, og := in[0]/s.Groups, s.Out[0]/s.Groups
	kh, kw := s.Window.Kernel[0], s.Window.Kernel[1]
	for o := range s.Out[0] {
		for i := range s.Out[1] {
			for j := range s.Out[2] {
				for c := range cg {
					for u := range kh {
						for v := range kw {
							y[(o*s.Out[1]+i)*s.Out[2]+j] += weight[((o*cg+c)*kh+u)*kw+v] *
								at(x, in, o/og*cg+c, s.Window.Source(0, i, u), s.Window.Source(1, j, v))
						}
					}
				}
			}
		}
	}
	return y
}

// at reads a map in C,H,W order; there are zeros around it.
func at[N Number](x []N, shape [3]int, c, i, j int) N {
	if i < 0 || i >= shape[1] || j < 0 || j >= shape[2] {
		return 0
	}
	return x[(c*shape[1]+i)*shape[2]+j]
}

func addPlain[N Number](acc, w []N, k N) {
	for i := range w {
		acc[i] += k * w[i]
	}
}

// checkScatter compares Add with plain, for spikes and for graded values, twice over with the same working memory.
// All numbers are small integers, so float32 is exact in any order.
func checkScatter[N Number](t *rapid.T, add func(acc, w []N, k N)) {
	s := drawShape(t)
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	weight := make([]N, s.Out[0]*s.In[0]/s.Groups*s.Window.Kernel[0]*s.Window.Kernel[1])
	for i := range weight {
		weight[i] = N(r.IntN(21) - 10)
	}
	sc, err := NewScatter(s, weight)
	if err != nil {
		t.Fatal(err)
	}
	g := sc.NewGathered()
	size := s.In[0] * s.In[1] * s.In[2]
	for _, graded := range []bool{false, true, false} {
		x := make([]N, size) // C,H,W
		for i := range x {
			if r.IntN(3) == 0 {
				x[i] = 1
				if graded {
					x[i] = N(r.IntN(9) - 4)
				}
			}
		}
		hwc := make([]N, size)
		ToHWC(hwc, x, s.In)
		var events []int32
		for i, v := range hwc {
			if v != 0 {
				events = append(events, int32(i))
			}
		}
		values := hwc
		if !graded {
			values = nil
		}
		y := plain(s, weight, x)
		acc, want := make([]N, len(y)), make([]N, len(y))
		ToHWC(want, y, s.Out)
		for i := range acc {
			acc[i], want[i] = N(i), want[i]+N(i) // Add adds to what is there
		}
		sc.Add(acc, events, values, g, add)
		for i := range acc {
			if acc[i] != want[i] {
				t.Fatalf("%+v: neuron %d gets %v, want %v", s, i, acc[i], want[i])
			}
		}
	}
}

func TestScatterIsTheConvolution(t *testing.T) {
	t.Run("int32", func(t *testing.T) { rapid.Check(t, func(t *rapid.T) { checkScatter(t, addPlain[int32]) }) })
	t.Run("float32", func(t *testing.T) { rapid.Check(t, func(t *rapid.T) { checkScatter(t, axpy) }) })
}

// TestSynapses: with all weights 1, the sum over the targets of one spike is its number of synapses.
func TestSynapses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawShape(t)
		weight := make([]int32, s.Out[0]*s.In[0]/s.Groups*s.Window.Kernel[0]*s.Window.Kernel[1])
		for i := range weight {
			weight[i] = 1
		}
		sc, err := NewScatter(s, weight)
		if err != nil {
			t.Fatal(err)
		}
		g, n := sc.NewGathered(), countSynapses(s, sc.pooled)
		for e := range n {
			acc := make([]int32, s.Out[0]*s.Out[1]*s.Out[2])
			sc.Add(acc, []int32{int32(e)}, nil, g, addPlain[int32])
			var sum int32
			for _, v := range acc {
				sum += v
			}
			if sum != n[e] {
				t.Fatalf("%+v: neuron %d has %d synapses, counted %d", s, e, sum, n[e])
			}
		}
	})
}

func TestScatterRefusesPoolThatDoesNotFit(t *testing.T) {
	pool := window.Square(4, 1)
	if _, err := NewScatter(Shape2d{In: [3]int{1, 3, 5}, Out: [3]int{1, 1, 1}, Pool: &pool, Window: window.Square(1, 1), Groups: 1}, []int32{1}); err == nil {
		t.Error("a window of 4 rows was accepted on 3")
	}
}

func TestToHWC(t *testing.T) {
	// Two channels of a 1×3 map: 1 2 3 and 4 5 6.
	dst := make([]int32, 6)
	ToHWC(dst, []int32{1, 2, 3, 4, 5, 6}, [3]int{2, 1, 3})
	for i, want := range []int32{1, 4, 2, 5, 3, 6} {
		if dst[i] != want {
			t.Fatalf("got %v", dst)
		}
	}
}

// TestRates: two channels of a 1×2 map, of which one took more spikes back than it sent.
func TestRates(t *testing.T) {
	dst := make([]float32, 4)
	Rates(dst, []int32{1, -2, 4, 8}, &Population{Shape: [3]int{2, 1, 2}, Scale: []float64{2, 0.5}}, 8)
	if want := []float32{0.25, 1, -0.125, 0.5}; !slices.Equal(dst, want) {
		t.Errorf("got %v, want %v", dst, want)
	}
}
