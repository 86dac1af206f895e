package simulate

import (
	"context"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
	"spikec/internal/mersenne"
	"spikec/models/generator"
)

func init() {
	register("poisson_generators", generators)
	register("poisson_statistics", generatorStatistics)
}

// processes are the generators of a recording with their parameters.
type processes struct {
	rate, end, dt float64
	bins          int
	wave          generator.Rate // rate·(1 + depth·cos(2π·frequency·t))
	most          float64        // its largest value
	absolute      float64
	recovery      float64
	cumulative    []float64
}

// readProcesses reads the parameters.
func readProcesses(c *recording) processes {
	p := processes{rate: c.in.at("rate_Hz").positive(), end: c.in.at("T_s").positive(), dt: c.in.at("dt_s").positive(),
		absolute: c.in.at("t_abs_s").float(), recovery: c.in.at("t_rec_s").positive(), cumulative: c.in.at("burst_cumulative").floats()}
	p.bins = c.steps(p.end, p.dt)
	if len(p.cumulative) == 0 || p.rate*p.end > mostSteps {
		c.fail("%d probabilities of bursts, %v spikes", len(p.cumulative), p.rate*p.end)
	}
	w := c.quantities(c.in.at("inhomogeneous"), `^rate\*\(1 \+ (NUMBER)\*cos\(2\*pi\*(NUMBER)\*t\)\)`, 2)
	p.wave = func(t float64) float64 { return p.rate * (1 + w[0]*math.Cos(2*math.Pi*w[1]*t)) }
	p.most = p.rate * (1 + math.Abs(w[0]))
	return p
}

// generators compares trains draw by draw, with the seed set anew before each.
func generators(_ context.Context, c *recording) {
	p := readProcesses(c)
	seed := c.quantity(c.in.at("seed"), `^(NUMBER), set again before every generator$`)
	psth := c.quantities(c.in.at("psth"), `^(NUMBER) trials one after another from one generator, windows of (NUMBER) s,`, 2)
	if seed != math.Trunc(seed) || seed < 0 || seed > math.MaxUint32 || psth[0] < 1 || !(psth[1] >= p.dt) {
		c.fail("a seed of %v, %v trials, windows of %v s", seed, psth[0], psth[1])
	}
	c.work(int(psth[0]), p.bins)
	if c.err != nil {
		return
	}
	fresh := func() *mersenne.Source { return mersenne.New(uint32(seed)) }
	close, counts := tolerance{abs: 1e-12}, c.out.at("counts")
	bins := generator.Bins(fresh(), generator.Constant(p.rate), p.dt, p.bins)
	c.whole("bins", bins, c.out.at("bins_spike_bins"))
	c.count("bins", len(bins), counts.at("bins"))
	times := generator.Intervals(fresh(), p.rate, p.end)
	c.numbers("intervals", times, c.out.at("interval_spike_times"), close)
	c.count("intervals", len(times), counts.at("intervals"))
	bins = generator.Bins(fresh(), p.wave, p.dt, p.bins)
	c.whole("inhomogeneous bins", bins, c.out.at("inhomogeneous_bins"))
	c.count("inhomogeneous bins", len(bins), counts.at("inhomogeneous_bins"))
	times, candidates := generator.Thinning(fresh(), p.wave, p.most, p.end)
	c.numbers("thinning", times, c.out.at("inhomogeneous_thinning_times"), close)
	c.count("thinning", len(times), counts.at("thinning"))
	c.count("candidates of thinning", candidates, c.out.at("thinning_candidates"))
	bins = generator.Refractory(fresh(), p.rate, p.absolute, p.recovery, p.dt, p.bins)
	c.whole("refractory", bins, c.out.at("refractory_bins"))
	c.count("refractory", len(bins), counts.at("refractory"))
	var where, howMany []int
	total := 0
	for k, n := range generator.Burst(fresh(), p.cumulative, p.bins) {
		if n > 0 {
			where, howMany = append(where, k), append(howMany, n)
			total += n
		}
	}
	c.whole("bins with a burst", where, c.out.at("burst_counts_nonzero_bin"))
	c.whole("spikes of a burst", howMany, c.out.at("burst_counts_nonzero"))
	c.count("bursts", total, counts.at("burst"))
	c.numbers("rate in windows", rateInWindows(fresh(), p, int(psth[0]), psth[1]), c.out.at("psth_rate_Hz"), tolerance{rel: 1e-12})
}

// rateInWindows returns the rate of a process over trials, window by window: count/(trials·window).
func rateInWindows(u generator.Uniforms, p processes, trials int, window float64) []float64 {
	each := max(1, int(math.Round(window/p.dt)))
	rates := make([]float64, (p.bins+each-1)/each)
	for range trials {
		for _, k := range generator.Bins(u, p.wave, p.dt, p.bins) {
			rates[k/each]++
		}
	}
	for i := range rates {
		rates[i] /= float64(trials) * window
	}
	return rates
}

