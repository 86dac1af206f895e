package columns

// Rule says how Fire limits and resets: to min(max(x, Low), High), and to (x & Keep) + plus.
type Rule struct {
	Shift           uint // of sums, 0..31
	Low, High, Keep int32
}

// Fire is the step of a neuron that adds, is limited, compares and is reset:
//
//	x := v + sum<<Shift + rest
//	v = min(max(x, Low), High)
//	if v != x { changed++ }
//	if v > thr {
//		v = v&Keep + plus, and bit i%64 of words[i/64] is set for number i
//	}
func Fire(v, sum, rest, thr, plus []int32, words []uint64, f Rule) (changed int) {
	n, changed := fireVector(v, sum, rest, thr, plus, words, f)
	sum, rest, thr, plus = sum[:len(v)], rest[:len(v)], thr[:len(v)], plus[:len(v)]
	for i := n; i < len(v); i++ {
		x := v[i] + sum[i]<<f.Shift + rest[i]
		y := min(max(x, f.Low), f.High)
		changed += bit(y != x)
		fired := flag(y > thr[i])
		v[i] = y ^ (y^(y&f.Keep+plus[i]))&fired
		if i%64 == 0 {
			words[i/64] = 0
		}
		words[i/64] |= uint64(fired&1) << (i % 64)
	}
	return changed
}
