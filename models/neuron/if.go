package neuron

func init() {
	register(Model{Name: "if", About: "integrate-and-fire without leak (Lapicque, J. Physiol. Pathol. Gén. 9, 1907)", New: func() Neuron {
		return &IF{C: 1, Threshold: 1}
	}})
}

// IF integrates its input without leak:
//
//	C dV/dt = I;  V ≥ Threshold: spike, V = 0, or V −= Threshold where the reset is soft
type IF struct {
	C         float64
	Threshold float64
	Soft      bool
	current   float64
}

// Dim is 1.
func (*IF) Dim() int { return 1 }

// Parameters are C and Threshold.
func (n *IF) Parameters() []Parameter {
	return []Parameter{{"C", "", &n.C}, {"Threshold", "", &n.Threshold}}
}

// Variables is V.
func (*IF) Variables() []string { return []string{"V"} }

// Start is V = 0.
func (*IF) Start(y []float64) { y[0] = 0 }

// Drive sets I.
func (n *IF) Drive(i float64) { n.current = i }

// Derivative is that of the doc comment.
func (n *IF) Derivative(dy, _ []float64) { dy[0] = n.current / n.C }

// Coefficients are 0 and I/C.
func (n *IF) Coefficients(a, b, _ []float64) { a[0], b[0] = 0, n.current/n.C }

// Matrix is 0, and I/C.
func (n *IF) Matrix() ([][]float64, []float64) {
	return [][]float64{{0}}, []float64{n.current / n.C}
}

// Spikes is V ≥ Threshold.
func (n *IF) Spikes(_, after []float64) bool { return after[0] >= n.Threshold }

// Reset is to 0, or by Threshold.
func (n *IF) Reset(y []float64) {
	if n.Soft {
		y[0] -= n.Threshold
	} else {
		y[0] = 0
	}
}

// Refractory is 0.
func (*IF) Refractory() float64 { return 0 }
