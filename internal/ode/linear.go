package ode

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

func init() {
	for _, m := range []struct {
		name, about string
		order       int
		propagate   func(a *mat.Dense, dt float64) (p, q *mat.Dense, err error)
	}{
		{"exact", "e^(A·dt)·y + A⁻¹(e^(A·dt) − 1)·b for dy/dt = A·y + b", 0, exactPropagator},
		{"crank_nicolson", "(1 − dt/2·A)⁻¹((1 + dt/2·A)·y + dt·b) for dy/dt = A·y + b", 2, trapezoidPropagator},
	} {
		register(Method{Name: m.name, About: m.about, Order: m.order, New: func(s System, dt float64) (Stepper, error) {
			l, ok := s.(Linear)
			if !ok {
				return nil, needs(m.name, "linear equations")
			}
			if err := noiseless(m.name, s); err != nil {
				return nil, err
			}
			return &linear{s: l, dt: dt, name: m.name, propagate: m.propagate, next: make([]float64, s.Dim())}, nil
		}})
	}
}

// linear is y = P·y + Q·b, with P and Q made anew whenever A changes.
type linear struct {
	s         Linear
	dt        float64
	name      string
	propagate func(a *mat.Dense, dt float64) (p, q *mat.Dense, err error)
	a         [][]float64
	p, q      *mat.Dense
	next      []float64
}

// Step gives NaN where the method has no answer, as for a matrix that is not finite.
func (l *linear) Step(y, _ []float64) {
	a, b := l.s.Matrix()
	if l.p == nil || !slices.EqualFunc(a, l.a, slices.Equal[[]float64]) {
		l.a = make([][]float64, len(a))
		flat := make([]float64, 0, len(y)*len(y))
		for i, row := range a {
			l.a[i] = slices.Clone(row)
			flat = append(flat, row...)
		}
		p, q, err := l.propagate(mat.NewDense(len(a), len(a), flat), l.dt)
		if err != nil {
			for i := range y {
				y[i] = math.NaN()
			}
			return
		}
		l.p, l.q = p, q
	}
	for i := range y {
		sum := 0.0
		for j := range y {
			sum += float64(l.p.At(i, j)*y[j]) + float64(l.q.At(i, j)*b[j])
		}
		l.next[i] = sum
	}
	copy(y, l.next)
}

// Propagate returns P and Q of the exact step y = P·y + Q·b of a small linear system dy/dt = A·y + b,
// which has one variable at least.
func Propagate(a [][]float64, dt float64) (p, q [][]float64, err error) {
	n := len(a)
	pm, qm, err := exactPropagator(mat.NewDense(n, n, slices.Concat(a...)), dt)
	if err != nil {
		return nil, nil, err
	}
	for i := range n {
		p, q = append(p, pm.RawRowView(i)), append(q, qm.RawRowView(i))
	}
	return p, q, nil
}

// exactPropagator returns e^(A·dt) and ∫₀^dt e^(A·s) ds, both from the exponential of one matrix, so that A may be singular
// (Van Loan, IEEE Trans. Automat. Contr. 23, 1978):
//
//	exp ⎡A·dt  dt⎤ = ⎡P  Q⎤
//	    ⎣ 0     0⎦   ⎣0  1⎦
func exactPropagator(a *mat.Dense, dt float64) (p, q *mat.Dense, err error) {
	n, _ := a.Dims()
	block := mat.NewDense(2*n, 2*n, nil)
	for i := range n {
		for j := range n {
			v := a.At(i, j) * dt
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, nil, fmt.Errorf("coefficient %d,%d is %v", i, j, v)
			}
			block.Set(i, j, v)
		}
		block.Set(i, n+i, dt)
	}
	var e mat.Dense
	e.Exp(block)
	return mat.DenseCopyOf(e.Slice(0, n, 0, n)), mat.DenseCopyOf(e.Slice(0, n, n, 2*n)), nil
}

// trapezoidPropagator is the method of Crank and Nicolson (Proc. Camb. Phil. Soc. 43, 1947):
//
//	P = (1 − dt/2·A)⁻¹(1 + dt/2·A),  Q = (1 − dt/2·A)⁻¹·dt
func trapezoidPropagator(a *mat.Dense, dt float64) (p, q *mat.Dense, err error) {
	n, _ := a.Dims()
	left, right, unit := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			one := 0.0
			if i == j {
				one = 1
			}
			left.Set(i, j, one-dt/2*a.At(i, j))
			right.Set(i, j, one+dt/2*a.At(i, j))
			unit.Set(i, j, dt*one)
		}
	}
	p, q = mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
	if err := p.Solve(left, right); err != nil {
		return nil, nil, err
	}
	return p, q, q.Solve(left, unit)
}
