package convert

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
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
	bias            bool    // the last column is the constant one
	one             float64 //

	lambda float64   // relative to the mean of the Gram matrix's diagonal
	ridge  float64   // λ̄
	g      []float64 // cols × cols: Uᵀ·U, upper triangle
	chol   mat.Cholesky
	w      []float64 // out × cols
}

const (
	// lambdaMany is the relative ridge where rows abound; from 1e-3 to 1e-2 it made no measurable difference.
	lambdaMany = 1e-2
	// lambdaFew holds on to the weights before where there are fewer than fewRows rows a column: a fully connected
	// layer has only one row an image.
	lambdaFew = 1.0
	fewRows   = 5
	// chunk is how many rows are widened to float64 at a time.
	chunk = 512
)

// scaleRidge chooses λ.
func (r *ridge) scaleRidge() {
	r.lambda = lambdaMany
	if r.rows < fewRows*r.cols {
		r.lambda = lambdaFew
	}
}

// eachChunk calls body with successive runs of rows, widened to float64.
func (r *ridge) eachChunk(body func(first, n int, u []float64)) {
	buf := make([]float64, chunk*r.cols)
	for first := 0; first < r.rows; first += chunk {
		n := min(chunk, r.rows-first)
		for i := range n {
			for j, v := range r.u[(first+i)*r.stride : (first+i)*r.stride+r.cols] {
				buf[i*r.cols+j] = float64(v)
			}
		}
		body(first, n, buf[:n*r.cols])
	}
}

var errSilent = errors.New("its input is zero on all calibration images")

// factorise computes the Gram matrix and the Cholesky factor of G + λ̄·I.
func (r *ridge) factorise() error {
	r.g = make([]float64, r.cols*r.cols)
	sym := blas64.Symmetric{N: r.cols, Stride: r.cols, Data: r.g, Uplo: blas.Upper}
	r.eachChunk(func(_, n int, u []float64) {
		blas64.Syrk(blas.Trans, 1, blas64.General{Rows: n, Cols: r.cols, Stride: r.cols, Data: u}, 1, sym)
	})
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
	a := mat.NewSymDense(r.cols, append([]float64(nil), r.g...))
	for i := range r.cols {
		a.SetSym(i, i, a.At(i, i)+r.ridge)
	}
	if !r.chol.Factorize(a) {
		return errors.New("its Gram matrix is not positive definite")
	}
	return nil
}

// iterate solves once with the teacher's values as target, then with the rectified target.
func (r *ridge) iterate(times int) {
	r.w = append([]float64(nil), r.w0...)
	for it := range times {
		rhs := mat.NewDense(r.cols, r.out, nil)
		for o := range r.out {
			for j := range r.cols {
				rhs.Set(j, o, r.ridge*r.w0[o*r.cols+j])
			}
		}
		target := make([]float64, chunk*r.out)
		r.eachChunk(func(first, n int, u []float64) {
			um := blas64.General{Rows: n, Cols: r.cols, Stride: r.cols, Data: u}
			tm := blas64.General{Rows: n, Cols: r.out, Stride: r.out, Data: target[:n*r.out]}
			if it > 0 {
				blas64.Gemm(blas.NoTrans, blas.Trans, 1, um, blas64.General{Rows: r.out, Cols: r.cols, Stride: r.cols, Data: r.w}, 0, tm)
			}
			r.targets(tm.Data, first, it > 0)
			blas64.Gemm(blas.Trans, blas.NoTrans, 1, um, tm, 1, rhs.RawMatrix())
		})
		var x mat.Dense
		// The condition warning is expected: λ̄ keeps the solution bounded however close to singular G is.
		_ = r.chol.SolveTo(&x, rhs)
		for o := range r.out {
			for j := range r.cols {
				r.w[o*r.cols+j] = x.At(j, o)
			}
		}
	}
}

// targets replaces the student's sums in t (rows from first on; ignored unless rectify) by what the weighted terms
// should deliver.
func (r *ridge) targets(t []float64, first int, rectify bool) {
	for i := range t {
		k := first*r.out + i
		z, fixed := float64(r.z[k]), float64(r.fixed[k])
		if rectify && r.rectified && z <= 0 {
			t[i] = min(t[i]+fixed, 0) - fixed
		} else {
			t[i] = z - fixed
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
