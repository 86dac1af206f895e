package gemm

import "fmt"

// MultiplyVector is y = W·x for W of m × n, its rows contiguous, in 16 lanes a row:
//
//	for i := range n { lane[i%16] = fma(w[o][i], x[i], lane[i%16]) } // from 0
//	for half := 8; half > 0; half /= 2 { for l := range half { lane[l] += lane[l+half] } }
//	y[o] = lane[0]
//
// The lanes are the same whatever vector instructions there are, so that AVX2 and AVX-512 give the same bits. W is read
// once, in order: for a large one that is what takes the time.
func MultiplyVector(ws *Workspace[float32], y []float32, w Matrix[float32], x []float32) {
	multiplyVector(inUse.dot, ws, y, w, x)
}

// multiplyVector is MultiplyVector with given kernels.
func multiplyVector(k dotKernels, ws *Workspace[float32], y []float32, w Matrix[float32], x []float32) {
	if len(y) != w.Rows || len(x) != w.Cols || w.ColStride != 1 {
		panic(fmt.Sprintf("gemm: %dx%d with column stride %d times %d into %d", w.Rows, w.Cols, w.ColStride, len(x), len(y)))
	}
	w.check()
	sums := grown(&ws.tile, (2*combined+1)*grain)
	ends := sums[combined*grain:]
	for o := 0; o < w.Rows; {
		rows, kernel := 1, k.one
		if w.Rows-o >= combined {
			rows, kernel = combined, k.four
		}
		lanes := sums[:rows*grain]
		clear(lanes)
		addLanes(kernel, lanes, ends, w.Block(o, 0, rows, w.Cols), x)
		for r := range rows {
			y[o+r] = fold(lanes[r*grain:])
		}
		o += rows
	}
}

// addLanes adds the products of each row of w with x to its lanes. What is left of a row and of x behind the last
// multiple of 16 goes to ends, with zeros up to 16.
func addLanes(kernel func(int, *float32, int, *float32, *float32), lanes, ends []float32, w Matrix[float32], x []float32) {
	body := w.Cols / grain * grain
	if body > 0 {
		kernel(body, &w.Data[0], w.RowStride, &x[0], &lanes[0])
	}
	if body == w.Cols {
		return
	}
	clear(ends)
	for r := range w.Rows {
		copy(ends[r*grain:], w.Data[w.at(r, body):w.at(r, body)+w.Cols-body])
	}
	vector := ends[combined*grain:]
	copy(vector, x[body:])
	kernel(grain, &ends[0], grain, &vector[0], &lanes[0])
}

// fold sums 16 lanes.
func fold(lanes []float32) float32 {
	for half := grain / 2; half > 0; half /= 2 {
		for l := range half {
			lanes[l] += lanes[l+half]
		}
	}
	return lanes[0]
}
