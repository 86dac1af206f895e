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

// Signed says how FireSigned limits membranes, to min(max(x, Low), High), and counts, to Most.
type Signed struct {
	Shift     uint // of sums, 0..31
	Low, High int32
	Most      int32
}

// FireSigned is the step of a neuron that adds, is limited, and sends a spike of +1 or takes one back:
//
//	x := v + sum<<Shift + rest
//	v = min(max(x, Low), High)
//	if v != x { changed++ }
//	if v > thr {
//		v += plus, c := n + 1, and bit i%64 of up[i/64] is set for number i
//	} else if v < 0 && n > 0 {
//		v −= plus, c := n − 1, and the bit of down is set
//	} else { c := n }
//	n = min(c, Most)
//	if n != c { changed++ }
func FireSigned(v, n, sum, rest, thr, plus []int32, up, down []uint64, f Signed) (changed int) {
	k, changed := fireSignedVector(v, n, sum, rest, thr, plus, up, down, f)
	n, sum, rest, thr, plus = n[:len(v)], sum[:len(v)], rest[:len(v)], thr[:len(v)], plus[:len(v)]
	for i := k; i < len(v); i++ {
		x := v[i] + sum[i]<<f.Shift + rest[i]
		y := min(max(x, f.Low), f.High)
		changed += bit(y != x)
		fired := flag(y > thr[i])
		lower := flag(y < 0 && n[i] > 0) &^ fired
		v[i] = y + plus[i]&fired - plus[i]&lower
		c := n[i] - fired + lower
		n[i] = min(c, f.Most)
		changed += bit(n[i] != c)
		if i%64 == 0 {
			up[i/64], down[i/64] = 0, 0
		}
		up[i/64] |= uint64(fired&1) << (i % 64)
		down[i/64] |= uint64(lower&1) << (i % 64)
	}
	return changed
}
