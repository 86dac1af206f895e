package encoder

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"spikec/internal/golden"
)

// coding returns the default coding of a name with seed 42, or another parameter where one is given.
func coding(t testing.TB, name string, parameter ...int) Coding {
	t.Helper()
	c, err := Default(name, 42)
	if err != nil {
		t.Fatal(err)
	}
	if parameter != nil {
		c.Parameter = parameter[0]
	}
	return c
}

// raster plays one picture, blocks of so many steps one after the other, and returns neuron × step.
func raster(t testing.TB, c Coding, codes []uint8, first, picture int, blocks ...int) [][]bool {
	t.Helper()
	p, err := NewPlayer(c)
	if err != nil {
		t.Fatal(err)
	}
	r := make([][]bool, len(codes))
	p.Begin(codes, first, picture)
	stride := (len(codes)+WordBits-1)/WordBits + 1 // a word more than is needed
	for _, n := range blocks {
		spikes := make([]uint64, stride*n)
		for i := range spikes {
			spikes[i] = math.MaxUint64 // what was there is overwritten
		}
		p.Play(spikes, stride, n)
		for i := range r {
			for s := range n {
				r[i] = append(r[i], spikes[s*stride+i/WordBits]>>(i%WordBits)&1 != 0)
			}
		}
		for i := len(codes); i < stride*WordBits; i++ {
			if spikes[i/WordBits]>>(i%WordBits)&1 != 0 {
				t.Fatalf("bit %d of %d neurons is set", i, len(codes))
			}
		}
	}
	return r
}

// alike returns n equal codes.
func alike(code uint8, n int) []uint8 { return slices.Repeat([]uint8{code}, n) }

// TestRasters: the spikes of every encoder are these, on every machine.
func TestRasters(t *testing.T) {
	var b strings.Builder
	for _, name := range Names() {
		c := coding(t, name)
		fmt.Fprintf(&b, "%s, seed %d, parameter %d, peak %.4g: %s\n", c.Name, c.Seed, c.Parameter, c.Peak(), About(name))
		codes := []uint8{0, 1, 20, 64, 128, 128, 200, 254, 255}
		for i, train := range raster(t, c, codes, 0, 3, 64) {
			fmt.Fprintf(&b, "%4d ", codes[i])
			for _, s := range train {
				b.WriteByte(".|"[map[bool]int{true: 1}[s]])
			}
			b.WriteByte('\n')
		}
	}
	golden.File(t, "rasters.txt", b.String())
}

// TestOrder: the same spikes whatever blocks of steps they are played in, from whatever neuron on, and by whatever player,
// at once or not.
func TestOrder(t *testing.T) {
	codes := make([]uint8, 150)
	for i := range codes {
		codes[i] = uint8(i * 37)
	}
	for _, name := range Names() {
		c := coding(t, name)
		want := raster(t, c, codes, 0, 5, 96)
		if got := raster(t, c, codes, 0, 5, 1, 2, 61, 7, 25); !equal(got, want) {
			t.Errorf("%s: other spikes in blocks of other lengths", name)
		}
		if got := raster(t, c, codes[70:], 70, 5, 96); !equal(got, want[70:]) {
			t.Errorf("%s: other spikes from neuron 70 on", name)
		}
		p, _ := NewPlayer(c)
		p.Begin(codes, 0, 4)
		p.Play(make([]uint64, 3*40), 3, 40)
		p.Begin(codes, 0, 5)
		again := make([]uint64, 3*96)
		p.Play(again, 3, 96)
		for i := range codes {
			for s := range 96 {
				if again[s*3+i/WordBits]>>(i%WordBits)&1 != 0 != want[i][s] {
					t.Fatalf("%s: neuron %d, step %d: another spike behind another picture", name, i, s)
				}
			}
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if got := raster(t, c, codes, 0, 5, 96); !equal(got, want) {
					t.Errorf("%s: other spikes beside other players", name)
				}
			})
		}
		all.Wait()
	}
}

