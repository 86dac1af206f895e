package equation

import "spikec/internal/elementwise"

// arithmetic are the operations that expressions are mostly made of, as loops of their own: what two makes of binaries, without a call an
// element. A list of one number stands for as many as are wanted.
var arithmetic = map[string]func(out []float64, in [][]float64){
	"+": func(out []float64, in [][]float64) { elementwise.Add(out, in[0], in[1]) }, "-": func(out []float64, in [][]float64) { elementwise.Sub(out, in[0], in[1]) },
	"*": func(out []float64, in [][]float64) { elementwise.Mul(out, in[0], in[1]) }, "/": func(out []float64, in [][]float64) { elementwise.Div(out, in[0], in[1]) },
	">": func(out []float64, in [][]float64) { elementwise.Greater(out, in[0], in[1]) }, ">=": func(out []float64, in [][]float64) { elementwise.AtLeast(out, in[0], in[1]) },
	"<": func(out []float64, in [][]float64) { elementwise.Greater(out, in[1], in[0]) }, "<=": func(out []float64, in [][]float64) { elementwise.AtLeast(out, in[1], in[0]) },
}

// small is x**p for p = 2, 3, 4, with the products in the order that math.Pow has, whose bits it gives. Out may be the list of x.
func small(p int) func(out []float64, in [][]float64) {
	return func(out []float64, in [][]float64) {
		for i, x := range in[0] {
			switch square := x * x; p {
			case 2:
				out[i] = square
			case 3:
				out[i] = x * square
			default:
				out[i] = square * square
			}
		}
	}
}
