package encoder

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// twister is the generator MT19937 of 32 bits (Matsumoto, Nishimura 1998).
type twister struct {
	state [624]uint32
	next  int
}

// newTwister seeds by Knuth's recurrence.
func newTwister(seed uint32) *twister {
	m := &twister{next: 624}
	m.state[0] = seed
	for i := uint32(1); i < 624; i++ {
		m.state[i] = 1812433253*(m.state[i-1]^m.state[i-1]>>30) + i
	}
	return m
}

// uniform returns a number of [0, 1) of 53 bits.
func (m *twister) uniform() float64 {
	a, b := m.word()>>5, m.word()>>6
	return (float64(a)*67108864 + float64(b)) / 9007199254740992
}

// word returns 32 bits.
func (m *twister) word() uint32 {
	if m.next == 624 {
		for i := range m.state {
			y := m.state[i]&0x80000000 | m.state[(i+1)%624]&0x7fffffff
			m.state[i] = m.state[(i+397)%624] ^ y>>1 ^ y&1*0x9908b0df
		}
		m.next = 0
	}
	y := m.state[m.next]
	m.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// recorded reads a recorded case.
func recorded(t *testing.T, name string, outputs any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &struct {
		Outputs any `json:"outputs"`
	}{outputs}); err != nil {
		t.Fatal(err)
	}
}

// The generators of the recorded cases: 40 Hz, modulated by ±80 % twice a second; dead for 5 ms, back within 10 ms.
const (
	hertz, dead, recovery = 40.0, 0.005, 0.01
	most                  = 1.8 * hertz
)

var table = []float64{0.94, 0.98, 0.995, 1}

func modulated(t float64) float64 { return hertz * (1 + 0.8*math.Cos(2*math.Pi*2*t)) }

// TestRecordedProcesses: with the recorded draws every generator gives the recorded spikes.
func TestRecordedProcesses(t *testing.T) {
	var want struct {
		Bins          []int     `json:"bins_spike_bins"`
		Waits         []float64 `json:"interval_spike_times"`
		Inhomogeneous []int     `json:"inhomogeneous_bins"`
		Thinned       []float64 `json:"inhomogeneous_thinning_times"`
		Candidates    int       `json:"thinning_candidates"`
		Recovering    []int     `json:"refractory_bins"`
		BurstBins     []int     `json:"burst_counts_nonzero_bin"`
		BurstCounts   []int     `json:"burst_counts_nonzero"`
		Histogram     []float64 `json:"psth_rate_Hz"`
	}
	recorded(t, "d004_poisson_generators_seed42.json", &want)
	const dt, bins, end = 0.001, 2000, 2.0
	fresh := func() func() float64 { return newTwister(42).uniform }
	constant := func(int) float64 { return hertz * dt }
	varying := func(k int) float64 { return modulated(float64(k)*dt) * dt }
	for what, pair := range map[string][2][]int{
		"bins":          {inBins(constant, bins, fresh()), want.Bins},
		"inhomogeneous": {inBins(varying, bins, fresh()), want.Inhomogeneous},
		"recovering":    {recovering(hertz, dead, recovery, dt, bins, fresh()), want.Recovering},
	} {
		if !slices.Equal(pair[0], pair[1]) {
			t.Errorf("%s: %v, want %v", what, pair[0], pair[1])
		}
	}
	near := func(what string, got, want []float64) {
		if !slices.EqualFunc(got, want, func(a, b float64) bool { return math.Abs(a-b) <= 1e-12 }) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	near("waits", waits(hertz, end, fresh()), want.Waits)
	draw, draws := fresh(), 0
	near("thinned", thinned(modulated, most, end, func() float64 { draws++; return draw() }), want.Thinned)
	if draws != 2*want.Candidates-1 { // the last candidate is beyond the end
		t.Errorf("%d draws, want two for each of %d candidates but the last", draws, want.Candidates)
	}
	var at, counts []int
	for k, n := range bursts(table, bins, fresh()) {
		if n > 0 {
			at, counts = append(at, k), append(counts, n)
		}
	}
	if !slices.Equal(at, want.BurstBins) || !slices.Equal(counts, want.BurstCounts) {
		t.Errorf("bursts %v of %v, want %v of %v", counts, at, want.BurstCounts, want.BurstBins)
	}
	var all []float64
	draw = fresh()
	for range 50 {
		for _, k := range inBins(varying, bins, draw) {
			all = append(all, (float64(k)+0.5)*dt)
		}
	}
	near("histogram", histogram(all, 50, 0.1, 20), want.Histogram)
}

// TestProcessStatistics: with the draws of this package, means over runs are those recorded, within four standard errors
// of the difference of two samples.
func TestProcessStatistics(t *testing.T) {
	type sample struct{ N, Mean, SE float64 }
	var want struct {
		Counts map[string]sample `json:"counts"`
		Least  float64           `json:"refractory_minimum_interval_s"`
	}
	recorded(t, "d004_poisson_statistics.json", &want)
	const dt, bins, end, runs = 0.0005, 20000, 10.0, 60
	got := map[string]float64{}
	least := math.Inf(1)
	for run := range uint64(runs) {
		d := newDraws(3, run, 0)
		draw := func() float64 { return 1 - d.unit() }
		got["bins"] += float64(len(inBins(func(int) float64 { return hertz * dt }, bins, draw)))
		got["intervals"] += float64(len(waits(hertz, end, draw)))
		got["inhomogeneous"] += float64(len(inBins(func(k int) float64 { return modulated(float64(k)*dt) * dt }, bins, draw)))
		got["thinning"] += float64(len(thinned(modulated, most, end, draw)))
		resting := recovering(hertz, dead, recovery, dt, bins, draw)
		got["refractory"] += float64(len(resting))
		for i := 1; i < len(resting); i++ {
			least = min(least, float64(resting[i]-resting[i-1])*dt)
		}
		for _, n := range bursts(table, bins, draw) {
			got["burst"] += float64(n)
		}
	}
	for name, w := range want.Counts {
		if mean := got[name] / runs; math.Abs(mean-w.Mean) > 4*w.SE*math.Sqrt(1+w.N/runs) {
			t.Errorf("%s: %.2f spikes a run, recorded are %.2f ± %.2f", name, mean, w.Mean, w.SE)
		}
	}
	if len(want.Counts) != len(got) || math.Abs(least-want.Least) > 1e-9 {
		t.Errorf("%d counts of %d; the shortest interval of resting neurons is %g, recorded is %g", len(got), len(want.Counts), least, want.Least)
	}
}