func equal(a, b [][]bool) bool { return slices.EqualFunc(a, b, slices.Equal[[]bool]) }

// rate is what a code stands for, in spikes a step.
func rate(c Coding, code uint8) float64 {
	x := float64(code) / codes
	switch c.Name {
	case "poisson-raw":
		return 1 - math.Exp(-x)
	case "ttfs":
		return 1 / float64(c.Parameter)
	case "burst":
		return math.Round(x*float64(c.Parameter)) / float64(c.Parameter)
	}
	return x * c.Peak()
}

// sigmas is how many standard deviations a mean may be off: one test of 100,000 fails by chance.
const sigmas = 4.5

// variations are the codings that the statistics are tested on.
func variations(t testing.TB) []Coding {
	var all []Coding
	for _, name := range Names() {
		all = append(all, coding(t, name))
	}
	return append(all, coding(t, "refractory", 5), coding(t, "gamma", 1), coding(t, "gamma", 9), coding(t, "burst", 16))
}

// TestRate: spikes per step are the rate that the code stands for, within binomial intervals, in all steps together and
// for encoders with random numbers also in each of the first steps. No law varies more than the binomial one. Of gamma,
// whose spikes may fall together, low codes are tested.
func TestRate(t *testing.T) {
	const neurons, steps = 4000, 48
	for _, c := range variations(t) {
		for _, code := range []uint8{1, 7, 25, 64, 128, 201, 254, 255} {
			if c.Name == "gamma" && code > 7 {
				continue
			}
			r := raster(t, c, alike(code, neurons), 0, 0, steps)
			want, total := rate(c, code), 0
			each := make([]int, steps)
			for _, train := range r {
				for s, spike := range train {
					if spike {
						total++
						each[s]++
					}
				}
			}
			if !encoders[c.Name].random {
				// Every train is the same.
				most := map[string]float64{"burst": 0, "ttfs": 0.5, "sigma-delta": 0.5 + 1./510, "van-der-corput": 1 + math.Log2(steps)/3}[c.Name]
				if d := math.Abs(float64(total)/neurons - want*steps); d > most+1e-9 {
					t.Errorf("%s %d, code %d: off by %.2f spikes of %.2f", c.Name, c.Parameter, code, d, want*steps)
				}
				continue
			}
			near := func(what string, got int, n float64) {
				t.Helper()
				if d, sd := math.Abs(float64(got)-want*n), math.Sqrt(n*want*(1-want)); d > sigmas*sd+1e-9 {
					t.Errorf("%s %d, code %d, %s: %d spikes, want %.1f ± %.1f", c.Name, c.Parameter, code, what, got, want*n, sd)
				}
			}
			near("all steps", total, neurons*steps)
			for s := range 8 {
				near(fmt.Sprint("step ", s), each[s], neurons)
			}
		}
	}
}

// intervalsOf returns the intervals between spikes of many trains, those of the first steps left out.
func intervalsOf(t testing.TB, c Coding, code uint8, neurons, steps int) []int {
	var all []int
	for _, train := range raster(t, c, alike(code, neurons), 0, 1, steps) {
		last := -1
		for s, spike := range train {
			if spike {
				if last >= 0 {
					all = append(all, s-last)
				}
				last = s
			}
		}
	}
	return all
}

