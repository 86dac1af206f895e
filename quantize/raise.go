package quantize

import (
	"context"
	"math"
	"slices"

	"spikec/internal/parallel"
	"spikec/models/snn"
	"spikec/target/chip"
)

// Pictures are pictures to simulate: Codes fills dst with the codes of picture i, C,H,W order, and is safe for concurrent use.
type Pictures struct {
	N     int
	Codes func(i int, dst []float32)
}

// raises are the factors that Raise tries.
var raises = []float64{0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8, 11.3, 16}

// raisePictures is how many pictures Raise looks at, at most.
const raisePictures = 192

// Heeds reports whether the order of spikes matters to the neurons of a chip so much that a simulation in real numbers, which
// takes the sum of a step at once, does not tell what they do: where thresholds are tested after every event, and a spike forgets
// what was above one. With a reset by subtraction, that is kept, and the rates are those of sums.
func Heeds(p *chip.Profile) bool {
	order, _ := orderOf(p)
	return order == ByEvent && !slices.Contains(p.Reset.Modes, string(snn.Subtract))
}

// Raise finds by which factors the scale factors λ of a population of firing neurons are to be raised on a chip that tests
// thresholds after every event, so that its neurons are closest to rectifiers; net need not be complete behind it. Weights, in
// thresholds, fall by the factor: with the same integers, thresholds rise. What is in the way of a rectifier there is that spikes
// which inhibit come too late, or find a membrane at its floor, and that a reset to zero forgets what was above the threshold:
// both matter the less, the more spikes a threshold is away. With few spikes, on the other hand, rates are coarse.
//
// Each factor of a list is tried on pictures, with the integers that it leads to: with n the spikes of a neuron, and a what
// the spikes that the populations before it sent add up to with the weights in real numbers, it is the factor with the least
//
//	Σ_pictures,neurons (a⁺ − k·n)²,   k = Σ a⁺·n / Σ n²
//
// for each channel, or for all where they share one. Later layers can make good k, as they are fitted to what spikes deliver.
//
// whole says that the population is the output. Neurons that do not fire have no factor.
func Raise(ctx context.Context, net *snn.Network, population int, whole bool, p *chip.Profile, o Options, pictures Pictures) ([]float64, error) {
	f, err := FormatOf(p, o.Bits)
	if err != nil {
		return nil, err
	}
	r := &raiser{net: net, population: population, output: -1, profile: p, options: o, pictures: pictures}
	if whole {
		r.output = population
	}
	r.pictures.N = min(r.pictures.N, raisePictures)
	r.channels = net.Populations[population].Shape[0]
	best, least := make([]float64, r.channels), make([]float64, r.channels)
	for c := range best {
		best[c], least[c] = 1, math.Inf(1)
	}
	for _, factor := range raises {
		misses, err := r.try(ctx, factor)
		if err != nil {
			return nil, err
		}
		if misses == nil {
			continue // it does not fit the formats
		}
		if !f.ThresholdPerChannel || whole {
			all := miss{}
			for _, m := range misses {
				all.add(m)
			}
			for c := range misses {
				misses[c] = all
			}
		}
		for c, m := range misses {
			if e := m.error(); e < least[c] {
				best[c], least[c] = factor, e
			}
		}
	}
	return best, nil
}

// raiser tries factors.
type raiser struct {
	net        *snn.Network
	population int
	output     int // the population that is the output; −1: net does not have it yet
	channels   int
	profile    *chip.Profile
	options    Options
	pictures   Pictures
}

// miss are the sums of what a channel misses.
type miss struct{ aa, an, nn float64 }

func (m *miss) add(b miss) { m.aa, m.an, m.nn = m.aa+b.aa, m.an+b.an, m.nn+b.nn }

// error returns the least Σ(a⁺ − k·n)².
func (m *miss) error() float64 {
	if m.nn == 0 {
		return m.aa
	}
	return m.aa - m.an*m.an/m.nn
}

