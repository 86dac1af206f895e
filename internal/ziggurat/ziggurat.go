// Package ziggurat draws random numbers for simulations, quickly: scrambled counters (package splitmix), and normal numbers by the
// ziggurat of Marsaglia and Tsang (J. Stat. Software 5(8), 2000), with layer and place from different bits of a draw, as Doornik
// ("An improved ziggurat method to generate normal random samples", 2005) asks for. Streams that recorded simulations have are drawn
// by package mersenne.
package ziggurat

import (
	"math"

	"spikec/internal/splitmix"
)

// layers have the same area each: area under the density e^(−x²/2), where the lowest one has the tail beyond edge.
const (
	layers = 256
	edge   = 3.6541528853610088
	area   = 4.92867323399e-3
	unit   = 1 << 52 // a place in a layer is a whole number from −unit to unit − 1
)

// Layer i reaches from height[i−1] down to height[i], and is width[i]·unit wide. A place below inside[i] lies under the density wherever
// in the layer it is.
var width, height, inside = build()

func build() (width, height [layers]float64, inside [layers]int64) {
	density := func(x float64) float64 { return math.Exp(-0.5 * x * x) }
	x := edge
	base := area / density(x) // what the lowest layer would be wide without its tail
	inside[0] = int64(x / base * unit)
	width[0], height[0] = base/unit, 1
	for i := layers - 1; i >= 1; i-- {
		width[i], height[i] = x/unit, density(x)
		next := 0.0
		if i > 1 {
			next = math.Sqrt(-2 * math.Log(area/x+density(x)))
		}
		inside[i] = int64(next / x * unit)
		x = next
	}
	return width, height, inside
}

// Source is one stream of draws. It is not safe for concurrent use.
type Source struct{ counter uint64 }

// New returns the stream of a seed: number k, from 0, is Scramble(Scramble(seed) + (k+1)·Weyl).
func New(seed uint64) *Source { return &Source{splitmix.Scramble(seed)} }

// word is the next 64 bits.
func (s *Source) word() uint64 {
	s.counter += splitmix.Weyl
	return splitmix.Scramble(s.counter)
}

// Uniform returns a number in [0, 1), the upper 53 bits of a word.
func (s *Source) Uniform() float64 { return float64(s.word()>>11) * (1. / (1 << 53)) }

// Normal returns a number of the standard normal distribution.
func (s *Source) Normal() float64 {
	var x [1]float64
	s.Normals(x[:])
	return x[0]
}

// Normals sets all elements to what Normal returns, one after the other.
func (s *Source) Normals(out []float64) {
	counter := s.counter // in a register
	for k := range out {
		counter += splitmix.Weyl
		w := splitmix.Scramble(counter)
		layer, place := w%layers, int64(w)>>11
		if max(place, -place) < inside[layer] { // almost always
			out[k] = float64(place) * width[layer]
			continue
		}
		s.counter = counter
		out[k] = s.rare(layer, place)
		counter = s.counter
	}
	s.counter = counter
}

// rare returns the number of a place that may lie beyond the density: it is tried, and drawn anew as long as it does.
func (s *Source) rare(layer uint64, place int64) float64 {
	for {
		x := float64(place) * width[layer]
		switch {
		case max(place, -place) < inside[layer]:
			return x
		case layer == 0: // the tail (Marsaglia, Technometrics 6, 1964)
			for {
				beyond, y := -math.Log(1-s.Uniform())/edge, -math.Log(1-s.Uniform())
				if 2*y >= beyond*beyond {
					return math.Copysign(edge+beyond, x)
				}
			}
		case height[layer]+float64(s.Uniform()*(height[layer-1]-height[layer])) < math.Exp(-0.5*x*x):
			return x
		}
		w := s.word()
		layer, place = w%layers, int64(w)>>11
	}
}
