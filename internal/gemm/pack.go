package gemm

// packLeft packs the block a in panels of size rows, step by step, zeros beyond the last row:
//
//	dst[(i/size·size)·a.Cols + p·size + i%size] = sign · a[i][p]
func packLeft[T Float](dst []T, a Matrix[T], size int, sign sign) {
	for i := 0; i < a.Rows; i += size {
		panel := dst[i*a.Cols : (i+size)*a.Cols]
		n := min(size, a.Rows-i)
		if n < size {
			clear(panel)
		}
		if a.RowStride == 1 {
			packAcross(panel, a.Block(i, 0, n, a.Cols), size)
		} else {
			packAlong(panel, a.Block(i, 0, n, a.Cols), size)
		}
	}
	if sign == minus {
		for i := range dst {
			dst[i] = -dst[i]
		}
	}
}

// packAcross is packLeft for one panel of a whose columns are contiguous.
func packAcross[T Float](panel []T, a Matrix[T], size int) {
	for p := range a.Cols {
		copy(panel[p*size:p*size+a.Rows], a.Data[p*a.ColStride:])
	}
}

// packAlong is packLeft for one panel of any a.
func packAlong[T Float](panel []T, a Matrix[T], size int) {
	for i := range a.Rows {
		src, at := a.Data[i*a.RowStride:], i
		if a.ColStride == 1 {
			for _, v := range src[:a.Cols] {
				panel[at] = v
				at += size
			}
			continue
		}
		for p := range a.Cols {
			panel[at] = src[p*a.ColStride]
			at += size
		}
	}
}

// packRight packs steps rows of b from d on, columns j to j+n−1, in panels of size columns, zeros beyond the last:
//
//	dst[(c/size·size)·steps + p·size + c%size] = b[d+p][j+c]
func (w *Workspace[T]) packRight(dst []T, b right[T], d, steps, j, n, size int) {
	if n%size != 0 {
		clear(dst[n/size*size*steps:])
	}
	if !b.wholeRows() {
		t := b.matrix.Block(d, j, steps, n).Transposed()
		for c := 0; c < n; c += size {
			packAlong(dst[c*steps:(c+size)*steps], t.Block(c, 0, min(size, n-c), steps), size)
		}
		return
	}
	for p := range steps {
		line := w.row(b, d+p, j, n, 0)
		for c := 0; c < n; c += size {
			copy(dst[c*steps+p*size:c*steps+(p+1)*size], line[c:])
		}
	}
}

// row returns columns j to j+n−1 of row k of b; a computed row is at place slot of the workspace.
func (w *Workspace[T]) row(b right[T], k, j, n, slot int) []T {
	if b.rows == nil {
		at := b.matrix.at(k, j)
		return b.matrix.Data[at : at+n]
	}
	line := grown(&w.lines, combined*width)[slot*width : slot*width+n]
	b.rows.Row(line, k, j)
	return line
}
