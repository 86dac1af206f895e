package encoder

import "math/bits"

func init() {
	register("van-der-corput", encoder{about: "code against a counter with its bits reversed: no state, few clusters", next: vanDerCorput})
}

// vanDerCorput fires in step t iff x is above the t-th number of van der Corput's sequence (1935), the digits of t in base
// 2 behind the point in reverse: with a counter of 32 bits, iff reverse(t)·255 < code·2^32. After T steps the count is off
// xT by at most 1 + log2(T)/3. All neurons fire in step 0.
func vanDerCorput(t *train, limit int) int {
	for s := t.from; s < limit; s++ {
		if uint64(bits.Reverse32(uint32(s)))*codes < uint64(t.code)<<32 {
			return s
		}
	}
	return limit
}
