package ann

import (
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"spikec/internal/window"
)

// lenet returns the 28x28-12c5-2s-64c5-2s-10 network with small constant weights.
func lenet(tb testing.TB) *Graph {
	g := NewGraph("lenet", "x", Shape{1, 28, 28})
	fill := func(n int) []float32 {
		w := make([]float32, n)
		for i := range w {
			w[i] = float32(i%7-3) / 16
		}
		return w
	}
	for _, op := range []Op{
		&Conv{Weight: fill(12 * 25), In: 1, Out: 12, Groups: 1, Window: window.Square(5, 1)}, Relu{}, &AveragePool{Window: window.Square(2, 2)},
		&Conv{Weight: fill(64 * 12 * 25), In: 12, Out: 64, Groups: 1, Window: window.Square(5, 1)}, Relu{}, &AveragePool{Window: window.Square(2, 2)},
		Flatten{}, &Linear{Weight: fill(10 * 1024), In: 1024, Out: 10},
	} {
		if _, err := g.Add(op.Kind(), op, g.Output); err != nil {
			tb.Fatal(err)
		}
	}
	return g
}

// BenchmarkExecutor runs one image of the 28x28-12c5-2s-64c5-2s-10 network; GMAC/s is its multiplications by the time.
func BenchmarkExecutor(b *testing.B) {
	g := lenet(b)
	e := NewExecutor(g)
	x := make([]float32, 28*28)
	for i := range x {
		x[i] = float32(i%5) / 4
	}
	for b.Loop() {
		if _, err := e.Run(x); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(g.MACs())*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
}

// vgg16 returns the network of Simonyan and Zisserman (2015, configuration D) for 3x224x224 inputs, with small constant
// weights.
func vgg16(tb testing.TB) *Graph {
	g := NewGraph("vgg16", "x", Shape{3, 224, 224})
	add := func(op Op) {
		if _, err := g.Add(op.Kind(), op, g.Output); err != nil {
			tb.Fatal(err)
		}
	}
	fill := func(n, fan int) []float32 {
		w := make([]float32, n)
		for i := range w {
			w[i] = float32(i%7-3) / float32(fan)
		}
		return w
	}
	same := window.Square(3, 1)
	same.PadBegin, same.PadEnd = [2]int{1, 1}, [2]int{1, 1}
	in := 3
	for _, out := range []int{64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0} {
		if out == 0 {
			add(&MaxPool{Window: window.Square(2, 2)})
			continue
		}
		add(&Conv{Weight: fill(out*in*9, in), Bias: make([]float32, out), In: in, Out: out, Groups: 1, Window: same})
		add(Relu{})
		in = out
	}
	add(Flatten{})
	in *= 49
	for _, out := range []int{4096, 4096, 1000} {
		add(&Linear{Weight: fill(out*in, in), Bias: make([]float32, out), In: in, Out: out})
		add(Relu{})
		in = out
	}
	return g
}

// BenchmarkVGG16 runs one image of the VGG-16 network; GMAC/s is its multiplications by the time.
func BenchmarkVGG16(b *testing.B) {
	g := vgg16(b)
	e := NewExecutor(g)
	x := make([]float32, g.Nodes[0].Shape.Size())
	for i := range x {
		x[i] = float32(i%255) / 255
	}
	for b.Loop() {
		if _, err := e.Run(x); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(g.MACs())*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
}

// BenchmarkConv runs convolutions of VGG-16, of small images, and of many groups, here and unfolded as a whole for
// gonum's product.
func BenchmarkConv(b *testing.B) {
	same := window.Square(3, 1)
	same.PadBegin, same.PadEnd = [2]int{1, 1}, [2]int{1, 1}
	halving := same
	halving.Stride = [2]int{2, 2}
	for _, c := range []struct {
		name                      string
		in, out, groups, h, width int
		window                    window.Window2d
	}{
		{"first 3-64 of 224x224", 3, 64, 1, 224, 224, same},
		{"64-64 of 112x112", 64, 64, 1, 112, 112, same},
		{"512-512 of 14x14", 512, 512, 1, 14, 14, same},
		{"96-96 of 8x8", 96, 96, 1, 8, 8, same},
		{"512-512 of 2x2", 512, 512, 1, 2, 2, same},
		{"64-128 of 56x56, stride 2", 64, 128, 1, 56, 56, halving},
		{"pointwise 128-256 of 28x28", 128, 256, 1, 28, 28, window.Square(1, 1)},
		{"depthwise 128 of 56x56", 128, 128, 128, 56, 56, same},
		{"depthwise 256 of 28x28, stride 2", 256, 256, 256, 28, 28, halving},
		{"16 groups 128-128 of 28x28", 128, 128, 16, 28, 28, same},
	} {
		op := &Conv{In: c.in, Out: c.out, Groups: c.groups, Window: c.window, Bias: make([]float32, c.out)}
		op.Weight = make([]float32, c.out*op.FanIn())
		for i := range op.Weight {
			op.Weight[i] = float32(i%7-3) / 16
		}
		in := Shape{c.in, c.h, c.width}
		x := make([]float32, in.Size())
		for i := range x {
			x[i] = float32(i%255) / 255
		}
		out, err := op.OutputShape([]Shape{in})
		if err != nil {
			b.Fatal(err)
		}
		y := make([]float32, out.Size())
		var s Scratch
		for _, way := range []struct {
			name    string
			forward func()
		}{
			{"here", func() { op.Forward(y, [][]float32{x}, []Shape{in}, &s) }},
			{"gonum", func() { gonumConv(op, y, x, in, [2]int{out[1], out[2]}) }},
		} {
			b.Run(c.name+"/"+way.name, func(b *testing.B) {
				for b.Loop() {
					way.forward()
				}
				b.ReportMetric(float64(op.MACs([]Shape{in}, out))*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
			})
		}
	}
}

// gonumConv unfolds each group's input and multiplies with gonum.
func gonumConv(c *Conv, y, x []float32, in Shape, out [2]int) {
	positions, fan, og, cg := out[0]*out[1], c.FanIn(), c.Out/c.Groups, c.In/c.Groups
	plane := in[1] * in[2]
	columns := make([]float32, fan*positions)
	for g := range c.Groups {
		u := unfolded{x: x[g*cg*plane : (g+1)*cg*plane], size: [2]int{in[1], in[2]}, out: out, window: c.Window}
		for k := range fan {
			u.Row(columns[k*positions:(k+1)*positions], k, 0)
		}
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, blas32.General{Rows: og, Cols: fan, Stride: fan, Data: c.Weight[g*og*fan:]},
			blas32.General{Rows: fan, Cols: positions, Stride: positions, Data: columns}, 0,
			blas32.General{Rows: og, Cols: positions, Stride: positions, Data: y[g*og*positions:]})
	}
}
