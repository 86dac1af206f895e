package ode

func init() {
	for _, t := range []tableau{
		{"rk2", "y + dt·f(y + dt/2·f(y))", 2, [][]float64{{0.5}}, []float64{0, 1}},
		{"heun2", "y + dt/2·(f(y) + f(y + dt·f(y)))", 2, [][]float64{{1}}, []float64{0.5, 0.5}},
		{"rk4", "the classical method of four stages", 4, [][]float64{{0.5}, {0, 0.5}, {0, 0, 1}}, []float64{1. / 6, 1. / 3, 1. / 3, 1. / 6}},
	} {
		register(Method{Name: t.name, About: t.about, Order: t.order, New: func(s System, dt float64) (Stepper, error) {
			if err := noiseless(t.name, s); err != nil {
				return nil, err
			}
			r := &rungeKutta{s: s, dt: dt, t: t, at: make([]float64, s.Dim())}
			for range t.b {
				r.k = append(r.k, make([]float64, s.Dim()))
			}
			return r, nil
		}})
	}
}

// tableau is an explicit method of Runge and Kutta (Kutta, Z. Math. Phys. 46, 1901): row i of a weighs the stages before stage
// i+1, b weighs the stages in the result.
type tableau struct {
	name, about string
	order       int
	a           [][]float64
	b           []float64
}

// rungeKutta is
//
//	k[0] = f(y);  k[i] = f(y + dt·Σ_{j<i} a[i−1][j]·k[j]);  y += dt·Σ_i b[i]·k[i]
type rungeKutta struct {
	s  System
	dt float64
	t  tableau
	k  [][]float64
	at []float64
}

func (r *rungeKutta) Step(y, _ []float64) {
	r.s.Derivative(r.k[0], y)
	for i, row := range r.t.a {
		r.add(r.at, y, row)
		r.s.Derivative(r.k[i+1], r.at)
	}
	r.add(y, y, r.t.b)
}

// add sets to[i] to y[i] + dt·Σ_j w[j]·k[j][i].
func (r *rungeKutta) add(to, y, w []float64) {
	for i := range y {
		sum := 0.0
		for j, c := range w {
			if c != 0 {
				sum += float64(c * r.k[j][i])
			}
		}
		to[i] = y[i] + float64(r.dt*sum)
	}
}
