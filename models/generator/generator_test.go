package generator

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
	"spikec/internal/mersenne"
)

// TestRates: each process has the mean count that it should, within five standard errors of a Poisson process.
func TestRates(t *testing.T) {
	const rate, dt, bins, runs = 40.0, 0.0005, 4000, 50
	end := dt * bins
	wave := func(t float64) float64 { return rate * (1 + 0.8*math.Cos(2*math.Pi*2*t)) }
	u := mersenne.New(11)
	for name, c := range map[string]struct {
		count func() int
		mean  float64
	}{
		"bins":      {func() int { return len(Bins(u, Constant(rate), dt, bins)) }, rate * end},
		"wave":      {func() int { return len(Bins(u, wave, dt, bins)) }, rate * end},
		"intervals": {func() int { return len(Intervals(u, rate, end)) }, rate * end},
		"thinning": {func() int {
			times, _ := Thinning(u, wave, 1.8*rate, end)
			return len(times)
		}, rate * end},
		"burst": {func() int {
			n := 0
			for _, k := range Burst(u, []float64{0.95, 0.98, 1}, bins) {
				n += k
			}
			return n
		}, bins * (0.03 + 2*0.02)},
	} {
		sum := 0.0
		for range runs {
			sum += float64(c.count())
		}
		if e := math.Abs(sum/runs - c.mean); e > 5*math.Sqrt(2*c.mean/runs) {
			t.Errorf("%s: mean count off by %v of %v", name, e, c.mean)
		}
	}
}

// TestRefractory: no interval is within the refractory time, for any process.
func TestRefractory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := mersenne.New(rapid.Uint32().Draw(t, "seed"))
		rate, absolute := rapid.Float64Range(1, 900).Draw(t, "rate"), rapid.Float64Range(0, 0.02).Draw(t, "absolute")
		spikes := Refractory(u, rate, absolute, 0.01, 0.001, 2000)
		for i := 1; i < len(spikes); i++ {
			if float64(spikes[i]-spikes[i-1])*0.001 <= absolute {
				t.Fatalf("spikes in bins %d and %d, with %v s between two", spikes[i-1], spikes[i], absolute)
			}
		}
	})
}

// TestOrder: times ascend and lie before the end.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u, rate := mersenne.New(rapid.Uint32().Draw(t, "seed")), rapid.Float64Range(0.1, 500).Draw(t, "rate")
		thinned, n := Thinning(u, Constant(rate/2), rate, 3)
		for _, times := range [][]float64{Intervals(u, rate, 3), thinned} {
			if !slices.IsSorted(times) || len(times) > 0 && (times[0] < 0 || times[len(times)-1] >= 3) || len(thinned) >= n {
				t.Fatalf("times %v", times)
			}
		}
	})
}

// TestCorrelated: with correlation 1 all trains are one, with 0 they share no more than chance gives.
func TestCorrelated(t *testing.T) {
	for _, c := range []float64{0, 0.5, 1} {
		g := Correlated{Neurons: 2, Rate: 50, Correlation: c, Dt: 0.001}
		u, total, both := mersenne.New(3), 0, 0
		for range 200_000 {
			n := 0
			g.Step(u, func(int) { n++ })
			total += n
			if n == 2 {
				both++
			}
		}
		p := 0.05
		if rate := float64(total) / 2 / 200; math.Abs(rate-50) > 2 {
			t.Errorf("correlation %v: %v Hz", c, rate)
		}
		if got, want := float64(both)/200_000, p*p+c*(p-p*p); math.Abs(got-want) > 0.1*want+2e-4 {
			t.Errorf("correlation %v: both in %v of the steps, want %v", c, got, want)
		}
	}
}
