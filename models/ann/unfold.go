package ann

import "spikec/internal/window"

// unfolded is a map seen through a window: a matrix of kH·kW·C rows and out[0]·out[1] columns, row (c, u, v) being what
// tap (u, v) of channel c reads at every output position, 0 where it falls on padding.
type unfolded struct {
	x      []float32 // C, H, W
	size   [2]int    // H, W
	out    [2]int
	window window.Window2d
}

// Row writes columns first to first+len(dst)−1 of row k.
func (f *unfolded) Row(dst []float32, k, first int) {
	taps := f.window.Kernel[0] * f.window.Kernel[1]
	u, v := k%taps/f.window.Kernel[1], k%f.window.Kernel[1]
	plane := f.x[k/taps*f.size[0]*f.size[1] : (k/taps+1)*f.size[0]*f.size[1]]
	if f.out[1] == f.size[1] && f.window.Stride == [2]int{1, 1} {
		f.shifted(dst, plane, u, v, first)
	} else {
		f.lines(dst, plane, u, v, first)
	}
}

// shifted is Row for an output as wide as the map and a stride of one: the plane itself, moved, but for the columns that
// fall beside the map.
func (f *unfolded) shifted(dst, plane []float32, u, v, first int) {
	width := f.size[1]
	at := first + f.window.Source(0, 0, u)*width + f.window.Source(1, 0, v)
	a := min(max(-at, 0), len(dst))
	b := max(min(len(plane)-at, len(dst)), a)
	clear(dst[:a])
	clear(dst[b:])
	if a < b {
		copy(dst[a:b], plane[at+a:])
	}
	lo, hi := columnsInside(f.window, v, width, width)
	for begin := -(first % width); begin < len(dst); begin += width {
		clear(part(dst, begin, begin+lo))
		clear(part(dst, begin+hi, begin+width))
	}
}

// part returns what there is of elements from to to−1.
func part(x []float32, from, to int) []float32 {
	from, to = max(from, 0), min(to, len(x))
	if from >= to {
		return nil
	}
	return x[from:to]
}

// lines is Row for any window, one row of the output after the other.
func (f *unfolded) lines(dst, plane []float32, u, v, first int) {
	lo, hi := columnsInside(f.window, v, f.size[1], f.out[1])
	whole := lo == 0 && hi == f.out[1] && f.window.Stride[1] == 1
	left := f.window.Source(1, 0, v)
	i, j := first/f.out[1], first%f.out[1]
	for len(dst) > 0 {
		n := min(len(dst), f.out[1]-j)
		y := f.window.Source(0, i, u)
		switch {
		case y < 0 || y >= f.size[0]:
			clear(dst[:n])
		case whole:
			copy(dst[:n], plane[y*f.size[1]+left+j:])
		default:
			f.line(dst[:n], plane[y*f.size[1]:(y+1)*f.size[1]], j, v, lo, hi)
		}
		dst = dst[n:]
		i, j = i+1, 0
	}
}

// line writes output columns j to j+len(dst)−1 of a row whose taps v read src, and lie inside it from lo to hi−1.
func (f *unfolded) line(dst, src []float32, j, v, lo, hi int) {
	a := min(max(lo-j, 0), len(dst))
	b := max(min(hi-j, len(dst)), a)
	clear(dst[:a])
	clear(dst[b:])
	if a == b {
		return
	}
	x, stride := f.window.Source(1, j+a, v), f.window.Stride[1]
	if stride == 1 {
		copy(dst[a:b], src[x:])
		return
	}
	for i := a; i < b; i++ {
		dst[i] = src[x]
		x += stride
	}
}