// ownRuns is how many runs of its own a statistical recording is compared with.
const ownRuns = 30

// ownSeed is the first seed of these runs.
const ownSeed = 7000

// generatorStatistics compares means of counts and of the variation of intervals, and tables of probabilities.
func generatorStatistics(ctx context.Context, c *recording) {
	p := readProcesses(c)
	c.work(ownRuns, p.bins, 4)
	if c.err != nil {
		return
	}
	counts, variation := map[string][]float64{}, map[string][]float64{}
	least := math.Inf(1)
	for run := range ownRuns {
		if ctx.Err() != nil {
			return
		}
		u := mersenne.New(uint32(ownSeed + run))
		add := func(name string, times []float64, varies bool) {
			counts[name] = append(counts[name], float64(len(times)))
			if varies {
				variation[name] = append(variation[name], variationOf(times))
			}
		}
		add("bins", inSeconds(generator.Bins(u, generator.Constant(p.rate), p.dt, p.bins), p.dt), true)
		add("intervals", generator.Intervals(u, p.rate, p.end), true)
		add("inhomogeneous", inSeconds(generator.Bins(u, p.wave, p.dt, p.bins), p.dt), false)
		thinned, _ := generator.Thinning(u, p.wave, p.most, p.end)
		add("thinning", thinned, false)
		rested := inSeconds(generator.Refractory(u, p.rate, p.absolute, p.recovery, p.dt, p.bins), p.dt)
		add("refractory", rested, true)
		for i := 1; i < len(rested); i++ {
			least = math.Min(least, rested[i]-rested[i-1])
		}
		total := 0.0
		for _, n := range generator.Burst(u, p.cumulative, p.bins) {
			total += float64(n)
		}
		counts["burst"] = append(counts["burst"], total)
	}
	for _, name := range c.out.at("counts").keys() {
		c.sample("count of "+name, counts[name], c.out.at("counts").at(name))
	}
	for _, name := range c.out.at("cv").keys() {
		c.sample("variation of "+name, variation[name], c.out.at("cv").at(name))
	}
	c.compared++
	if least <= p.absolute {
		c.differ("refractory: an interval of %v, not above the refractory time %v", least, p.absolute)
	}
	expected, rel := c.out.at("expected"), tolerance{rel: 1e-12}
	c.number("expected mean", p.rate*p.end, expected.at("poisson_mean"), rel)
	c.number("expected variance", p.rate*p.end, expected.at("poisson_var"), rel)
	c.number("expected variance of bins", p.rate*p.end*(1-p.rate*p.dt), expected.at("bins_var"), rel)
	// The hazard is 0, then grows evenly to the rate: survival in the recovery is e^(−rate·u²/(2·recovery)).
	mean := p.absolute + math.Sqrt(math.Pi*p.recovery/(2*p.rate))*math.Erf(math.Sqrt(p.rate*p.recovery/2)) + math.Exp(-p.rate*p.recovery/2)/p.rate
	c.number("expected interval", mean, expected.at("refractory_mean_interval_s"), tolerance{rel: 1e-9})
	perBin := 0.0
	for n := 1; n < len(p.cumulative); n++ {
		perBin += float64(n) * (p.cumulative[n] - p.cumulative[n-1])
	}
	c.number("expected count of bursts", perBin*float64(p.bins), expected.at("burst_mean"), tolerance{rel: 1e-9})
	c.numbers("Poisson's law", law(distuv.Poisson{Lambda: p.rate * 0.1}.Prob, c.out.at("poisson_P_n_for_T_0p1s")), c.out.at("poisson_P_n_for_T_0p1s"), tolerance{rel: 1e-12})
	c.numbers("binomial law", law(distuv.Binomial{N: 100, P: p.rate * 0.001}.Prob, c.out.at("binomial_P_n_for_100_bins_of_1ms")),
		c.out.at("binomial_P_n_for_100_bins_of_1ms"), tolerance{rel: 1e-12})
}

// law tabulates a distribution over as many counts as a recording does.
func law(p func(float64) float64, recorded node) []float64 {
	out := make([]float64, len(recorded.list()))
	for n := range out {
		out[n] = p(float64(n))
	}
	return out
}

// inSeconds returns the times of bins.
func inSeconds(bins []int, dt float64) []float64 {
	out := make([]float64, len(bins))
	for i, k := range bins {
		out[i] = float64(k) * dt
	}
	return out
}

// variationOf is the standard deviation of the intervals of a train over their mean.
func variationOf(times []float64) float64 {
	if len(times) < 3 {
		return math.NaN()
	}
	n := float64(len(times) - 1)
	mean, sum := (times[len(times)-1]-times[0])/n, 0.0
	for i := 1; i < len(times); i++ {
		d := times[i] - times[i-1] - mean
		sum += d * d
	}
	return math.Sqrt(sum/n) / mean
}
