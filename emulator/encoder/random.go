package encoder

import (
	"math/bits"

	"spikec/internal/splitmix"
)

// Random numbers are counter based: a function of seed, picture, neuron and a counter, without state. With F the finaliser
// of SplitMix64 on a counter n (package splitmix),
//
//	z = (n + 1)·0x9E3779B97F4A7C15
//	z = (z ^ z>>30)·0xBF58476D1CE4E5B9
//	z = (z ^ z>>27)·0x94D049BB133111EB
//	F(n) = z ^ z>>31
//
// all modulo 2^64, the key of a train and its k-th number, k = 0, 1 …, are
//
//	key = F(F(F(seed) + picture) + neuron)        u(k) = F(key + k)
//
// Encoders that draw in every step count steps, the others count draws.

// mix is F.
func mix(n uint64) uint64 { return splitmix.Scramble((n + 1) * splitmix.Weyl) }

// draws are the random numbers of one train.
type draws struct {
	key  uint64
	next uint64 // counter
}

// newDraws returns the numbers of a neuron in a picture.
func newDraws(seed, picture, neuron uint64) draws {
	return draws{key: mix(mix(mix(seed)+picture) + neuron)}
}

// at returns number k.
func (d *draws) at(k uint64) uint64 { return mix(d.key + k) }

// unit returns the next number as a real in (0, 1]: (⌊u/2^11⌋ + 1)/2^53, which is exact.
func (d *draws) unit() float64 {
	u := d.at(d.next)
	d.next++
	return float64(u>>11+1) / (1 << 53)
}

// codes is how many steps of a code there are from 0 to 1.
const codes = 255

// below reports whether u < c/255 of the range of u: ⌊u·255 / 2^64⌋ < c, with the product in 128 bits. Of the 2^64 values
// of u, ⌈c·2^64/255⌉ are below: the probability exceeds c/255 by less than 2^−64, and is 1 for c = 255.
func below(u uint64, c uint8) bool {
	hi, _ := bits.Mul64(u, codes)
	return hi < uint64(c)
}
