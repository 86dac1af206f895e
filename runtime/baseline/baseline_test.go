package baseline

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"spikec/internal/window"
	"spikec/models/ann"
)

// add adds a node or fails.
func add(t *testing.T, g *ann.Graph, name string, op ann.Op, inputs ...int) int {
	t.Helper()
	i, err := g.Add(name, op, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// chain is x → linear 2→2 → ReLU → linear 2→2, the output.
func chain(t *testing.T) *ann.Graph {
	g := ann.NewGraph("chain", "x", ann.Shape{2})
	first := add(t, g, "first", &ann.Linear{Weight: []float32{1, -0.3, 0.02, 0.5}, Bias: []float32{0, 0.001}, In: 2, Out: 2}, 0)
	relu := add(t, g, "relu", ann.Relu{}, first)
	add(t, g, "last", &ann.Linear{Weight: []float32{1.27, 0.014, -1, 0.5}, In: 2, Out: 2}, relu)
	return g
}

// TestByHand: of images (1,0) and (0,2) the rectifier has values up to max(1, 1) = 1, so its grid is k/255; the first row of
// weights has the grid k/127, the second k·0.5/127.
func TestByHand(t *testing.T) {
	images := [][]float32{{1, 0}, {0, 2}}
	g, err := Int8(context.Background(), chain(t), 2, func(i int, dst []float32) { copy(dst, images[i]) }, 1)
	if err != nil {
		t.Fatal(err)
	}
	e := ann.NewExecutor(g)
	y, err := e.Run([]float32{0.5, 0.25})
	if err != nil {
		t.Fatal(err)
	}
	round := func(x, scale, low, high float64) float64 {
		return min(max(math.RoundToEven(x/scale), low), high) * scale
	}
	// What the rectifier saw: of (1,0) 1 and 0.02+0.001, of (0,2) 0 and 1.001.
	step := 1.001 / 255
	a := round(0.5*1+0.25*round(-0.3, 1./127, -127, 127), step, 0, 255)
	b := round(0.5*round(0.02, 0.5/127, -127, 127)+0.25*0.5+0.001, step, 0, 255)
	want := []float64{a*1.27 + b*round(0.014, 1.27/127, -127, 127), -a + b*round(0.5, 1./127, -127, 127)}
	for k := range want {
		if math.Abs(float64(y[k])-want[k]) > 1e-6 {
			t.Errorf("output %d is %g, want %g", k, y[k], want[k])
		}
	}
}

// TestStored: a sum that a rectifier or a normalisation alone reads is not stored, one that is read twice is; what moves
// values and the output are not.
func TestStored(t *testing.T) {
	g := ann.NewGraph("branches", "x", ann.Shape{1, 4, 4})
	conv := func(in int) *ann.Conv {
		return &ann.Conv{Weight: make([]float32, 2*in*9), In: in, Out: 2, Groups: 1, Window: window.Window2d{Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, PadBegin: [2]int{1, 1}, PadEnd: [2]int{1, 1}}}
	}
	c1 := add(t, g, "c1", conv(1), 0)
	r1 := add(t, g, "r1", ann.Relu{}, c1)
	c2 := add(t, g, "c2", conv(2), r1)
	sum := add(t, g, "sum", ann.Add{}, c2, r1)
	r2 := add(t, g, "r2", ann.Relu{}, sum)
	pool := add(t, g, "pool", &ann.MaxPool{Window: window.Square(2, 2)}, r2)
	flat := add(t, g, "flat", ann.Flatten{}, pool)
	fc := add(t, g, "fc", &ann.Linear{Weight: make([]float32, 8*3), In: 8, Out: 3}, flat)
	add(t, g, "softmax", ann.Softmax{}, fc)
	keep := stored(g)
	var got []string
	for i, k := range keep {
		if k {
			got = append(got, g.Nodes[i].Name)
		}
	}
	if want := []string{"r1", "c2", "r2"}; !slices.Equal(got, want) {
		t.Errorf("stored %v, want %v", got, want)
	}
	// Weights 18 + 36 + 24; written r1 32, c2 32, r2 32, output 3; read x 16 by c1, r1 32 by c2 and 32 by the sum, c2 32 by
	// the sum, r2 32 by fc.
	if c := CostOf(g); c.Bytes != 18+36+24+32+32+32+3+16+32+32+32+32 || c.MACs != g.MACs() {
		t.Errorf("%+v", c)
	}
}

// TestAnyGoroutines: the ranges, and with them the network, do not depend on how many goroutines looked for them.
func TestAnyGoroutines(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	images := make([][]float32, 50)
	for i := range images {
		images[i] = []float32{r.Float32(), r.Float32()}
	}
	inputs := func(i int, dst []float32) { copy(dst, images[i]) }
	var want []float32
	for _, jobs := range []int{1, 4} {
		g, err := Int8(context.Background(), chain(t), len(images), inputs, jobs)
		if err != nil {
			t.Fatal(err)
		}
		y, err := ann.NewExecutor(g).Run([]float32{0.3, 0.9})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = slices.Clone(y)
		}
		if !slices.Equal(y, want) {
			t.Errorf("%d goroutines: %v, want %v", jobs, y, want)
		}
	}
}

// TestNothingSeen: values that were 0 on all images, and weights that are, stay 0 and no NaN comes of them.
func TestNothingSeen(t *testing.T) {
	g := chain(t)
	g.Nodes[1].Op = &ann.Linear{Weight: make([]float32, 4), In: 2, Out: 2}
	q, err := Int8(context.Background(), g, 1, func(_ int, dst []float32) { clear(dst) }, 1)
	if err != nil {
		t.Fatal(err)
	}
	if y, err := ann.NewExecutor(q).Run([]float32{1, 1}); err != nil || y[0] != 0 || y[1] != 0 {
		t.Errorf("%v %v", y, err)
	}
}

// TestEnergy: 1000 operations and 100 bytes.
func TestEnergy(t *testing.T) {
	e := Cost{MACs: 1000, Bytes: 100}.Energy()
	for _, c := range []struct{ got, want float64 }{{e.Least, 0.3 + 0.125}, {e.Middle, 0.3 + 0.25}, {e.Most, 0.3 + 1.25}} {
		if math.Abs(c.got-c.want) > 1e-12 {
			t.Errorf("%g nJ, want %g", c.got, c.want)
		}
	}
}
