package convert

import (
	"context"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"spikec/internal/cholesky"
	"spikec/internal/gemm"
	"spikec/internal/parallel"
)

// ridge is a multi-output ridge regression towards given weights, with the ReLU-aware target of pass refit.
type ridge struct {
	rows, cols, out int
	u               []float32 // rows × cols at stride
	stride          int
	z               []float32 // rows × out: the teacher's pre-activations
	fixed           []float32 // rows × out: what skip connections add to the student
	w0              []float64 // out × cols
	rectified       bool
	limit           float64 // of the rectifier, above which its value stays; +Inf: none
	bias            bool    // the last column is the constant one
	one             float64 // what that column holds
	jobs            int

	lambda float64   // relative to the mean of the Gram matrix's diagonal
	ridge  float64   // λ̄
	g      []float64 // cols × cols: Uᵀ·U, upper triangle
	chol   []float64 // cols × cols: the Cholesky factor of G + λ̄·I; rows × rows: that of U·Uᵀ + λ̄·I where rows are few
	w      []float64 // out × cols
}

// FewRows is how many rows a column a regression has at least whose rows count as many: with fewer it holds on to the
// weights before.
const FewRows = 5

const (
	// lambdaMany is the relative ridge where rows abound; from 1e-3 to 1e-2 it made no measurable difference.
	lambdaMany = 1e-2
	// lambdaFew holds on to the weights before where there are fewer than FewRows rows a column: a fully connected
	// layer has only one row an image.
	lambdaFew = 1.0
	// chunk is how many rows are widened to float64 at a time.
	chunk = 512
	// stripe is how many columns of the Gram matrix, or output channels, one goroutine takes at a time.
	stripe = 64
)

// scaleRidge chooses λ.
func (r *ridge) scaleRidge() {
	r.lambda = lambdaMany
	if r.rows < FewRows*r.cols {
		r.lambda = lambdaFew
	}
}

// eachChunk calls body with successive runs of rows from first on, widened to float64, of the columns 0 to cols−1. buf
// holds chunk × cols.
func (r *ridge) eachChunk(buf []float64, cols int, body func(first int, u gemm.Matrix[float64])) {
	for first := 0; first < r.rows; first += chunk {
		n := min(chunk, r.rows-first)
		r.widen(buf, first, n, cols)
		body(first, gemm.Dense(buf[:n*cols], n, cols))
	}
}

// widen writes the columns 0 to cols−1 of n rows, from row first on, to dst.
func (r *ridge) widen(dst []float64, first, n, cols int) {
	for i := range n {
		line := dst[i*cols : (i+1)*cols]
		for j, v := range r.u[(first+i)*r.stride : (first+i)*r.stride+cols] {
			line[j] = float64(v)
		}
	}
}

// eachStripe calls body, concurrently, with the runs first..last−1 of stripe items each out of n. A worker has a workspace
// and a buffer of its own.
func (r *ridge) eachStripe(ctx context.Context, n int, body func(w *ridgeWorker, first, last int)) error {
	workers := make([]ridgeWorker, parallel.Jobs(r.jobs))
	return parallel.For(ctx, (n+stripe-1)/stripe, len(workers), func(k, i int) error {
		w := &workers[k]
		if w.rows == nil {
			w.rows = make([]float64, chunk*r.cols)
		}
		body(w, i*stripe, min(n, (i+1)*stripe))
		return nil
	})
}

// ridgeWorker is the memory of one goroutine.
type ridgeWorker struct {
	gemm gemm.Workspace[float64]
	rows []float64 // chunk × cols
	sums []float64 // chunk × out, where rows are multiplied by weights
}

var errSilent = errors.New("its input is zero on all calibration images")

// gram computes Uᵀ·U.
func (r *ridge) gram(ctx context.Context) error {
	r.g = make([]float64, r.cols*r.cols)
	g := gemm.Dense(r.g, r.cols, r.cols)
	return r.eachStripe(ctx, r.cols, func(w *ridgeWorker, first, last int) {
		r.eachChunk(w.rows, last, func(_ int, u gemm.Matrix[float64]) {
			w.gemm.AddGram(g.Block(0, 0, last, last), u, first, last)
		})
	})
}

// factorise computes the Gram matrix and the Cholesky factor of G + λ̄·I.
func (r *ridge) factorise(ctx context.Context) error {
	if err := r.gram(ctx); err != nil {
		return err
	}
	trace := 0.0
	for i := range r.cols {
		trace += r.g[i*r.cols+i]
	}
	if trace == 0 {
		return errSilent
	}
	if math.IsNaN(trace) || math.IsInf(trace, 0) {
		return errors.New("its input is not finite on the calibration images")
	}
	r.ridge = r.lambda * trace / float64(r.cols)
	n := r.cols
	if r.few() {
		n = r.rows
		if err := r.inner(ctx); err != nil {
			return err
		}
	} else {
		r.chol = slices.Clone(r.g)
	}
	for i := range n {
		r.chol[i*n+i] += r.ridge
	}
	if !cholesky.Factor(cholesky.NewTeam(r.jobs), gemm.Dense(r.chol, n, n)) {
		return errors.New("its Gram matrix is not positive definite")
	}
	return nil
}

