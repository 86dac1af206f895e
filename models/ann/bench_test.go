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
