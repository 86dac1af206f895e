package ann

import "fmt"

// Pad puts a border of a constant around every channel (ONNX Pad, mode constant), C,H,W → C,H',W' with
// H' = Begin[0]+H+End[0] and W' = Begin[1]+W+End[1]:
//
//	y[c][i][j] = x[c][i−Begin[0]][j−Begin[1]] inside the map, Value outside
type Pad struct {
	Begin, End [2]int // rows above and below, columns left and right; not negative
	Value      float32
}

// Kind returns "Pad".
func (*Pad) Kind() string { return "Pad" }

// OutputShape checks the input C,H,W and returns the padded shape.
func (p *Pad) OutputShape(in []Shape) (Shape, error) {
	x, err := oneMap(in)
	if err != nil {
		return nil, err
	}
	for d := range 2 {
		if p.Begin[d] < 0 || p.End[d] < 0 {
			return nil, fmt.Errorf("padding %v, %v: must not be negative", p.Begin, p.End)
		}
		if max(p.Begin[d], p.End[d]) > MaxElements { // their sum might not fit
			return nil, fmt.Errorf("padding %v, %v: makes more than %d elements", p.Begin, p.End, MaxElements)
		}
	}
	return Shape{x[0], p.Begin[0] + x[1] + p.End[0], p.Begin[1] + x[2] + p.End[1]}, nil
}

// Forward computes the formula.
func (p *Pad) Forward(dst []float32, in [][]float32, shapes []Shape, _ *Scratch) {
	for i := range dst {
		dst[i] = p.Value
	}
	c, h, w := shapes[0][0], shapes[0][1], shapes[0][2]
	oh, ow := p.Begin[0]+h+p.End[0], p.Begin[1]+w+p.End[1]
	for k := range c {
		for i := range h {
			copy(dst[(k*oh+p.Begin[0]+i)*ow+p.Begin[1]:], in[0][(k*h+i)*w:(k*h+i+1)*w])
		}
	}
}

// String prints the border.
func (p *Pad) String() string { return fmt.Sprintf("pads=%v%v value=%v", p.Begin, p.End, p.Value) }
