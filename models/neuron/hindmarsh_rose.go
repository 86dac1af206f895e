package neuron

func init() {
	register(Model{Name: "hindmarsh_rose", About: "Hindmarsh-Rose (Proc. R. Soc. B 221, 1984)", New: func() Neuron {
		return &HindmarshRose{A: 1, B: 3, C: 1, D: 5, Epsilon: 0.006, S: 4, VR: -1.6, Level: 1}
	}})
}

// HindmarshRose is the dimensionless model of bursts
//
//	dV/dt = U − A·V³ + B·V² − W + I
//	dU/dt = C − D·V² − U
//	dW/dt = Epsilon(S(V − VR) − W)
//
// It spikes where V rises through Level.
type HindmarshRose struct {
	A, B, C, D, Epsilon, S, VR, Level float64
	current                           float64
}

// Dim is 3.
func (*HindmarshRose) Dim() int { return 3 }

// Parameters are all fields.
func (n *HindmarshRose) Parameters() []Parameter {
	return []Parameter{{"a", "", &n.A}, {"b", "", &n.B}, {"c", "", &n.C}, {"d", "", &n.D}, {"eps", "", &n.Epsilon}, {"s", "", &n.S},
		{"VR", "", &n.VR}, {"level", "", &n.Level}}
}

// Variables are V, U and W.
func (*HindmarshRose) Variables() []string { return []string{"V", "U", "W"} }

// Start is V = VR with U and W where their equations rest.
func (n *HindmarshRose) Start(y []float64) { y[0], y[1], y[2] = n.VR, n.C-n.D*n.VR*n.VR, 0 }

// Drive sets I.
func (n *HindmarshRose) Drive(i float64) { n.current = i }

// Derivative is that of the doc comment.
func (n *HindmarshRose) Derivative(dy, y []float64) {
	v, u, w := y[0], y[1], y[2]
	dy[0] = u - n.A*v*v*v + n.B*v*v - w + n.current
	dy[1] = n.C - n.D*v*v - u
	dy[2] = n.Epsilon * (n.S*(v-n.VR) - w)
}

// Spikes is V rising through Level.
func (n *HindmarshRose) Spikes(before, after []float64) bool {
	return rises(before[0], after[0], n.Level)
}
