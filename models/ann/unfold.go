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
	u, v := k/f.window.Kernel[1]%f.window.Kernel[0], k%f.window.Kernel[1]
	plane := f.x[k/(f.window.Kernel[0]*f.window.Kernel[1])*f.size[0]*f.size[1]:]
	lo, hi := f.inside(v)
	i, j := first/f.out[1], first%f.out[1]
	for len(dst) > 0 {
		n := min(len(dst), f.out[1]-j)
		line := dst[:n]
		dst = dst[n:]
		y := f.window.Source(0, i, u)
		if y < 0 || y >= f.size[0] {
			clear(line)
		} else {
			f.line(line, plane[y*f.size[1]:(y+1)*f.size[1]], j, v, lo, hi)
		}
		i, j = i+1, 0
	}
}

// inside returns the range lo..hi−1 of the output columns whose tap v reads inside the map.
func (f *unfolded) inside(v int) (lo, hi int) {
	stride, shift := f.window.Stride[1], f.window.Source(1, 0, v)
	lo = max(0, (-shift+stride-1)/stride)
	hi = f.out[1]
	if last := f.size[1] - 1 - shift; last < 0 {
		hi = 0
	} else {
		hi = min(hi, last/stride+1)
	}
	return min(lo, hi), hi
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
