// Package columns holds loops over columns of 32-bit numbers. A fast engine keeps a variable of all neurons of a core in
// one column and makes a step of them; this package knows no neuron. Each function's comment is the loop that it
// computes, element by element. All columns of a call have the length of the first one, and dst may be one of the others.
// Numbers wrap at 32 bits: whoever calls sees to it that they do not.
//
// The Go loops are the definition. Where the processor has AVX2, kernels do eight numbers at a time and leave the rest to
// them (vector_amd64.s, which the module in _gen writes).
package columns

// bit returns 1 for true.
func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// flag returns −1 for true.
func flag(b bool) int32 { return -int32(bit(b)) }
