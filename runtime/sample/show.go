package sample

import (
	"cmp"
	"maps"
	"slices"

	"spikec/emulator"
	"spikec/target/image"
)

// show follows image i.
func (w *worker) show(i int) (Image, error) {
	s := &shown{taker: w.taker, steps: spread(w.Image.Steps), spikes: make([]map[int][]int, len(w.membranes)), from: map[int]int{}}
	first := 0
	for _, c := range w.Image.Output.Cores {
		s.from[c] = first
		first += w.Image.Cores[c].Neurons
	}
	if d := w.Image.Output.Delay; d > 0 && !slices.Contains(s.steps, d) {
		s.steps = append(s.steps, d)
		slices.Sort(s.steps)
	}
	s.result.Steps = s.steps
	for range s.steps {
		s.result.Counts = append(s.result.Counts, make([]int32, w.Image.Output.Classes))
		s.result.Potentials = append(s.result.Potentials, make([]int32, w.Image.Output.Classes))
	}
	s.counts = make([]int32, w.Image.Output.Classes)
	w.Data.Codes(i, w.codes)
	if _, err := w.session.Trace(w.codes, i, s.observe); err != nil {
		return Image{}, err
	}
	m := Image{Index: i, Label: w.Labels[i], Trained: int(w.Trained[i]), Decision: int(w.Last.Decisions[i]), Picture: picture(w.codes, w.Coding)}
	m.Scores, m.Rasters = s.scores(m.Label), s.rasters()
	return m, nil
}

// spread returns the steps whose scores are kept: all of them, or so many at even distances; the last one is T.
func spread(steps int) []int {
	n := min(steps, MaxSteps)
	list := make([]int, n)
	for k := range list {
		list[k] = (k + 1) * steps / n
	}
	return list
}

// shown is what is kept of one image.
type shown struct {
	*taker
	steps  []int
	spikes []map[int][]int // by population, by neuron
	from   map[int]int     // core of the output → its first class
	counts []int32         // of the output's neurons
	result emulator.Result
}

// observe keeps what a core did in a step.
func (s *shown) observe(core, t int, spikes []int8, v []int32) {
	t -= (s.stages[core] - 1) * s.Image.Steps // in the last stage of its window a core fires
	if t < 0 {
		return
	}
	p, index := s.population[core], s.Image.Cores[core].Index
	for n, x := range spikes {
		if x != 0 && t < MaxSteps {
			if s.spikes[p] == nil {
				s.spikes[p] = map[int][]int{}
			}
			k := index(n)
			s.spikes[p][k] = append(s.spikes[p][k], int(x)*(t+1))
		}
	}
	class, ok := s.from[core]
	if !ok {
		return
	}
	for n, x := range spikes {
		s.counts[class+n] += int32(x)
	}
	if at, ok := slices.BinarySearch(s.steps, t+1); ok {
		copy(s.result.Counts[at][class:], s.counts[class:class+len(v)])
		copy(s.result.Potentials[at][class:], v)
	}
}

// scores lists what the read-out compares.
func (s *shown) scores(label int) Scores {
	out := &s.Image.Output
	values, unit := s.result.Counts, Spikes
	if out.Readout == image.Membrane {
		values, unit = s.result.Potentials, WeightUnits
	}
	delay, last := slices.Index(s.steps, out.Delay), len(s.steps)-1
	score := func(at, class int) int32 {
		if delay < 0 {
			return values[at][class]
		}
		return values[at][class] - values[delay][class]
	}
	k := Scores{Unit: unit, Steps: []int{}, Classes: s.ahead(label, func(class int) int32 { return score(last, class) }), Decisions: []int{}}
	k.Values = make([][]int32, len(k.Classes))
	for at, step := range s.steps {
		if at <= delay || at < last && s.Profile.Execution.StageCount() > 1 {
			continue // nothing counts yet, or not all has arrived
		}
		k.Steps, k.Decisions = append(k.Steps, step), append(k.Decisions, emulator.Decide(out, &s.result, step).Class)
		for c, class := range k.Classes {
			k.Values[c] = append(k.Values[c], score(at, class))
		}
	}
	return k
}

// ahead returns the classes of the highest scores, and the label.
func (s *shown) ahead(label int, score func(class int) int32) []int {
	order := make([]int, s.Image.Output.Classes)
	for c := range order {
		order[c] = c
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(score(b), score(a)) })
	order = order[:min(MaxClasses, len(order))]
	if !slices.Contains(order, label) {
		order = append(order, label)
	}
	return order
}

// rasters lists the spikes that are kept.
func (s *shown) rasters() []Raster {
	rasters := []Raster{}
	var fired []int // populations
	for p := range s.spikes {
		if len(s.spikes[p]) > 0 {
			fired = append(fired, p)
		}
	}
	for _, p := range apart(fired, MaxRasters) {
		neurons := slices.Sorted(maps.Keys(s.spikes[p]))
		r := Raster{Layer: s.Integers.Populations[p].Name, Fired: len(neurons), Steps: min(s.Image.Steps, MaxSteps)}
		for _, n := range few(s.spikes[p], neurons) {
			r.Neurons, r.Spikes = append(r.Neurons, n), append(r.Spikes, s.spikes[p][n])
		}
		rasters = append(rasters, r)
	}
	return rasters
}

// few chooses neurons whose spikes are kept.
func few(spikes map[int][]int, neurons []int) []int {
	for most := MaxNeurons; ; most-- {
		chosen, total := apart(neurons, most), 0
		for _, n := range chosen {
			total += len(spikes[n])
		}
		if total <= MaxSpikes || most == 2 {
			return chosen
		}
	}
}

// apart returns at most so many of a list, 2 or more: the first, the last, and others at even distances.
func apart(list []int, most int) []int {
	if len(list) <= most {
		return list
	}
	few := make([]int, most)
	for k := range few {
		few[k] = list[k*(len(list)-1)/(most-1)]
	}
	return few
}
