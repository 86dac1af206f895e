package neuron

func init() {
	register(Model{Name: "fitzhugh_nagumo", About: "FitzHugh-Nagumo (Biophys. J. 1, 1961; Proc. IRE 50, 1962)", New: func() Neuron {
		return &FitzHughNagumo{Alpha: 0.1, Epsilon: 0.01, Gamma: 0.5, Level: 0.5}
	}})
}

// FitzHughNagumo is the dimensionless relaxation oscillator
//
//	dV/dt = V(V − Alpha)(1 − V) − U + I
//	dU/dt = Epsilon(V − Gamma·U)
//
// with 0 < Alpha < 1 and a small Epsilon. It spikes where V rises through Level.
type FitzHughNagumo struct {
	Alpha, Epsilon, Gamma, Level float64
	current                      float64
}

// Dim is 2.
func (*FitzHughNagumo) Dim() int { return 2 }

// Parameters are all fields.
func (n *FitzHughNagumo) Parameters() []Parameter {
	return []Parameter{{"alpha", "", &n.Alpha}, {"eps", "", &n.Epsilon}, {"gamma", "", &n.Gamma}, {"level", "", &n.Level}}
}

// Variables are V and U.
func (*FitzHughNagumo) Variables() []string { return []string{"V", "U"} }

// Start is the rest without input, 0 and 0.
func (*FitzHughNagumo) Start(y []float64) { y[0], y[1] = 0, 0 }

// Drive sets I.
func (n *FitzHughNagumo) Drive(i float64) { n.current = i }

// Derivative is that of the doc comment.
func (n *FitzHughNagumo) Derivative(dy, y []float64) {
	v, u := y[0], y[1]
	dy[0] = v*(v-n.Alpha)*(1-v) - u + n.current
	dy[1] = n.Epsilon * (v - n.Gamma*u)
}

// Spikes is V rising through Level.
func (n *FitzHughNagumo) Spikes(before, after []float64) bool {
	return rises(before[0], after[0], n.Level)
}
