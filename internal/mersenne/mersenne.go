// Package mersenne draws the random numbers that NumPy's legacy generator draws, so that recorded simulations can be run
// again draw by draw. The generator is the 32-bit MT19937 of Matsumoto and Nishimura (ACM TOMACS 8, 1998) with its
// initialisation of 2002 (init_genrand); a test compares it with gonum's. It makes its words block by block, as networks with noise
// draw millions of them.
package mersenne

import "math"

// The sizes of the generator.
const (
	size   = 624
	middle = 397
)

// Source is one stream of draws. It is not safe for concurrent use.
type Source struct {
	state [size]uint32
	words [size]uint32 // of the block, tempered
	next  int          // in words
	kept  float64      // the second normal number of a pair
	keeps bool
}

// New returns the stream of a seed.
func New(seed uint32) *Source {
	s := &Source{next: size}
	s.state[0] = seed
	for i := uint32(1); i < size; i++ {
		before := s.state[i-1]
		s.state[i] = 1812433253*(before^before>>30) + i
	}
	return s
}

// block makes the next words.
func (s *Source) block() {
	twist := func(a, b, c uint32) uint32 {
		y := a&0x80000000 | b&0x7fffffff
		return c ^ y>>1 ^ (b&1)*0x9908b0df
	}
	next, far := s.state[1:], s.state[middle:]
	for i := range far {
		s.state[i] = twist(s.state[i], next[i], far[i])
	}
	for i, near := range s.state[:middle-1] {
		k := i + size - middle
		s.state[k] = twist(s.state[k], s.state[k+1], near)
	}
	s.state[size-1] = twist(s.state[size-1], s.state[0], s.state[middle-1])
	for i, y := range s.state {
		y ^= y >> 11
		y ^= y << 7 & 0x9d2c5680
		y ^= y << 15 & 0xefc60000
		s.words[i] = y ^ y>>18
	}
	s.next = 0
}

// word is the next word.
func (s *Source) word() uint32 {
	if s.next == size {
		s.block()
	}
	w := s.words[s.next]
	s.next++
	return w
}

// Uniform returns a number in [0, 1) of 53 bits, from two words a and b:
//
//	(⌊a/2^5⌋·2^26 + ⌊b/2^6⌋) / 2^53
func (s *Source) Uniform() float64 {
	return uniform(s.word(), s.word())
}

// uniform is the number that two words make. The division is exact, so that it is a product.
func uniform(a, b uint32) float64 {
	return float64(uint64(a>>5)<<26|uint64(b>>6)) * (1. / (1 << 53))
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
	var x float64
	x, s.kept = s.pair()
	s.keeps = true
	return x
}

// pair returns the two numbers of a round of Normal.
func (s *Source) pair() (first, second float64) {
	for {
		var x1, x2 float64
		if s.next <= size-4 { // all four words are of this block
			w := s.words[s.next : s.next+4 : s.next+4]
			s.next += 4
			x1, x2 = 2*uniform(w[0], w[1])-1, 2*uniform(w[2], w[3])-1
		} else {
			x1 = 2*s.Uniform() - 1
			x2 = 2*s.Uniform() - 1
		}
		r := float64(x1*x1) + float64(x2*x2)
		if r >= 1 || r == 0 {
			continue
		}
		f := math.Sqrt(-2 * math.Log(r) / r)
		return f * x2, f * x1
	}
}

// Normals sets all elements to what Normal returns, one after the other.
func (s *Source) Normals(out []float64) {
	if s.keeps && len(out) > 0 {
		out[0], out = s.Normal(), out[1:]
	}
	for ; len(out) > 1; out = out[2:] {
		out[0], out[1] = s.pair()
	}
	if len(out) > 0 {
		out[0] = s.Normal()
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
