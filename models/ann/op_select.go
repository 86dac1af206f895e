package ann

import (
	"errors"
	"fmt"
	"strings"
)

// Select picks elements of a tensor, dimension by dimension; what ONNX calls Transpose, Slice, Split, Gather, Tile, Expand,
// Upsample, Resize to the nearest and Pad of any mode are all of this one form:
//
//	y[o0][o1]… = x[i0][i1]…  with i[Axes[k].From] = Axes[k].Index[ok] for every k,
//	             Value where one of those indices is −1
//
// Input and output have the same number of dimensions, and every dimension of the input is that of one of the axes.
type Select struct {
	Axes  []SelectAxis // one for each dimension of the output
	Value float32
}

// SelectAxis says what one dimension of the output of a Select walks along.
type SelectAxis struct {
	From  int   // the dimension of the input
	Index []int // for every position of the output, that of the input, or −1; nil: all positions, in order
}

// Kept returns axes that keep n dimensions as they are.
func Kept(n int) []SelectAxis {
	axes := make([]SelectAxis, n)
	for d := range axes {
		axes[d].From = d
	}
	return axes
}

// Kind returns "Select".
func (*Select) Kind() string { return "Select" }

// OutputShape checks that the axes are those of the input, and returns how many positions each has.
func (s *Select) OutputShape(in []Shape) (Shape, error) {
	x, err := sameShape(in)
	if err != nil {
		return nil, err
	}
	if len(s.Axes) != len(x) {
		return nil, fmt.Errorf("selects from %d dimensions, the input has %d", len(s.Axes), len(x))
	}
	out, seen := make(Shape, len(x)), make([]bool, len(x))
	for k, a := range s.Axes {
		if a.From < 0 || a.From >= len(x) || seen[a.From] {
			return nil, errors.New("the axes are not the dimensions of the input, each once")
		}
		seen[a.From], out[k] = true, x[a.From]
		if a.Index == nil {
			continue
		}
		out[k] = len(a.Index)
		for _, i := range a.Index {
			if i < -1 || i >= x[a.From] {
				return nil, fmt.Errorf("position %d is outside dimension %d of %s", i, a.From, x)
			}
		}
	}
	return out, nil
}

// Forward computes the formula.
func (s *Select) Forward(dst []float32, in [][]float32, shapes []Shape, _ *Scratch) {
	strides := make([]int, len(shapes[0]))
	for d, n := len(strides)-1, 1; d >= 0; d-- {
		strides[d], n = n, n*shapes[0][d]
	}
	s.copy(dst, in[0], 0, 0, strides, shapes[0])
}

// copy writes what lies behind the first k dimensions of the output, whose part of the input begins at element base, and
// returns the rest of dst.
func (s *Select) copy(dst, x []float32, k, base int, strides []int, shape Shape) []float32 {
	if k == len(s.Axes) {
		dst[0] = x[base]
		return dst[1:]
	}
	a := s.Axes[k]
	stride := strides[a.From]
	if k == len(s.Axes)-1 && a.Index == nil && stride == 1 {
		return dst[copy(dst, x[base:base+shape[a.From]]):]
	}
	if a.Index == nil {
		for i := range shape[a.From] {
			dst = s.copy(dst, x, k+1, base+i*stride, strides, shape)
		}
		return dst
	}
	if k == len(s.Axes)-1 {
		for o, i := range a.Index {
			if dst[o] = s.Value; i >= 0 {
				dst[o] = x[base+i*stride]
			}
		}
		return dst[len(a.Index):]
	}
	for _, i := range a.Index {
		if i < 0 {
			dst = s.fill(dst, k+1, shape)
		} else {
			dst = s.copy(dst, x, k+1, base+i*stride, strides, shape)
		}
	}
	return dst
}

// fill writes Value to all that lies behind the first k dimensions of the output, and returns the rest of dst.
func (s *Select) fill(dst []float32, k int, shape Shape) []float32 {
	n := 1
	for _, a := range s.Axes[k:] {
		if a.Index == nil {
			n *= shape[a.From]
		} else {
			n *= len(a.Index)
		}
	}
	for i := range n {
		dst[i] = s.Value
	}
	return dst[n:]
}

// String prints the dimensions that are not kept as they are: where one moves, and where positions are picked.
func (s *Select) String() string {
	var parts []string
	padded := false
	for k, a := range s.Axes {
		if a.From != k {
			parts = append(parts, fmt.Sprintf("axis %d from %d", k, a.From))
		}
		if a.Index != nil {
			parts = append(parts, fmt.Sprintf("%d places on axis %d", len(a.Index), k))
		}
		for _, i := range a.Index {
			padded = padded || i < 0
		}
	}
	if padded {
		parts = append(parts, fmt.Sprintf("value=%v", s.Value))
	}
	return strings.Join(parts, ", ")
}
