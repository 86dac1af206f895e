// Package splitmix scrambles counters into random numbers, as the generator SplitMix64 does: output i, counted from 0, of
// the generator that is started at seed is Scramble(seed + (i+1)·Weyl), modulo 2^64.
//
// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; constants of the reference
// implementation by Vigna.
package splitmix

// Weyl is 2^64 divided by the golden ratio, odd: the generator's step.
const Weyl uint64 = 0x9E3779B97F4A7C15

// Scramble is the finaliser, a bijection of 64 bits.
func Scramble(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}