// TestIntervals: the intervals of a train have the geometric law of its rate, behind the refractory steps where there are
// some, by χ² over the lengths that occur often; nothing but the train's end, which is far away, cuts them.
func TestIntervals(t *testing.T) {
	for _, c := range variations(t) {
		silent := 0
		switch c.Name {
		case "bernoulli", "poisson", "poisson-raw", "poisson-intervals", "geometric":
		case "refractory":
			silent = c.Parameter
		default:
			continue
		}
		for _, code := range []uint8{30, 128, 230} {
			rho := rate(c, code)
			p := rho / (1 - rho*float64(silent))
			seen := map[int]int{}
			all := intervalsOf(t, c, code, 20, 4000)
			for _, k := range all {
				if seen[k]++; k <= silent {
					t.Fatalf("%s %d, code %d: an interval of %d steps", c.Name, c.Parameter, code, k)
				}
			}
			n, chi, bins, rest, left := float64(len(all)), 0.0, 0, 1.0, len(all)
			for k := 1; ; k++ {
				expected := n * p * math.Pow(1-p, float64(k-1))
				if expected < 20 {
					break
				}
				d := float64(seen[k+silent]) - expected
				chi += d * d / expected
				rest -= expected / n
				left -= seen[k+silent]
				bins++
			}
			d := float64(left) - rest*n
			chi += d * d / (rest * n)
			if most := chiSquare(bins); chi > most || rest*n < 5 {
				t.Errorf("%s %d, code %d: χ² %.1f over %d lengths of %d intervals, want at most %.1f; %.1f expected in the tail",
					c.Name, c.Parameter, code, chi, bins, len(all), most, rest*n)
			}
		}
	}
}

// chiSquare is the value that χ² of so many degrees of freedom exceeds once in 100,000 times (Wilson, Hilferty 1931).
func chiSquare(freedom int) float64 {
	k := float64(freedom)
	return k * math.Pow(1-2/(9*k)+4.265*math.Sqrt(2/(9*k)), 3)
}

// TestRegularity: the coefficient of variation of intervals is that of the law: √(1−p) for geometric ones, √(1−p)·(1−ρd)
// for refractory ones, 1/√k for gamma ones.
func TestRegularity(t *testing.T) {
	for _, c := range variations(t) {
		code := uint8(10)
		rho := rate(c, code)
		var want float64
		switch c.Name {
		case "bernoulli", "poisson", "poisson-raw", "poisson-intervals", "geometric":
			want = math.Sqrt(1 - rho)
		case "refractory":
			silent := rho * float64(c.Parameter)
			want = math.Sqrt(1-rho/(1-silent)) * (1 - silent)
		case "gamma":
			want = 1 / math.Sqrt(float64(c.Parameter))
		default:
			continue
		}
		all := intervalsOf(t, c, code, 40, 12000)
		mean, square := 0.0, 0.0
		for _, k := range all {
			mean += float64(k)
			square += float64(k * k)
		}
		n := float64(len(all))
		mean, square = mean/n, square/n
		if cv := math.Sqrt(square-mean*mean) / mean; math.Abs(cv-want) > 0.03 {
			t.Errorf("%s %d: coefficient of variation %.3f of %d intervals, want %.3f", c.Name, c.Parameter, cv, len(all), want)
		}
	}
}

// TestGammaLaw compares drawn intervals with the law of Erlang, by Kolmogorov and Smirnov's distance.
func TestGammaLaw(t *testing.T) {
	for _, k := range []int{1, 4, 9} {
		const n = 20000
		x := make([]float64, n)
		tr := train{code: 51, parameter: k, draws: newDraws(1, 2, 3)}
		for i := range x {
			x[i] = gammaTime(&tr, k)
		}
		slices.Sort(x)
		worst := 0.0
		for i, a := range x {
			// P(X <= a) = 1 − e^(−λa) Σ_{j<k} (λa)^j / j!, λ = k/5 a step
			l := a * float64(k) / 5
			tail, term := 0.0, math.Exp(-l)
			for j := range k {
				tail += term
				term *= l / float64(j+1)
			}
			worst = max(worst, math.Abs(1-tail-float64(i)/n), math.Abs(1-tail-float64(i+1)/n))
		}
		if worst > 2.2/math.Sqrt(n) {
			t.Errorf("order %d: distance %.4f from the law of Erlang, want at most %.4f", k, worst, 2.2/math.Sqrt(n))
		}
	}
}

