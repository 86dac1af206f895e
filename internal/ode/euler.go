package ode

func init() {
	register(Method{Name: "euler", About: "y + dt·f(y) + g(y)·dW, Itô's reading of the noise", Order: 1, New: func(s System, dt float64) (Stepper, error) {
		e := &euler{s: s, dt: dt, dy: make([]float64, s.Dim())}
		if n, ok := s.(Noisy); ok {
			e.noise, e.g = n, make([]float64, s.Dim())
		}
		return e, nil
	}})
}

// euler is the method of Euler, with noise that of Maruyama (Rend. Circ. Mat. Palermo 4, 1955):
//
//	y[i] += dt·f(y)[i] + g(y)[i]·dw[i]
type euler struct {
	s     System
	noise Noisy
	dt    float64
	dy, g []float64
}

func (e *euler) Step(y, dw []float64) {
	e.s.Derivative(e.dy, y)
	if e.noise == nil || dw == nil {
		for i := range y {
			y[i] += float64(e.dt * e.dy[i])
		}
		return
	}
	e.noise.Diffusion(e.g, y)
	for i := range y {
		y[i] += float64(e.dt*e.dy[i]) + float64(e.g[i]*dw[i])
	}
}
