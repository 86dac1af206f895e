package ann

import "spikec/internal/window"

// columnsInside returns the range lo..hi−1 of the output columns, of out, whose tap v reads inside a map of size columns.
func columnsInside(w window.Window2d, v, size, out int) (lo, hi int) {
	stride, first := w.Stride[1], w.Source(1, 0, v)
	if first < 0 {
		lo = min((-first+stride-1)/stride, out)
	}
	if first < size {
		hi = min((size-1-first)/stride+1, out)
	}
	return lo, max(lo, hi)
}

// column is where one tap of a window reads, along a row: output column j in lo..hi−1 reads column first + (j−lo)·stride.
type column struct{ lo, hi, first int }

// columns returns the column of every tap of w, for rows of size elements and outputs of out.
func (s *Scratch) columns(w window.Window2d, size, out int) []column {
	s.taps = s.taps[:0]
	for v := range w.Kernel[1] {
		lo, hi := columnsInside(w, v, size, out)
		s.taps = append(s.taps, column{lo, hi, w.Source(1, lo, v)})
	}
	return s.taps
}
