package ziggurat

import (
	"math"
	"slices"
	"testing"
)

// TestLayers: the layers have the same area, and the last one ends at the top of the density.
func TestLayers(t *testing.T) {
	for i := 1; i < layers; i++ {
		upper := height[i-1]
		if got := width[i] * unit * (upper - height[i]); math.Abs(got/area-1) > 1e-8 {
			t.Errorf("layer %d has the area %v, want %v", i, got, area)
		}
	}
	tail := math.Sqrt(math.Pi/2) * math.Erfc(edge/math.Sqrt2)
	if got := edge*height[layers-1] + tail; math.Abs(got/area-1) > 1e-8 {
		t.Errorf("the lowest layer and the tail have the area %v, want %v", got, area)
	}
}

// TestDistribution compares the distribution of draws with the normal one (Kolmogorov and Smirnov, where 1.95/√n is passed once in a
// thousand times), and how many lie in the tail beyond the layers.
func TestDistribution(t *testing.T) {
	const n = 400_000
	x := make([]float64, n)
	New(7).Normals(x)
	slices.Sort(x)
	furthest, beyond := 0.0, 0
	for k, v := range x {
		p := 0.5 * math.Erfc(-v/math.Sqrt2)
		furthest = max(furthest, math.Abs(p-float64(k)/n), math.Abs(p-float64(k+1)/n))
		if math.Abs(v) > edge {
			beyond++
		}
	}
	if furthest > 1.95/math.Sqrt(n) {
		t.Errorf("the distribution is off by %v", furthest)
	}
	if mean := n * math.Erfc(edge/math.Sqrt2); math.Abs(float64(beyond)-mean) > 5*math.Sqrt(mean) {
		t.Errorf("%d numbers lie beyond %v, want about %.0f", beyond, edge, mean)
	}
}

// TestMoments: uniform and normal numbers have the mean and variance of their distributions, and neighbours are independent, within
// five standard errors.
func TestMoments(t *testing.T) {
	const n = 200_000
	for _, c := range []struct {
		name           string
		draw           func(*Source) float64
		mean, variance float64
	}{{"uniform", (*Source).Uniform, 0.5, 1. / 12}, {"normal", (*Source).Normal, 0, 1}} {
		s, sum, squares, products, before := New(3), 0.0, 0.0, 0.0, 0.0
		for range n {
			x := c.draw(s) - c.mean
			sum, squares, products = sum+x, squares+x*x, products+x*before
			before = x
		}
		if e := math.Abs(sum / n); e > 5*math.Sqrt(c.variance/n) {
			t.Errorf("%s: the mean is off by %g", c.name, e)
		}
		if e := math.Abs(squares/n/c.variance - 1); e > 5*math.Sqrt(2./n) {
			t.Errorf("%s: the variance is off by %g of itself", c.name, e)
		}
		if e := math.Abs(products / n / c.variance); e > 5/math.Sqrt(n) {
			t.Errorf("%s: neighbours have the correlation %g", c.name, e)
		}
	}
}

// TestStreams: many draws at a time are those one by one, a seed gives one stream, and another seed another one.
func TestStreams(t *testing.T) {
	at := make([]float64, 5000)
	one, many, other := New(1), New(1), New(2)
	many.Normals(at)
	different := 0
	for k := range at {
		if x := one.Normal(); x != at[k] {
			t.Fatalf("number %d is %v alone and %v among others", k, x, at[k])
		}
		if other.Normal() != at[k] {
			different++
		}
	}
	if different != len(at) {
		t.Errorf("%d numbers of two seeds are the same", len(at)-different)
	}
}

func BenchmarkNormals(b *testing.B) {
	s, x := New(1), make([]float64, 1000)
	for b.Loop() {
		s.Normals(x)
	}
}