// TestIndependence: the spikes of neighbouring neurons, of neighbouring pictures and of neighbouring seeds do not depend on
// each other, and those of neighbouring steps do not where the law has no memory.
func TestIndependence(t *testing.T) {
	const neurons, steps = 2000, 64
	for _, c := range variations(t) {
		if !encoders[c.Name].random {
			continue
		}
		codes := alike(100, neurons+1)
		base := raster(t, c, codes, 0, 8, steps)
		other := c
		other.Seed++
		next := raster(t, c, codes, 0, 9, steps)
		seeded := raster(t, other, codes, 0, 8, steps)
		memory := slices.Contains([]string{"refractory", "gamma", "regular-phase"}, c.Name)
		// Trains with a memory are compared in one step each, the others in all.
		stride := 1
		if memory {
			stride = steps
		}
		for what, pair := range map[string]func(n, s int) bool{
			"neurons":  func(n, s int) bool { return base[n+1][s] },
			"pictures": func(n, s int) bool { return next[n][s] },
			"seeds":    func(n, s int) bool { return seeded[n][s] },
			"steps":    func(n, s int) bool { return base[n][s+1] },
		} {
			if memory && what == "steps" {
				continue
			}
			var n, a, b, both float64
			for i := range neurons {
				for s := 0; s+1 < steps; s += stride {
					x, y := base[i][s], pair(i, s)
					n++
					if x {
						a++
					}
					if y {
						b++
					}
					if x && y {
						both++
					}
				}
			}
			r := (both/n - a/n*b/n) / math.Sqrt(a/n*(1-a/n)*b/n*(1-b/n))
			if math.Abs(r) > sigmas/math.Sqrt(n) {
				t.Errorf("%s %d: correlation %.4f between neighbouring %s, want at most %.4f", c.Name, c.Parameter, r, what, sigmas/math.Sqrt(n))
			}
		}
	}
}

// TestNoSpikes: code 0 never fires, code 255 does in every step that it may.
func TestExtremes(t *testing.T) {
	for _, c := range variations(t) {
		r := raster(t, c, []uint8{0, 255}, 0, 0, 300)
		silent, all := 0, 0
		for s := range 300 {
			if r[0][s] {
				silent++
			}
			if r[1][s] {
				all++
			}
		}
		if silent != 0 {
			t.Errorf("%s: %d spikes of code 0", c.Name, silent)
		}
		switch want := 300 * c.Peak(); c.Name {
		case "poisson-raw", "gamma", "ttfs":
		default:
			if math.Abs(float64(all)-want) > 0.5 {
				t.Errorf("%s %d: %d spikes of code 255 in 300 steps, want %g", c.Name, c.Parameter, all, want)
			}
		}
	}
}

// TestRegularPhase: any T steps have ⌊xT⌋ or ⌈xT⌉ spikes, in one phase or another.
func TestRegularPhase(t *testing.T) {
	for code := 1; code <= codes; code++ {
		first := map[int]bool{}
		for _, train := range raster(t, coding(t, "regular-phase"), alike(uint8(code), 20), 0, 0, 100) {
			count, at := 0, -1
			for s, spike := range train {
				if spike {
					if count++; at < 0 {
						at = s
					}
				}
				if x := code * (s + 1); count < x/codes || count > (x+codes-1)/codes {
					t.Fatalf("code %d: %d spikes in %d steps", code, count, s+1)
				}
			}
			first[at] = true
		}
		if code > 5 && code < 200 && len(first) == 1 {
			t.Errorf("code %d: 20 neurons fire together", code)
		}
	}
}

