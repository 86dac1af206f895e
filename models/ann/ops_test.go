package ann

import (
	"math"
	"strings"
	"testing"

	"spikec/internal/window"
)

var inf = float32(math.Inf(1))

// ramp returns 1, 2, 3, … n.
func ramp(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(i + 1)
	}
	return v
}

// pooling returns a window of kernel and stride with the pads top, left, bottom, right.
func pooling(kernel, stride [2]int, pads ...int) window.Window2d {
	w := window.Window2d{Kernel: kernel, Stride: stride, Dilation: [2]int{1, 1}}
	if pads != nil {
		w.PadBegin, w.PadEnd = [2]int{pads[0], pads[1]}, [2]int{pads[2], pads[3]}
	}
	return w
}

// dilated returns w with the dilation.
func dilated(w window.Window2d, d [2]int) window.Window2d {
	w.Dilation = d
	return w
}

// The maps of most cases are the 3×5 map
//
//	 1  2  3  4  5
//	 6  7  8  9 10
//	11 12 13 14 15
//
// and the expected values are worked out by hand from it.
func TestOps(t *testing.T) {
	cases := []struct {
		name  string
		op    Op
		shape Shape
		x     []float32
		want  []float32
		out   Shape
	}{
		{"relu", Relu{}, Shape{3}, []float32{-1, 0, 2.5}, []float32{0, 0, 2.5}, Shape{3}},
		{"relu6", Clip{0, 6}, Shape{1, 2, 2}, []float32{-1, 3, 6, 7}, []float32{0, 3, 6, 6}, Shape{1, 2, 2}},
		{"clip below only", Clip{-2, inf}, Shape{3}, []float32{-3, 1, 1e9}, []float32{-2, 1, 1e9}, Shape{3}},
		{"maxpool 2x3 stride 1x2", &MaxPool{pooling([2]int{2, 3}, [2]int{1, 2})}, Shape{1, 3, 5}, ramp(15), []float32{8, 10, 13, 15}, Shape{1, 2, 2}},
		{"maxpool pads count as nothing", &MaxPool{pooling([2]int{2, 2}, [2]int{2, 2}, 1, 1, 0, 0)}, Shape{1, 3, 5},
			[]float32{-1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12, -13, -14, -15}, []float32{-1, -2, -4, -6, -7, -9}, Shape{1, 2, 3}},
		{"maxpool dilation 2x1", &MaxPool{dilated(pooling([2]int{2, 2}, [2]int{1, 1}), [2]int{2, 1})}, Shape{1, 3, 5}, ramp(15), []float32{12, 13, 14, 15}, Shape{1, 1, 4}},
		{"averagepool two channels", &AveragePool{Window: pooling([2]int{1, 2}, [2]int{1, 2})}, Shape{2, 1, 5}, ramp(10), []float32{1.5, 3.5, 6.5, 8.5}, Shape{2, 1, 2}},
		// Rows −1..0 and 1..2, columns −1..1 and 2..4: (1+2)/2, (3+4+5)/3, (6+7+11+12)/4, (8+9+10+13+14+15)/6.
		{"averagepool pads left out", &AveragePool{Window: pooling([2]int{2, 3}, [2]int{2, 3}, 1, 1, 0, 0)}, Shape{1, 3, 5}, ramp(15), []float32{1.5, 4, 9, 11.5}, Shape{1, 2, 2}},
		{"averagepool pads counted", &AveragePool{Window: pooling([2]int{2, 3}, [2]int{2, 3}, 1, 1, 0, 0), CountPad: true}, Shape{1, 3, 5}, ramp(15),
			[]float32{0.5, 2, 6, 11.5}, Shape{1, 2, 2}},
		// A row of 5, stride 2, ceil: windows at 0, 2, 4; the last holds 5 alone, and its excess never counts.
		{"averagepool excess", &AveragePool{Window: pooling([2]int{1, 2}, [2]int{1, 2}, 0, 0, 0, 1), Excess: [2]int{0, 1}, CountPad: true}, Shape{1, 1, 5}, ramp(5),
			[]float32{1.5, 3.5, 5}, Shape{1, 1, 3}},
		{"averagepool dilation", &AveragePool{Window: dilated(pooling([2]int{2, 2}, [2]int{1, 1}), [2]int{2, 3})}, Shape{1, 3, 5}, ramp(15), []float32{7.5, 8.5}, Shape{1, 1, 2}},
		{"global average", GlobalAveragePool{}, Shape{2, 1, 3}, ramp(6), []float32{2, 5}, Shape{2, 1, 1}},
		{"linear", &Linear{Weight: []float32{1, 2, 3, 0, -1, 1}, Bias: []float32{10, 20}, In: 3, Out: 2}, Shape{3}, ramp(3), []float32{24, 21}, Shape{2}},
		{"linear without bias", &Linear{Weight: ramp(3), In: 3, Out: 1}, Shape{3}, ramp(3), []float32{14}, Shape{1}},
		{"affine", &ChannelAffine{Scale: []float32{2, -1}, Shift: []float32{0, 10}}, Shape{2, 1, 3}, ramp(6), []float32{2, 4, 6, 6, 5, 4}, Shape{2, 1, 3}},
		{"affine shift only, vector", &ChannelAffine{Shift: []float32{1, 2}}, Shape{2}, ramp(2), []float32{2, 4}, Shape{2}},
		// √(3+1) = 2, √(8+1) = 3: 2·(x−1)/2+1 = x; 3·(x−4)/3−1 = x−5.
		{"batchnorm", &BatchNorm{Gamma: []float32{2, 3}, Beta: []float32{1, -1}, Mean: []float32{1, 4}, Var: []float32{3, 8}, Epsilon: 1}, Shape{2, 2, 1}, ramp(4),
			[]float32{1, 2, -2, -1}, Shape{2, 2, 1}},
		{"flatten", Flatten{}, Shape{2, 1, 3}, ramp(6), ramp(6), Shape{6}},
		{"reshape", Reshape{Shape{3, 1, 2}}, Shape{2, 3}, ramp(6), ramp(6), Shape{3, 1, 2}},
		{"pad", &Pad{Begin: [2]int{1, 0}, End: [2]int{0, 2}, Value: 9}, Shape{2, 1, 2}, ramp(4),
			[]float32{9, 9, 9, 9, 1, 2, 9, 9, 9, 9, 9, 9, 3, 4, 9, 9}, Shape{2, 2, 4}},
		// e^0 : e^ln3 = 1 : 3.
		{"softmax", Softmax{}, Shape{2}, []float32{1000, 1000 + 1.0986123}, []float32{0.25, 0.75}, Shape{2}},
		{"logsoftmax", Softmax{Log: true}, Shape{2, 1, 1}, []float32{0, 1.0986123}, []float32{-1.3862944, -0.28768207}, Shape{2, 1, 1}},
		{"softmax of rows", Softmax{Run: 2}, Shape{2, 2}, []float32{0, 1.0986123, 7, 7}, []float32{0.25, 0.75, 0.5, 0.5}, Shape{2, 2}},
		{"element affine", &ElementAffine{Scale: []float32{1, 2, 3, 4}, Shift: []float32{0, 0, 1, -1}}, Shape{1, 2, 2}, ramp(4), []float32{1, 4, 10, 15}, Shape{1, 2, 2}},
		{"element clip", &ElementClip{Min: []float32{0, 5, 0}, Max: []float32{9, 9, 2}}, Shape{3}, ramp(3), []float32{1, 5, 2}, Shape{3}},
		{"argmax takes the first", ArgMax{}, Shape{2, 3}, []float32{1, 7, 7, 3, 2, 1}, []float32{1, 0}, Shape{2, 1}},
		{"argmax takes the last", ArgMax{Last: true}, Shape{2, 3}, []float32{1, 7, 7, 3, 2, 1}, []float32{2, 0}, Shape{2, 1}},
		// Channel 0 reads channel 0, channel 1 reads channel 1; kernel 1×2, columns 0 and 2.
		{"depthwise conv", &Conv{Weight: []float32{1, 10, 1, -1}, Bias: []float32{0, 5}, In: 2, Out: 2, Groups: 2, Window: dilated(pooling([2]int{1, 2}, [2]int{1, 1}), [2]int{1, 2})},
			Shape{2, 1, 3}, ramp(6), []float32{31, 3}, Shape{2, 1, 1}},
		// One pad above only: rows −1..0 and 1..2 of the 3×2 map 1 2 / 3 4 / 5 6 with kernel 2×1 of 1, 10.
		{"conv pads one side", &Conv{Weight: []float32{1, 10}, In: 1, Out: 1, Groups: 1, Window: pooling([2]int{2, 1}, [2]int{2, 1}, 1, 0, 0, 0)},
			Shape{1, 3, 2}, ramp(6), []float32{10, 20, 53, 64}, Shape{1, 2, 2}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := NewGraph("t", "x", c.shape)
			if _, err := g.Add("op", c.op, 0); err != nil {
				t.Fatal(err)
			}
			if got := g.Nodes[1].Shape; !got.Equal(c.out) {
				t.Fatalf("shape %s, want %s", got, c.out)
			}
			got, err := NewExecutor(g).Run(c.x)
			if err != nil {
				t.Fatal(err)
			}
			for i := range c.want {
				if math.Abs(float64(got[i]-c.want[i])) > 1e-4 {
					t.Fatalf("got %v, want %v", got, c.want)
				}
			}
			if err := g.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	cases := []struct {
		name string
		op   Op
		in   []Shape
		want string
	}{
		{"relu of two", Relu{}, []Shape{{1}, {1}}, "needs one input"},
		{"clip upside down", Clip{1, 0}, []Shape{{1}}, "not below"},
		{"maxpool of a vector", &MaxPool{window.Square(2, 2)}, []Shape{{4}}, "C,H,W"},
		{"maxpool pad as large as the window", &MaxPool{pooling([2]int{2, 2}, [2]int{1, 1}, 2, 0, 0, 0)}, []Shape{{1, 5, 5}}, "not smaller"},
		{"averagepool larger than the map", &AveragePool{Window: window.Square(4, 1)}, []Shape{{1, 3, 5}}, "does not fit"},
		{"averagepool excess beyond the pads", &AveragePool{Window: window.Square(2, 2), Excess: [2]int{1, 0}}, []Shape{{1, 4, 4}}, "ceil_mode"},
		{"global average of a vector", GlobalAveragePool{}, []Shape{{3}}, "C,H,W"},
		{"linear of a map", &Linear{Weight: ramp(4), In: 4, Out: 1}, []Shape{{1, 2, 2}}, "one vector"},
		{"linear of another size", &Linear{Weight: ramp(4), In: 4, Out: 1}, []Shape{{5}}, "4 inputs"},
		{"linear with too few weights", &Linear{Weight: ramp(3), In: 4, Out: 1}, []Shape{{4}}, "3 weights"},
		{"linear with too many biases", &Linear{Weight: ramp(4), Bias: ramp(2), In: 4, Out: 1}, []Shape{{4}}, "2 values of bias"},
		{"affine of other channels", &ChannelAffine{Scale: ramp(2)}, []Shape{{3, 2, 2}}, "2 values of scale"},
		{"batchnorm without mean", &BatchNorm{Gamma: ramp(1), Beta: ramp(1), Var: ramp(1)}, []Shape{{1}}, "needs gamma"},
		{"batchnorm of no variance", &BatchNorm{Gamma: ramp(1), Beta: ramp(1), Mean: ramp(1), Var: []float32{0}}, []Shape{{1}}, "not positive"},
		{"add of other shapes", Add{}, []Shape{{1, 2, 2}, {4}}, "differ in shape"},
		{"reshape of other size", Reshape{Shape{5}}, []Shape{{2, 2}}, "4 elements"},
		{"negative pad", &Pad{Begin: [2]int{-1, 0}}, []Shape{{1, 2, 2}}, "negative"},
		{"endless pad", &Pad{End: [2]int{1 << 29, 0}}, []Shape{{1, 2, 2}}, "more than"},
		{"softmax of parts of runs", Softmax{Run: 3}, []Shape{{2, 2, 1}}, "runs of 3"},
		{"element affine of other elements", &ElementAffine{Shift: ramp(2)}, []Shape{{3}}, "2 values"},
		{"element clip of other elements", &ElementClip{Max: ramp(2)}, []Shape{{3}}, "2 bounds"},
		{"element clip without bounds", &ElementClip{}, []Shape{{3}}, "no bounds"},
		{"argmax of very many", ArgMax{}, []Shape{{1<<24 + 1}}, "2^24"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g := NewGraph("t", "x0", c.in[0])
			inputs := []int{0}
			for i, s := range c.in[1:] {
				g.Nodes = append(g.Nodes, Node{Name: "x", Op: Input{}, Shape: s})
				inputs = append(inputs, i+1)
			}
			_, err := g.Add("node", c.op, inputs...)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `"node"`) {
				t.Fatalf("got %v, want an error that names the node and contains %q", err, c.want)
			}
		})
	}
}

