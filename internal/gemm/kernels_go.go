package gemm

import "unsafe"

// tileRows and tileCols are the tile of the plain Go kernels.
const tileRows, tileCols = 4, 4

// plainSet returns the kernels in Go.
func plainSet() set {
	return set{f32: plain[float32](), f64: plain[float64](), dot: dotKernels{
		one: func(length int, w *float32, stride int, x, sums *float32) { dotGo(1, length, w, stride, x, sums) },
		four: func(length int, w *float32, stride int, x, sums *float32) {
			dotGo(combined, length, w, stride, x, sums)
		},
	}}
}

// plain returns the kernels in Go for one type.
func plain[T Float]() *kernels[T] {
	return &kernels[T]{
		rows: tileRows, cols: tileCols, lanes: tileCols,
		tile:     []func(int, *T, *T, *T, int){tileGo[T]},
		combine1: func(length int, a, b *T, stride int, c *T) { combineGo(1, length, a, b, stride, c) },
		combine4: func(length int, a, b *T, stride int, c *T) { combineGo(combined, length, a, b, stride, c) },
	}
}

// tileGo adds the product of two packed panels of k steps, a with rows elements a step and b with cols, to a tile of c,
// whose rows are stride elements apart:
//
//	for p := range k { for i := range rows { for j := range cols { c[i·stride+j] += a[p·rows+i] * b[p·cols+j] } } }
func tileGo[T Float](k int, a, b, c *T, stride int) {
	left, right := unsafe.Slice(a, k*tileRows), unsafe.Slice(b, k*tileCols)
	out := unsafe.Slice(c, (tileRows-1)*stride+tileCols)
	for i := 0; i < tileRows; i += 2 {
		tileRow2(left[i:], right, out[i*stride:][:tileCols], out[(i+1)*stride:][:tileCols])
	}
}

// tileRow2 is tileGo for two rows: as many sums as fit the registers.
func tileRow2[T Float](a, b, c0, c1 []T) {
	s00, s01, s02, s03 := c0[0], c0[1], c0[2], c0[3]
	s10, s11, s12, s13 := c1[0], c1[1], c1[2], c1[3]
	for len(b) >= tileCols && len(a) >= 2 {
		x, y := a[0], a[1]
		b0, b1, b2, b3 := b[0], b[1], b[2], b[3]
		s00 += x * b0
		s01 += x * b1
		s02 += x * b2
		s03 += x * b3
		s10 += y * b0
		s11 += y * b1
		s12 += y * b2
		s13 += y * b3
		b = b[tileCols:]
		a = a[min(tileRows, len(a)):]
	}
	c0[0], c0[1], c0[2], c0[3] = s00, s01, s02, s03
	c1[0], c1[1], c1[2], c1[3] = s10, s11, s12, s13
}

// combineGo adds scaled rows of b, stride elements apart, to c:
//
//	for i := range length { for r := range rows { c[i] += a[r] * b[r·stride+i] } }
func combineGo[T Float](rows, length int, a, b *T, stride int, c *T) {
	factors, out := unsafe.Slice(a, rows), unsafe.Slice(c, length)
	all := unsafe.Slice(b, (rows-1)*stride+length)
	for r, f := range factors {
		for i, v := range all[r*stride : r*stride+length] {
			out[i] += f * v
		}
	}
}

// dotGo multiplies rows of w, stride elements apart, with x, in 16 lanes a row:
//
//	for r := range rows { for i := range length { sums[r·16+i%16] += w[r·stride+i] * x[i] } }
func dotGo(rows, length int, w *float32, stride int, x, sums *float32) {
	all, in := unsafe.Slice(w, (rows-1)*stride+length), unsafe.Slice(x, length)
	for r := range rows {
		row, lanes := all[r*stride:r*stride+length], unsafe.Slice(sums, (r+1)*grain)[r*grain:]
		for i := 0; i < length; i += grain {
			a, b := row[i:i+grain], in[i:i+grain]
			for l, v := range a {
				lanes[l] += v * b[l]
			}
		}
	}
}
