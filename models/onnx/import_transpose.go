package onnx

import (
	"slices"
)

func init() {
	register(importer{op: "Transpose", attributes: []string{"perm"}, about: "any order that keeps the batch in front", run: importTranspose})
}

// importTranspose takes Transpose of the dimensions behind the batch, as a Reshape where only dimensions of size 1 move, and
// folds Transpose of constants.
func importTranspose(c *call) {
	c.maxInputs(1)
	if c.isConstant(0) {
		k := c.inputs[0].constant
		if perm, ok := c.permutation(len(k.dims)); ok {
			c.fold(k.transpose(perm))
		}
		return
	}
	x := c.data(0)
	if !x.known {
		return
	}
	perm, ok := c.permutation(c.rank(x))
	if !ok {
		return
	}
	if !c.b.whole {
		if perm[0] != 0 {
			c.refuse(idAttribute, "keep the batch as first dimension", "attribute perm %v moves the batch of %s", perm, c.text(x))
			return
		}
		for i := range perm {
			perm[i]--
		}
		perm = perm[1:]
	}
	c.result(c.moved("", x, perm))
}

// permutation returns the attribute perm, which reverses the dimensions where it is missing.
func (c *call) permutation(rank int) ([]int, bool) {
	perm := make([]int, rank)
	for i := range perm {
		perm[i] = rank - 1 - i
	}
	list := attribute[[]int64](c, "perm", nil)
	if list == nil {
		return perm, true
	}
	seen := map[int64]bool{}
	for i, p := range list {
		if len(list) != rank || p < 0 || p >= int64(rank) || seen[p] {
			c.refuse(idAttribute, "", "attribute perm %v does not permute %d dimensions", list, rank)
			return nil, false
		}
		seen[p], perm[i] = true, int(p)
	}
	return perm, true
}

// transpose returns the constant with dimension perm[i] in place i.
func (c *constant) transpose(perm []int) *constant {
	strides := make([]int, len(perm))
	for i, s := len(perm)-1, 1; i >= 0; i-- {
		strides[i], s = s, s*c.dims[i]
	}
	dims := make([]int, len(perm))
	for i, p := range perm {
		dims[i] = c.dims[p]
	}
	return c.gather(dims, func(i int) int {
		at := 0
		for d, p := range slices.Backward(perm) {
			at += i % dims[d] * strides[p]
			i /= dims[d]
		}
		return at
	})
}