func TestCeilPadding(t *testing.T) {
	cases := []struct {
		w    window.Window2d
		in   [2]int
		want [2]int
	}{
		{pooling([2]int{2, 3}, [2]int{2, 2}), [2]int{4, 6}, [2]int{0, 1}},             // fits; one column left over
		{pooling([2]int{3, 2}, [2]int{2, 3}), [2]int{6, 5}, [2]int{1, 0}},             // n = 3, 3
		{window.Square(3, 2), [2]int{2, 2}, [2]int{1, 1}},                             // only an incomplete window fits
		{window.Square(4, 1), [2]int{3, 2}, [2]int{0, 0}},                             // none fits
		{pooling([2]int{2, 2}, [2]int{2, 2}, 1, 1, 1, 1), [2]int{3, 3}, [2]int{0, 0}}, // n = 3; the last window would start at 4 of 1+3: beyond
	}
	for _, c := range cases {
		if got := CeilPadding(c.w, c.in); got != c.want {
			t.Errorf("CeilPadding(%v, %v) = %v, want %v", c.w, c.in, got, c.want)
		}
	}
}

func TestAddOfBranches(t *testing.T) {
	g := NewGraph("t", "x", Shape{2})
	relu, _ := g.Add("relu", Relu{}, 0)
	if _, err := g.Add("sum", Add{}, relu, 0); err != nil {
		t.Fatal(err)
	}
	got, err := NewExecutor(g).Run([]float32{-1, 2})
	if err != nil || got[0] != -1 || got[1] != 4 {
		t.Fatalf("got %v, %v, want [-1 4]", got, err)
	}
}

