package encode

import (
	"math"

	"spikec/runtime/dataset"
)

// extent is what a set holds, in units of the network's input.
type extent struct {
	lo, hi   float64
	stored   float64 // the largest |stored value|
	constant int     // images with one value everywhere
	negative int64   // stored values below zero
	images   int     // that hold them
}

// extentOf looks at every value of a set.
func extentOf(set *dataset.Set, c Coding) extent {
	e := extent{lo: math.Inf(1), hi: math.Inf(-1)}
	if set.Values != nil {
		for i := range set.Len() {
			e.addValues(set.Values[i*set.Size() : (i+1)*set.Size()])
		}
		return e
	}
	seen := make([][256]bool, set.Shape[0])
	plane := set.Size() / set.Shape[0]
	for i := range set.Len() {
		image := set.Pixels[i*set.Size() : (i+1)*set.Size()]
		same := true
		for ch := range seen {
			for _, p := range image[ch*plane : (ch+1)*plane] {
				seen[ch][p] = true
				same = same && p == image[0]
			}
		}
		if same {
			e.constant++
		}
	}
	for ch := range seen {
		scale, offset := c.Preprocess().At(ch, set.Shape[0])
		for p, yes := range seen[ch] {
			if yes {
				x := float64(p)*scale + offset
				e.lo, e.hi, e.stored = min(e.lo, x), max(e.hi, x), max(e.stored, float64(p))
			}
		}
	}
	return e
}

// addValues adds an image of real numbers.
func (e *extent) addValues(image []float32) {
	same, negative := true, e.negative
	for _, v := range image {
		x := float64(v)
		e.lo, e.hi, e.stored = min(e.lo, x), max(e.hi, x), max(e.stored, math.Abs(x))
		same = same && v == image[0]
		if v < 0 {
			e.negative++
		}
	}
	if same {
		e.constant++
	}
	if e.negative > negative {
		e.images++
	}
}

// beyond returns by how much of lo..hi's width e leaves that range, on either side.
func (e extent) beyond(lo, hi float64) float64 {
	width := hi - lo
	if !(width > 0) {
		width = math.SmallestNonzeroFloat64
	}
	return max(lo-e.lo, e.hi-hi, 0) / width
}
