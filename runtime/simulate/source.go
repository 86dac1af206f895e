package simulate

import (
	"math"
	"slices"

	"spikec/models/equation"
	"spikec/models/generator"
	"spikec/models/network"
	"spikec/runtime/simulate/describe"
)

// mostSourceSpikes bounds the spikes of a source that are made before a run.
const mostSourceSpikes = 1 << 24

// source builds a source of spikes.
func (b *builder) source(g *group, p describe.Population) {
	if p.Spikes != nil {
		indices, times := b.given(g, p)
		b.send(g, at(p.Spikes.Line, "populations."+g.name), indices, times)
		return
	}
	if p.Images != nil {
		if indices, times, ok := b.pictures(g, p.Images); ok {
			b.send(g, at(p.Images.Line, "populations."+g.name+".images"), indices, times)
		}
		return
	}
	q := p.Poisson
	here := at(q.Line, "populations."+g.name+".poisson")
	special := q.Refractory.Given() || q.Recovery.Given() || q.Correlation.Given() || len(q.Burst) > 0 || q.Construction.Given() && q.Construction.Text != "bins"
	if !special {
		b.group(g, q, here)
		return
	}
	indices, times, ok := b.trains(g, q, here)
	if ok {
		b.send(g, here, indices, times)
	}
}

// given are the spikes of a source that lists them.
func (b *builder) given(g *group, p describe.Population) (indices []int, times []float64) {
	here := at(p.Spikes.Line, "populations."+g.name+".spikes")
	list, ok := b.of(p.Spikes.Times, "times", equation.Second)
	if !ok {
		return nil, nil
	}
	numbers, ok := b.of(p.Spikes.Indices, "indices", equation.Dimension{})
	if !ok {
		return nil, nil
	}
	if len(numbers) == 0 { // neuron k sends spike k, round and round
		for k := range list {
			numbers = append(numbers, float64(k%g.n))
		}
	}
	if len(numbers) != len(list) {
		b.wrong(idRange, here, "give an index for each time", "%d indices and %d times", len(numbers), len(list))
		return nil, nil
	}
	period := b.orElse(p.Spikes.Period, "period", equation.Second, 0)
	repeats := b.orElse(p.Spikes.Repeats, "repeats", equation.Dimension{}, 1)
	if p.Spikes.Period.Given() && !p.Spikes.Repeats.Given() && period > 0 {
		repeats = math.Ceil(b.duration / period)
	}
	if !(repeats >= 1) || period < 0 || repeats*float64(len(list)) > mostSourceSpikes {
		b.wrong(idRange, here, "", "%v repeats of %d spikes, every %v s: want 1 or more, and at most %d spikes", repeats, len(list), period, mostSourceSpikes)
		return nil, nil
	}
	for r := range int(repeats) {
		for k, t := range list {
			indices, times = append(indices, int(numbers[k])), append(times, t+float64(r)*period)
		}
	}
	return indices, times
}

// send makes a source of spikes.
func (b *builder) send(g *group, here describe.Text, indices []int, times []float64) {
	s, err := b.net.AddSource(g.n, indices, times)
	if err != nil {
		b.wrong(idRange, here, "indices go from 0 to n−1, and times begin at 0", "%v", err)
		return
	}
	g.spiking = s
}

// group is a population of independent Poisson neurons with one draw a step: a spike where it is below rate·dt.
func (b *builder) group(g *group, q *describe.Poisson, here describe.Text) {
	if !q.Rate.Given() {
		return // said already
	}
	e := b.parse(q.Rate)
	d := b.dimensions(map[string]equation.Dimension{"i": {}, "N": {}})
	if e == nil || !b.fits(q.Rate, e, d, "rate", equation.Second.Inverse()) {
		return
	}
	p, err := b.net.AddPopulation(network.Description{N: g.n, Equations: []string{"rate : Hz"}, Threshold: "rand() < rate*dt"})
	if err != nil {
		b.wrong(idEquation, here, "", "%v", err)
		return
	}
	g.p, g.spiking = p, p
	g.own["rate"], g.own["i"], g.own["N"], g.first = equation.Second.Inverse(), equation.Dimension{}, equation.Dimension{}, "rate"
	b.refused(q.Rate, p.Set("rate = "+q.Rate.Text))
	if slices.Contains(e.Names(), "t") || e.Calls("rand", "randn") {
		b.refused(q.Rate, p.Regularly("rate = "+q.Rate.Text, b.dt))
	}
	values, err := p.Values("rate")
	if err == nil && slices.Max(values)*b.dt > 1 {
		b.wrong(idRange, q.Rate, "use a smaller dt, or construction: intervals", "a rate of %v Hz has more than one spike a step of %v ms", slices.Max(values), 1e3*b.dt)
	}
}

