package ode

import "math"

func init() {
	for _, m := range []struct {
		name, about string
	}{
		{"heun", "y + dt·f(y) + dW/2·(g(y) + g(y + g(y)·dW)), Stratonovich's reading of the noise"},
		{"milstein", "y + dt·f(y) + g(y)·dW + dW²/(2·√dt)·(g(y + dt·f(y) + √dt·g(y)) − g(y)), Stratonovich's reading of the noise"},
	} {
		register(Method{Name: m.name, About: m.about, Order: 1, New: func(s System, dt float64) (Stepper, error) {
			n, ok := s.(Noisy)
			if !ok {
				return nil, needs(m.name, "equations with noise")
			}
			v := func() []float64 { return make([]float64, s.Dim()) }
			return &stochastic{s: n, dt: dt, milstein: m.name == "milstein", dy: v(), g: v(), at: v(), ahead: v()}, nil
		}})
	}
}

// stochastic are the methods for noise that depends on the state, each variable with a Wiener process of its own. Both converge to
// the solution that Stratonovich's calculus gives (Kloeden and Platen, Numerical Solution of Stochastic Differential Equations,
// 1992, chapters 10 and 11):
//
//	heun       at = y + g(y)·dw                       y += dt·f(y) + dw/2·(g(y) + g(at))
//	milstein   at = y + dt·f(y) + √dt·g(y)            y += dt·f(y) + g(y)·dw + (g(at) − g(y))·dw²/(2·√dt)
type stochastic struct {
	s                Noisy
	dt               float64
	milstein         bool
	dy, g, at, ahead []float64
}

func (s *stochastic) Step(y, dw []float64) {
	s.s.Derivative(s.dy, y)
	s.s.Diffusion(s.g, y)
	root := math.Sqrt(s.dt)
	for i := range y {
		if s.milstein {
			s.at[i] = y[i] + float64(s.dt*s.dy[i]) + float64(root*s.g[i])
		} else {
			s.at[i] = y[i] + float64(s.g[i]*dw[i])
		}
	}
	s.s.Diffusion(s.ahead, s.at)
	for i, w := range dw {
		if s.milstein {
			y[i] += float64(s.dt*s.dy[i]) + float64(s.g[i]*w) + float64((s.ahead[i]-s.g[i])*w)*w/(2*root)
		} else {
			y[i] += float64(s.dt*s.dy[i]) + float64(w/2)*(s.g[i]+s.ahead[i])
		}
	}
}