// try returns what the channels miss with a factor, nil where the integers do not fit. a⁺ is without the factor.
func (r *raiser) try(ctx context.Context, factor float64) ([]miss, error) {
	net := Raised(r.net, r.population, slices.Repeat([]float64{factor}, r.channels))
	counters, err := newCounters(ctx, net, r.output, r.profile, r.options)
	if err != nil || counters == nil {
		return nil, err
	}
	ideal, err := newIdeal(r.net, r.population)
	if err != nil {
		return nil, err
	}
	jobs := parallel.Jobs(r.options.Jobs)
	type worker struct {
		count    Counter
		chw, hwc []int32
		codes    []float32
		a        []float32
		sums     func(dst []float32, counts [][]int32)
	}
	workers := make([]worker, jobs)
	size, out := net.Populations[0].Size(), net.Populations[r.population].Size()
	for k := range workers {
		workers[k] = worker{counters(), make([]int32, size), make([]int32, size), make([]float32, size), make([]float32, out), ideal.newSums()}
	}
	// Each picture has sums of its own, so that they do not depend on the number of goroutines.
	all := make([]miss, r.pictures.N*r.channels)
	err = parallel.For(ctx, r.pictures.N, jobs, func(k, i int) error {
		w := &workers[k]
		r.pictures.Codes(i, w.codes)
		for n, c := range w.codes {
			w.chw[n] = int32(c)
		}
		snn.ToHWC(w.hwc, w.chw, net.Populations[0].Shape)
		counts, err := w.count(w.hwc, i)
		if err != nil {
			return err
		}
		w.sums(w.a, counts)
		for n, a := range w.a {
			x, y := float64(max(a, 0)), float64(counts[r.population][n])
			all[i*r.channels+n%r.channels].add(miss{x * x, x * y, y * y})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	misses := make([]miss, r.channels)
	for i, m := range all {
		misses[i%r.channels].add(m)
	}
	return misses, nil
}

// Raised returns net with the scale factors of a population raised, a channel, and its weights and biases lowered by the same.
func Raised(net *snn.Network, population int, factors []float64) *snn.Network {
	raised := *net
	raised.Populations = slices.Clone(net.Populations)
	raised.Projections = slices.Clone(net.Projections)
	pop := &raised.Populations[population]
	pop.Scale, pop.Bias = slices.Clone(pop.Scale), slices.Clone(pop.Bias)
	for c := range pop.Scale {
		pop.Scale[c] *= factors[c]
	}
	for c := range pop.Bias {
		pop.Bias[c] /= factors[c]
	}
	for i := range raised.Projections {
		q := &raised.Projections[i]
		if q.Target != population {
			continue
		}
		fan := len(q.Weight) / pop.Shape[0]
		lowered := make([]float32, len(q.Weight))
		for k, w := range q.Weight {
			lowered[k] = float32(float64(w) / factors[k/fan])
		}
		q.Weight = lowered
	}
	return &raised
}

// ideal adds up what spikes bring to a population in real numbers.
type ideal struct {
	sources  []int
	scatters []*snn.Scatter[float32]
}

func newIdeal(net *snn.Network, population int) (*ideal, error) {
	d := &ideal{}
	for _, j := range net.Incoming(population) {
		if net.Projections[j].Source == 0 {
			continue // no chip of events has a drive
		}
		s, err := snn.NewScatter(net.Geometry(j), net.Projections[j].Weight)
		if err != nil {
			return nil, err
		}
		d.sources, d.scatters = append(d.sources, net.Projections[j].Source), append(d.scatters, s)
	}
	return d, nil
}

// newSums returns what writes the sums of a picture, for one goroutine.
func (d *ideal) newSums() func(dst []float32, counts [][]int32) {
	hits := make([]*snn.Gathered[float32], len(d.scatters))
	for k, s := range d.scatters {
		hits[k] = s.NewGathered()
	}
	var events []int32
	var values []float32
	add := func(acc, w []float32, k float32) {
		for i, x := range w {
			acc[i] += k * x
		}
	}
	return func(dst []float32, counts [][]int32) {
		clear(dst)
		for k, s := range d.scatters {
			events, values = events[:0], values[:0]
			for n, c := range counts[d.sources[k]] {
				if values = append(values, float32(c)); c != 0 {
					events = append(events, int32(n))
				}
			}
			s.Add(dst, events, values, hits[k], add)
		}
	}
}

// Counter presents a picture (codes in H,W,C order, and its index) and returns the spikes of every population, in slices that the
// next call overwrites. It is for one goroutine.
type Counter = func(hwc []int32, picture int) ([][]int32, error)

// NewCounters quantises a network that is not complete, and returns what makes counters of it, or nil where it does not fit the
// chip's formats: that is left to Run to report.
func NewCounters(ctx context.Context, net *snn.Network, p *chip.Profile, o Options) (func() Counter, error) {
	return newCounters(ctx, net, -1, p, o)
}

// newCounters is NewCounters for a network whose population output is the output.
func newCounters(ctx context.Context, net *snn.Network, output int, p *chip.Profile, o Options) (func() Counter, error) {
	q, found, err := intoIntegers(ctx, net, output, p, o)
	if err != nil || found.HasErrors() {
		return nil, err
	}
	sim, err := NewSimulator(q)
	if err != nil {
		return nil, err
	}
	return func() Counter {
		loop := sim.NewLoop()
		counts := make([][]int32, len(q.Populations))
		for i := range counts {
			counts[i] = make([]int32, q.Populations[i].Size())
		}
		count := func(population, _ int, fired []int32, _ []int32) {
			for _, n := range fired {
				counts[population][n]++
			}
		}
		return func(hwc []int32, picture int) ([][]int32, error) {
			for _, c := range counts {
				clear(c)
			}
			_, err := loop.Run(hwc, picture, count)
			return counts, err
		}
	}, nil
}
