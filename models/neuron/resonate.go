package neuron

import "math"

func init() {
	register(Model{Name: "resonate_and_fire", About: "resonate-and-fire (Izhikevich, Neural Networks 14, 2001)", New: func() Neuron {
		return &ResonateAndFire{B: -0.05, W: 2 * math.Pi / 10, Threshold: 1}
	}})
}

// ResonateAndFire is a damped oscillator z = x + iy, x like a current and y like a potential, in ms:
//
//	dz/dt = (B + iW)z + I;  y > Threshold: spike, z = ResetX + i·ResetY
type ResonateAndFire struct {
	B, W, Threshold, ResetX, ResetY float64
	current                         float64
}

// Dim is 2.
func (*ResonateAndFire) Dim() int { return 2 }

// Parameters are all fields.
func (n *ResonateAndFire) Parameters() []Parameter {
	return []Parameter{{"b", "1/ms", &n.B}, {"w", "rad/ms", &n.W}, {"V_thresh", "", &n.Threshold}, {"reset_x", "", &n.ResetX}, {"reset_y", "", &n.ResetY}}
}

// Variables are x and y.
func (*ResonateAndFire) Variables() []string { return []string{"x", "y"} }

// Start is 0.
func (*ResonateAndFire) Start(y []float64) { y[0], y[1] = 0, 0 }

// Drive sets I, which is real.
func (n *ResonateAndFire) Drive(i float64) { n.current = i }

// Derivative is that of the doc comment.
func (n *ResonateAndFire) Derivative(dy, y []float64) {
	dy[0] = n.B*y[0] - n.W*y[1] + n.current
	dy[1] = n.W*y[0] + n.B*y[1]
}

// Coefficients are B, and what the other variable adds.
func (n *ResonateAndFire) Coefficients(a, b, y []float64) {
	a[0], b[0] = n.B, n.current-n.W*y[1]
	a[1], b[1] = n.B, n.W*y[0]
}

// Matrix is the rotation with its damping.
func (n *ResonateAndFire) Matrix() ([][]float64, []float64) {
	return [][]float64{{n.B, -n.W}, {n.W, n.B}}, []float64{n.current, 0}
}

// Spikes is y > Threshold.
func (n *ResonateAndFire) Spikes(_, after []float64) bool { return after[1] > n.Threshold }

// Reset sets z.
func (n *ResonateAndFire) Reset(y []float64) { y[0], y[1] = n.ResetX, n.ResetY }

// Refractory is 0.
func (*ResonateAndFire) Refractory() float64 { return 0 }