// trains are spike trains that are drawn before the run, neuron by neuron, in s.
func (b *builder) trains(g *group, q *describe.Poisson, here describe.Text) (indices []int, times []float64, ok bool) {
	rate, ok := b.rates(q)
	if !ok {
		return nil, nil, false
	}
	absolute := b.orElse(q.Refractory, "refractory", equation.Second, 0)
	recovery := b.orElse(q.Recovery, "recovery", equation.Second, 0)
	correlation := b.orElse(q.Correlation, "correlation", equation.Dimension{}, 0)
	bin := b.orElse(q.Bin, "bin", equation.Second, 10e-3)
	most := b.orElse(q.Most, "most", equation.Second.Inverse(), 0)
	burst, fine := b.of(q.Burst, "burst", equation.Dimension{})
	highest := most
	for k := range g.n {
		highest = max(highest, rate(k)(0))
	}
	switch {
	case !fine:
		return nil, nil, false
	case absolute < 0 || recovery < 0 || correlation < 0 || correlation > 1 || !(bin >= b.dt):
		b.wrong(idRange, here, "times are 0 or more, a correlation lies in [0, 1], and a bin has one step at least", "a value is out of its range")
		return nil, nil, false
	case highest*b.duration*float64(g.n) > mostSourceSpikes:
		b.wrong(idSize, here, "use lower rates, fewer neurons or a shorter time", "more than %d spikes", mostSourceSpikes)
		return nil, nil, false
	case q.Construction.Text == "thinning" && !(most > 0):
		b.wrong(idRange, here, "add most, the largest rate, such as 100*Hz", "thinning needs the largest rate")
		return nil, nil, false
	}
	add := func(k int, list ...float64) {
		for _, t := range list {
			indices, times = append(indices, k), append(times, t)
		}
	}
	if correlation > 0 {
		c := generator.Correlated{Neurons: g.n, Rate: rate(0)(0), Correlation: correlation, Dt: b.dt}
		for s := range b.steps {
			c.Step(b.draws, func(k int) { add(k, float64(s)*b.dt) })
		}
		return indices, times, true
	}
	for k := range g.n {
		r := rate(k)
		switch {
		case len(burst) > 0:
			bins := int(b.duration / bin)
			for m, n := range generator.Burst(b.draws, burst, bins) {
				for s := range n { // spread evenly over the bin
					add(k, (float64(m)+float64(s)/float64(n))*bin)
				}
			}
		case absolute > 0 || recovery > 0:
			for _, s := range generator.Refractory(b.draws, r(0), absolute, recovery, b.dt, b.steps) {
				add(k, float64(s)*b.dt)
			}
		case q.Construction.Text == "thinning":
			list, _ := generator.Thinning(b.draws, r, most, b.duration)
			add(k, list...)
		default:
			if !(r(0) >= 0) {
				b.wrong(idRange, here, "", "a rate of %v Hz", r(0))
				return nil, nil, false
			}
			if r(0) > 0 {
				add(k, generator.Intervals(b.draws, r(0), b.duration)...)
			}
		}
	}
	return indices, times, true
}

// rates returns the rate of each neuron as a function of time.
func (b *builder) rates(q *describe.Poisson) (func(neuron int) generator.Rate, bool) {
	if !q.Rate.Given() {
		return func(int) generator.Rate { return generator.Constant(0) }, true
	}
	e := b.parse(q.Rate)
	if e == nil || !b.fits(q.Rate, e, b.dimensions(map[string]equation.Dimension{"i": {}}), "rate", equation.Second.Inverse()) {
		return nil, false
	}
	if q.Construction.Text != "thinning" && slices.Contains(e.Names(), "t") {
		b.wrong(idRange, q.Rate, "use construction: thinning, or bins without refractory, correlation and burst", "a rate that changes with t does not go with this construction")
		return nil, false
	}
	now, index := &equation.Value{Data: []float64{0}}, &equation.Value{Data: []float64{0}}
	s := &equation.Scope{Values: map[string]*equation.Value{}, Functions: b.net.Functions()}
	for name, v := range b.values {
		s.Values[name] = &equation.Value{Data: []float64{v}}
	}
	s.Values["t"], s.Values["i"] = now, index
	p, err := e.Compile(s)
	if err != nil {
		b.wrong(idEquation, q.Rate, "", "%v", err)
		return nil, false
	}
	return func(neuron int) generator.Rate {
		return func(t float64) float64 {
			now.Data[0], index.Data[0] = t, float64(neuron)
			return p.At(equation.All(1))[0]
		}
	}, true
}
