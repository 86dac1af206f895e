package gemm

const (
	// combined is how many rows one call of a kernel adds.
	combined = 4
	// grain divides the number of elements that combine and dot kernels take.
	grain = 16
	// few is up to how many rows of the left operand combine beats packed blocks: it does not pack, and fills no tile
	// with zeros, but reads every sum again after four products.
	few = 3
)

// combine multiplies without packing, for a left operand of few rows: whole rows of the right one are scaled and added,
// four at a time.
func (w *Workspace[T]) combine(k *kernels[T], p product[T]) {
	for j := 0; j < p.c.Cols; j += width {
		n := min(width, p.c.Cols-j)
		for d := 0; d < p.a.Cols; d += combined {
			rows := min(combined, p.a.Cols-d)
			if rows == combined {
				w.addScaled(k, p, d, rows, j, n)
				continue
			}
			for r := range rows {
				w.addScaled(k, p, d+r, 1, j, n)
			}
		}
	}
}

// addScaled adds the products of rows d to d+rows−1, 1 or 4 of them, to columns j to j+n−1.
func (w *Workspace[T]) addScaled(k *kernels[T], p product[T], d, rows, j, n int) {
	b, stride := w.adjacent(p.b, d, rows, j, n)
	kernel := k.combine1
	if rows == combined {
		kernel = k.combine4
	}
	scratch := grown(&w.tile, combined+(combined+1)*grain)
	factors, ends := scratch[:combined], scratch[combined:]
	body := n / grain * grain
	for i := range p.c.Rows {
		for r := range rows {
			factors[r] = T(p.sign) * p.a.Data[p.a.at(i, d+r)]
		}
		c := p.c.Data[p.c.at(i, j) : p.c.at(i, j)+n]
		if body > 0 {
			kernel(body, &factors[0], &b[0], stride, &c[0])
		}
		if body == n {
			continue
		}
		for r := range rows {
			copy(ends[r*grain:(r+1)*grain], b[r*stride+body:r*stride+n])
		}
		end := ends[combined*grain:]
		copy(end, c[body:])
		kernel(grain, &factors[0], &ends[0], grain, &end[0])
		copy(c[body:], end)
	}
}

// adjacent returns columns j to j+n−1 of rows d to d+rows−1 of b, at a stride.
func (w *Workspace[T]) adjacent(b right[T], d, rows, j, n int) ([]T, int) {
	if b.rows == nil {
		return b.matrix.Data[b.matrix.at(d, j):], b.matrix.RowStride
	}
	for r := range rows {
		w.row(b, d+r, j, n, r)
	}
	return w.lines, width
}