// few reports whether rows are so much fewer than columns that the system of rows equations is the smaller one:
//
//	(Uᵀ·U + λ̄·I)⁻¹·Uᵀ = Uᵀ·(U·Uᵀ + λ̄·I)⁻¹
func (r *ridge) few() bool { return 2*r.rows <= r.cols }

// inner computes U·Uᵀ, the upper triangle, in place of the factor.
func (r *ridge) inner(ctx context.Context) error {
	r.chol = make([]float64, r.rows*r.rows)
	u := gemm.Dense(make([]float64, r.rows*r.cols), r.rows, r.cols)
	r.widen(u.Data, 0, r.rows, r.cols)
	return r.eachStripe(ctx, r.rows, func(w *ridgeWorker, first, last int) {
		w.gemm.AddGram(gemm.Dense(r.chol, r.rows, r.rows), u.Transposed(), first, last)
	})
}

// iterate solves once with the teacher's values as target, then with the rectified target. Output channels do not depend
// on one another.
func (r *ridge) iterate(ctx context.Context, times int) error {
	r.w = append([]float64(nil), r.w0...)
	return r.eachStripe(ctx, r.out, func(w *ridgeWorker, first, last int) {
		for it := range times {
			r.solve(w, first, last, it > 0)
		}
	})
}

// solve renews the weights of output channels first to last−1.
func (r *ridge) solve(w *ridgeWorker, first, last int, rectify bool) {
	if r.few() {
		r.solveFew(w, first, last, rectify)
		return
	}
	n := last - first
	sums := gemm.Dense(make([]float64, n*r.cols), n, r.cols)
	for i, v := range r.w0[first*r.cols : last*r.cols] {
		sums.Data[i] = r.ridge * v
	}
	r.eachTarget(w, first, last, rectify, func(_ int, u, target gemm.Matrix[float64]) {
		w.gemm.Add(sums, target.Transposed(), u)
	})
	cholesky.Solve(&w.gemm, gemm.Dense(r.chol, r.cols, r.cols), sums)
	copy(r.w[first*r.cols:last*r.cols], sums.Data)
}

// solveFew is solve by the system of rows equations: w = w0 + (t − w0·Uᵀ)·(U·Uᵀ + λ̄·I)⁻¹·U, t being the targets.
func (r *ridge) solveFew(w *ridgeWorker, first, last int, rectify bool) {
	n := last - first
	before := gemm.Dense(r.w0[first*r.cols:last*r.cols], n, r.cols)
	off := gemm.Dense(make([]float64, n*r.rows), n, r.rows)
	r.eachTarget(w, first, last, rectify, func(row int, u, target gemm.Matrix[float64]) {
		w.gemm.Sub(target, u, before.Transposed())
		for i := range u.Rows {
			for o := range n {
				off.Data[o*r.rows+row+i] = target.Data[i*n+o]
			}
		}
	})
	cholesky.Solve(&w.gemm, gemm.Dense(r.chol, r.rows, r.rows), off)
	weights := gemm.Dense(r.w[first*r.cols:last*r.cols], n, r.cols)
	copy(weights.Data, before.Data)
	r.eachChunk(w.rows, r.cols, func(row int, u gemm.Matrix[float64]) {
		w.gemm.Add(weights, off.Block(0, row, n, u.Rows), u)
	})
}

// eachTarget calls body with successive runs of rows, from row on, and what the weighted terms should deliver there to output
// channels first to last−1.
func (r *ridge) eachTarget(w *ridgeWorker, first, last int, rectify bool, body func(row int, u, target gemm.Matrix[float64])) {
	n := last - first
	weights := gemm.Dense(r.w[first*r.cols:last*r.cols], n, r.cols)
	buf := make([]float64, chunk*n)
	r.eachChunk(w.rows, r.cols, func(row int, u gemm.Matrix[float64]) {
		target := gemm.Dense(buf[:u.Rows*n], u.Rows, n)
		clear(target.Data)
		if rectify {
			w.gemm.Add(target, u, weights.Transposed())
		}
		r.targets(target, row, first, rectify)
		body(row, u, target)
	})
}

// targets replaces the student's sums in t (rows from row on, output channels from first on; ignored unless rectify) by
// what the weighted terms should deliver.
func (r *ridge) targets(t gemm.Matrix[float64], row, first int, rectify bool) {
	rectify = rectify && r.rectified
	for i := range t.Rows {
		line := t.Data[i*t.Cols : (i+1)*t.Cols]
		at := (row+i)*r.out + first
		z, fixed := r.z[at:at+t.Cols], r.fixed[at:at+t.Cols]
		for o := range line {
			z, fixed := float64(z[o]), float64(fixed[o])
			switch {
			case rectify && z <= 0:
				line[o] = min(line[o]+fixed, 0) - fixed
			case rectify && z >= r.limit:
				line[o] = max(line[o]+fixed, r.limit) - fixed
			default:
				line[o] = z - fixed
			}
		}
	}
}

// moments returns Uᵀ·U/n without the constant column.
func (r *ridge) moments() *mat.SymDense {
	n := r.cols
	if r.bias {
		n--
	}
	m := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			m.SetSym(i, j, r.g[i*r.cols+j]/float64(r.rows))
		}
	}
	return m
}
