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
	i := 0
	if a.ColStride == 1 {
		for ; i+4 <= a.Rows; i += 4 {
			packFour(panel[i:], a.Block(i, 0, 4, a.Cols), size)
		}
	}
	for ; i < a.Rows; i++ {
		src, at := a.Data[i*a.RowStride:], i
		for p := range a.Cols {
			panel[at] = src[p*a.ColStride]
			at += size
		}
	}
}

// packFour is packAlong for four contiguous rows.
func packFour[T Float](panel []T, a Matrix[T], size int) {
	row := func(i int) []T { return a.Data[i*a.RowStride:][:a.Cols] }
	r0, r1, r2, r3 := row(0), row(1), row(2), row(3)
	r1, r2, r3 = r1[:len(r0)], r2[:len(r0)], r3[:len(r0)]
	for p, v := range r0 {
		step := panel[p*size:][:4]
		step[0], step[1], step[2], step[3] = v, r1[p], r2[p], r3[p]
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
