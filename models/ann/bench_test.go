package ann

import (
	"testing"

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
