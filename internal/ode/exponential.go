package ode

import "math"

func init() {
	register(Method{Name: "exponential_euler", About: "(y + B/A)·e^(A·dt) − B/A for dy/dt = A·y + B, the other variables as they were", Order: 1,
		New: func(s System, dt float64) (Stepper, error) {
			a, ok := s.(Affine)
			if !ok {
				return nil, needs("exponential_euler", "equations that are linear in their own variable")
			}
			if err := noiseless("exponential_euler", s); err != nil {
				return nil, err
			}
			return &exponential{s: a, dt: dt, a: make([]float64, s.Dim()), b: make([]float64, s.Dim())}, nil
		}})
}

// exponential solves each equation exactly for the others held as they were at the start of the step (Rush and Larsen, IEEE Trans.
// Biomed. Eng. 25, 1978):
//
//	y[i] = y[i]·e^(a·dt) + b·(e^(a·dt) − 1)/a
type exponential struct {
	s    Affine
	dt   float64
	a, b []float64
}

func (e *exponential) Step(y, _ []float64) {
	e.s.Coefficients(e.a, e.b, y)
	for i := range y {
		x := float64(e.a[i] * e.dt)
		y[i] = float64(y[i]*math.Exp(x)) + float64(e.b[i]*e.dt)*Exprel(x)
	}
}

// Exprel is (e^x − 1)/x, with its limit 1 at 0.
func Exprel(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Expm1(x) / x
}
