// Package mersenne draws the random numbers that NumPy's legacy generator draws, so that recorded simulations can be run
// again draw by draw. The generator is the 32-bit MT19937 of Matsumoto and Nishimura (ACM TOMACS 8, 1998) with its
// initialisation of 2002 (init_genrand), as gonum has it; this package adds the forms of real numbers.
package mersenne

import (
	"math"

	"gonum.org/v1/gonum/mathext/prng"
)

// Source is one stream of draws. It is not safe for concurrent use.
type Source struct {
	words *prng.MT19937
	kept  float64 // the second normal number of a pair
	keeps bool
}

// New returns the stream of a seed.
func New(seed uint32) *Source {
	s := &Source{words: prng.NewMT19937()}
	s.words.Seed(uint64(seed))
	return s
}

// Uniform returns a number in [0, 1) of 53 bits, from two words a and b:
//
//	(⌊a/2^5⌋·2^26 + ⌊b/2^6⌋) / 2^53
func (s *Source) Uniform() float64 {
	a, b := s.words.Uint32()>>5, s.words.Uint32()>>6
	return float64(uint64(a)<<26|uint64(b)) / (1 << 53)
}

// Normal returns a number of the standard normal distribution, by the polar method of Marsaglia and Bray (SIAM Review 6,
// 1964):
//
//	repeat x1 = 2·Uniform() − 1, x2 = 2·Uniform() − 1, r = x1² + x2² until 0 < r < 1
//	f = √(−2·ln(r)/r)
//
// It returns f·x2, and f·x1 at the next call, which draws nothing.
func (s *Source) Normal() float64 {
	if s.keeps {
		s.keeps = false
		return s.kept
	}
	for {
		x1 := 2*s.Uniform() - 1
		x2 := 2*s.Uniform() - 1
		r := float64(x1*x1) + float64(x2*x2)
		if r >= 1 || r == 0 {
			continue
		}
		f := math.Sqrt(-2 * math.Log(r) / r)
		s.kept, s.keeps = f*x1, true
		return f * x2
	}
}

// Binomial returns how many of n independent events of probability p happen, by n draws of Uniform.
func (s *Source) Binomial(n int, p float64) int {
	k := 0
	for range n {
		if s.Uniform() < p {
			k++
		}
	}
	return k
}