// TestTimeToFirstSpike: one spike a frame, in the first step for code 255 and in none behind that of a larger code.
func TestTimeToFirstSpike(t *testing.T) {
	c := coding(t, "ttfs", 9)
	if c.Rates() || !coding(t, "burst").Rates() {
		t.Error("ttfs tells times, burst rates")
	}
	last := 8
	for code := 1; code <= codes; code++ {
		train := raster(t, c, []uint8{uint8(code)}, 0, 0, 4, 23)[0]
		at := slices.Index(train, true)
		for s, spike := range train {
			if spike != (s%9 == at) {
				t.Fatalf("code %d: step %d is %v, the first spike is in step %d", code, s, spike, at)
			}
		}
		if at > last || code == 1 && at != 7 || code == codes && at != 0 {
			t.Errorf("code %d fires first in step %d, a smaller one in step %d", code, at, last)
		}
		last = at
	}
}

// TestDraws compares F with published outputs of SplitMix64, seed 0, and below with its thresholds: ⌈c·2^64/255⌉ is
// c·0x0101010101010101 + 1.
func TestDraws(t *testing.T) {
	for n, want := range []uint64{0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC} {
		if got := mix(uint64(n)); got != want {
			t.Errorf("F(%d) = %#x, want %#x", n, got, want)
		}
	}
	for c := 1; c <= codes; c++ {
		last := uint64(c) * 0x0101010101010101
		if !below(last, uint8(c)) || c < codes && below(last+1, uint8(c)) || below(last, uint8(c-1)) {
			t.Errorf("code %d: the last number below it is not %#x", c, last)
		}
	}
	if below(0, 0) {
		t.Error("a number is below code 0")
	}
	d := draws{}
	for range 1000 {
		if u := d.unit(); !(u > 0 && u <= 1) {
			t.Fatalf("unit: %v", u)
		}
	}
}

// TestLogarithm compares ln and exp with the library's functions.
func TestLogarithm(t *testing.T) {
	d := newDraws(1, 1, 1)
	for i := range 20000 {
		x := d.unit()
		switch i {
		case 0:
			x = 1
		case 1:
			x = 1.0 / (1 << 53)
		case 2:
			x = math.Sqrt2 / 2
		}
		if got, want := ln(x), math.Log(x); math.Abs(got-want) > 1e-15*max(1e-3, math.Abs(want)) {
			t.Fatalf("ln(%v) = %v, want %v", x, got, want)
		}
		if got, want := exp(-x), math.Exp(-x); math.Abs(got-want) > 1.0/(1<<44) {
			t.Fatalf("exp(%v) = %v, want %v", -x, got, want)
		}
	}
}

func TestValidate(t *testing.T) {
	for want, c := range map[string]Coding{
		`encoder "morse", want one of bernoulli, poisson, burst`:     {Name: "morse"},
		`encoder "", want one of`:                                    {},
		"encoder burst draws no numbers, seed 3 has no use":          {Name: "burst", Seed: 3, Parameter: 8},
		"encoder bernoulli has no parameter, got 2":                  {Name: "bernoulli", Parameter: 2},
		"parameter 0 of encoder gamma, want 1..1000":                 {Name: "gamma"},
		"parameter 1001 of encoder refractory, want 1..1000":         {Name: "refractory", Parameter: 1001},
		"encoder van-der-corput draws no numbers, seed 1 has no use": {Name: "van-der-corput", Seed: 1},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", c, err, want)
		}
		if _, err := NewPlayer(c); err == nil {
			t.Errorf("%+v: a player", c)
		}
	}
	if _, err := Default("morse", 0); err == nil {
		t.Error("an unknown encoder has a default")
	}
	if c, err := Default("burst", 9); err != nil || c.Seed != 0 || c.Draws() {
		t.Errorf("burst: %+v, %v, want no seed", c, err)
	}
}

func BenchmarkPlay(b *testing.B) {
	for _, name := range Names() {
		b.Run(name, func(b *testing.B) {
			p, _ := NewPlayer(coding(b, name))
			codes, spikes := alike(128, 784), make([]uint64, 13*32)
			for i := range b.N {
				p.Begin(codes, 0, i)
				p.Play(spikes, 13, 32)
			}
		})
	}
}
