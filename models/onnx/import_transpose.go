package onnx

import (
	"slices"

	"spikec/models/ann"
)

func init() {
	register(importer{op: "Transpose", attributes: []string{"perm"}, run: importTranspose})
}

// importTranspose takes Transpose that moves only dimensions of size 1 behind the batch, which is a Reshape, and folds
// Transpose of constants.
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
	perm, ok := c.permutation(len(x.shape) + 1)
	if !ok {
		return
	}
	to, last, keeps := ann.Shape{}, 0, perm[0] == 0
	for _, p := range perm[1:] {
		if p == 0 {
			break
		}
		if to = append(to, x.shape[p-1]); x.shape[p-1] > 1 {
			keeps, last = keeps && p > last, p
		}
	}
	if !keeps {
		c.refuse(idAttribute, remedyFor("Transpose"), "attribute perm %v moves dimensions of Nx%s; only those of size 1 after the batch may move", perm, x.shape)
		return
	}
	c.result(c.reshapedAs("", x, to))
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