func TestAveragePoolCount(t *testing.T) {
	p := &AveragePool{Window: pooling([2]int{3, 2}, [2]int{2, 2}, 1, 0, 1, 1), Excess: [2]int{0, 1}}
	if got := p.Count([2]int{5, 3}, 0, 1); got != 2 { // rows 0..1 of −1..1, column 2 of 2..3
		t.Errorf("got %d, want 2", got)
	}
	p.CountPad = true
	if got := p.Count([2]int{5, 3}, 0, 1); got != 3 { // rows −1..1, the excess column left out
		t.Errorf("got %d, want 3", got)
	}
}

func TestCounts(t *testing.T) {
	g := NewGraph("t", "x", Shape{2, 3, 3})
	add := func(op Op) {
		if _, err := g.Add(op.Kind(), op, g.Output); err != nil {
			t.Fatal(err)
		}
	}
	add(&Conv{Weight: make([]float32, 3*2*4), Bias: make([]float32, 3), In: 2, Out: 3, Groups: 1, Window: window.Square(2, 1)}) // 27, 24·4 = 96
	add(&BatchNorm{Gamma: ramp(3), Beta: ramp(3), Mean: ramp(3), Var: ramp(3)})                                                 // 6, 12
	add(&ChannelAffine{Shift: ramp(3)})                                                                                         // 3, 0
	add(Flatten{})
	add(&Linear{Weight: make([]float32, 24), In: 12, Out: 2}) // 24, 24
	if g.Parameters() != 60 || g.MACs() != 132 {
		t.Errorf("%d parameters, %d MACs, want 60 and 132", g.Parameters(), g.MACs())
	}
}

func TestValidateNamesEverything(t *testing.T) {
	g := &Graph{Output: 7, Nodes: []Node{
		{Name: "x", Op: Input{}, Shape: Shape{2}},
		{Name: "a", Op: Relu{}, Inputs: []int{0}, Shape: Shape{3}},
		{Name: "a", Op: Relu{}, Inputs: []int{2}, Shape: Shape{2}},
		{Name: "y", Op: Input{}, Shape: Shape{1}},
	}}
	err := g.Validate()
	for _, want := range []string{"output 7", `shape 3 is recorded`, `name "a"`, "not an earlier node", "first node and the only one"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not contain %q", err, want)
		}
	}
}
