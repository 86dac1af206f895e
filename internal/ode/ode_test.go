package ode

import (
	"math"
	"testing"

	"pgregory.net/rapid"
	"spikec/internal/mersenne"
)

// swing is dx/dt = v, dv/dt = −x − damping·v: linear, each equation linear in its own variable.
type swing struct{ damping, push float64 }

func (swing) Dim() int { return 2 }
func (s swing) Derivative(dy, y []float64) {
	dy[0], dy[1] = y[1], s.push-y[0]-s.damping*y[1]
}
func (s swing) Coefficients(a, b, y []float64) {
	a[0], b[0] = 0, y[1]
	a[1], b[1] = -s.damping, s.push-y[0]
}
func (s swing) Matrix() ([][]float64, []float64) {
	return [][]float64{{0, 1}, {-1, -s.damping}}, []float64{0, s.push}
}

// at returns the state at t from x = 1, v = 0 without push.
func (s swing) at(t float64) [2]float64 {
	d := s.damping / 2
	w := math.Sqrt(1 - d*d)
	e := math.Exp(-d * t)
	return [2]float64{e * (math.Cos(w*t) + d/w*math.Sin(w*t)), -e * math.Sin(w*t) / w}
}

// TestOrder halves the step and finds the order that each method claims in the error at t = 2.
func TestOrder(t *testing.T) {
	s := swing{damping: 0.3}
	want := s.at(2)
	for _, m := range methods {
		if _, err := m.New(s, 1); err != nil {
			if m.Name != "heun" && m.Name != "milstein" {
				t.Error(err)
			}
			continue
		}
		errorOf := func(n int) float64 {
			p, err := m.New(s, 2/float64(n))
			if err != nil {
				t.Fatal(err)
			}
			y := []float64{1, 0}
			for range n {
				p.Step(y, nil)
			}
			return math.Max(math.Abs(y[0]-want[0]), math.Abs(y[1]-want[1]))
		}
		if m.Order == 0 {
			if e := errorOf(10); e > 1e-13 {
				t.Errorf("%s: error %g", m.Name, e)
			}
			continue
		}
		if order := math.Log2(errorOf(64) / errorOf(128)); math.Abs(order-float64(m.Order)) > 0.15 {
			t.Errorf("%s: order %.3f, want %d", m.Name, order, m.Order)
		}
	}
}

// TestExactComposes: two steps of dt are one of 2·dt, whatever the system, singular ones as well.
func TestExactComposes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := swing{damping: rapid.Float64Range(-2, 4).Draw(t, "damping"), push: rapid.Float64Range(-3, 3).Draw(t, "push")}
		dt := rapid.Float64Range(0.01, 1).Draw(t, "dt")
		once, err1 := New("exact", s, 2*dt)
		twice, err2 := New("exact", s, dt)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		a := []float64{rapid.Float64Range(-5, 5).Draw(t, "x"), 1}
		b := []float64{a[0], 1}
		once.Step(a, nil)
		twice.Step(b, nil)
		twice.Step(b, nil)
		for i := range a {
			if math.Abs(a[i]-b[i]) > 1e-11*(1+math.Abs(a[i])) {
				t.Fatalf("%v against %v", a, b)
			}
		}
	})
}

// growth is dy = μ·y dt + σ·y dW; Stratonovich's solution is y·e^(μt + σW).
type growth struct{ mu, sigma float64 }

func (growth) Dim() int                     { return 1 }
func (g growth) Derivative(dy, y []float64) { dy[0] = g.mu * y[0] }
func (g growth) Diffusion(out, y []float64) { out[0] = g.sigma * y[0] }

// TestNoise follows single paths of the process: the methods come to the solution of their calculus.
func TestNoise(t *testing.T) {
	g := growth{0.3, 0.4}
	const n = 4096
	r := mersenne.New(3)
	for path := range 5 {
		dt := 1.0 / n
		w, dws := 0.0, make([]float64, n)
		for i := range dws {
			dws[i] = math.Sqrt(dt) * r.Normal()
			w += dws[i]
		}
		for name, want := range map[string]float64{
			"heun": math.Exp(g.mu + g.sigma*w), "milstein": math.Exp(g.mu + g.sigma*w), "euler": math.Exp(g.mu - g.sigma*g.sigma/2 + g.sigma*w),
		} {
			p, err := New(name, g, dt)
			if err != nil {
				t.Fatal(err)
			}
			y := []float64{1}
			for _, dw := range dws {
				p.Step(y, []float64{dw})
			}
			if math.Abs(y[0]/want-1) > 0.01 {
				t.Errorf("path %d, %s: %v, want %v", path, name, y[0], want)
			}
		}
	}
}

// TestRefusals: a method says what it lacks.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		method string
		s      System
		dt     float64
		want   string
	}{
		{"exact", growth{}, 1, "method exact needs linear equations"},
		{"rk4", growth{}, 1, "method rk4 needs equations without noise"},
		{"exponential_euler", growth{}, 1, "method exponential_euler needs equations that are linear in their own variable"},
		{"heun", swing{}, 1, "method heun needs equations with noise"},
		{"rk4", swing{}, 0, "step size 0: want more than 0"},
		{"rk4", swing{}, math.NaN(), "step size NaN: want more than 0"},
		{"rk5", swing{}, 1, `there is no method "rk5": one of [euler exponential_euler exact crank_nicolson rk2 heun2 rk4 heun milstein]`},
	} {
		if _, err := New(c.method, c.s, c.dt); err == nil || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	p, err := New("exact", swing{damping: math.Inf(1)}, 1)
	if err != nil {
		t.Fatal(err)
	}
	y := []float64{1, 1}
	if p.Step(y, nil); !math.IsNaN(y[0]) {
		t.Errorf("a matrix that is not finite gives %v", y)
	}
}
