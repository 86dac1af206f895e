package equation

// arithmetic are the operations that expressions are mostly made of, as loops of their own: what two makes of binaries, without a call an
// element. A list of one number stands for as many as are wanted.
var arithmetic = map[string]func(out []float64, in [][]float64){"+": add, "-": subtract, "*": multiply, "/": divide,
	">": greater, ">=": atLeast}

func add(out []float64, in [][]float64) {
	a, b := in[0], in[1]
	if len(a) < len(b) {
		a, b = b, a
	}
	a = a[:len(out)]
	if len(b) < len(a) {
		y := b[0]
		for i, x := range a {
			out[i] = x + y
		}
		return
	}
	for i, x := range a {
		out[i] = x + b[i]
	}
}

func subtract(out []float64, in [][]float64) {
	a, b := in[0], in[1]
	switch {
	case len(a) < len(out):
		x := a[0]
		for i, y := range b[:len(out)] {
			out[i] = x - y
		}
	case len(b) < len(out):
		y := b[0]
		for i, x := range a[:len(out)] {
			out[i] = x - y
		}
	default:
		b = b[:len(out)]
		for i, x := range a[:len(out)] {
			out[i] = x - b[i]
		}
	}
}

func multiply(out []float64, in [][]float64) {
	a, b := in[0], in[1]
	if len(a) < len(b) {
		a, b = b, a
	}
	a = a[:len(out)]
	if len(b) < len(a) {
		y := b[0]
		for i, x := range a {
			out[i] = x * y
		}
		return
	}
	for i, x := range a {
		out[i] = x * b[i]
	}
}

func divide(out []float64, in [][]float64) {
	a, b := in[0], in[1]
	switch {
	case len(a) < len(out):
		x := a[0]
		for i, y := range b[:len(out)] {
			out[i] = x / y
		}
	case len(b) < len(out):
		y := b[0]
		for i, x := range a[:len(out)] {
			out[i] = x / y
		}
	default:
		b = b[:len(out)]
		for i, x := range a[:len(out)] {
			out[i] = x / b[i]
		}
	}
}

// small is x**p for p = 2, 3, 4, with the products in the order that math.Pow has, whose bits it gives.
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

func greater(out []float64, in [][]float64) {
	a, b := in[0], in[1]
	if len(b) == 1 && len(a) == len(out) { // a threshold that all neurons share
		y := b[0]
		for i, x := range a {
			out[i] = 0
			if x > y {
				out[i] = 1
			}
		}
		return
	}
	for i := range out {
		out[i] = 0
		if at(a, i) > at(b, i) {
			out[i] = 1
		}
	}
}

func atLeast(out []float64, in [][]float64) {
	a, b := in[0], in[1]
	if len(b) == 1 && len(a) == len(out) {
		y := b[0]
		for i, x := range a {
			out[i] = 0
			if x >= y {
				out[i] = 1
			}
		}
		return
	}
	for i := range out {
		out[i] = 0
		if at(a, i) >= at(b, i) {
			out[i] = 1
		}
	}
}
