package emulator

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"spikec/target/chip"
	"spikec/target/image"
)

// exitBound bounds what output membranes can still do. With w the weights that a spike of source neuron j brings, each
// source firing at most once a step, class k gains on class m in one step at most
//
//	gain(m, k) = Σ_j (w[k][j] − w[m][j])⁺ + bias[k] − bias[m]
//
// where a source that sends spikes of either sign counts with |w[k][j] − w[m][j]|. This holds while m neither fires nor comes
// to the upper limit of its membrane, k does not come to the lower one, and neither m nor k has a spike to take back, which
// would give it the threshold; so much is asked of membranes and counts beside the lead.
type exitBound struct {
	weights   [][]int64 // class → source → weight, in units of the membrane
	signed    []bool    // source → it sends spikes of either sign
	bias      []int64
	up, down  []int64 // class → what one step adds at most to its membrane, never negative, and at least, never positive
	high, low []int64 // class → the largest membrane that neither fires nor is limited, and the lower limit
	takesBack bool    // classes take back spikes
	gains     []func() []int64
}

// maxPairs bounds the classes times sources of an exact early exit.
const maxPairs = 1 << 24

// newExitBound finds the rule of each output core, and the weights of its neurons by the neurons that they come from.
func newExitBound(img *image.Image, p *chip.Profile) (*exitBound, error) {
	if err := check(img, p); err != nil {
		return nil, err
	}
	prog, err := compileProgram(p, img)
	if err != nil {
		return nil, err
	}
	b, source, sources := &exitBound{}, make([]int, len(img.Cores)), 0
	signed := planesOf(p) > 1
	for i := range img.Cores {
		source[i] = sources
		if slices.ContainsFunc(img.Cores[i].Routes, func(r image.Route) bool { return slices.Contains(img.Output.Cores, r.Core) }) {
			sources += img.Cores[i].Neurons
			b.signed = append(b.signed, slices.Repeat([]bool{signed && !img.Cores[i].Source}, img.Cores[i].Neurons)...)
		}
	}
	if sources > maxPairs/img.Output.Classes {
		return nil, fmt.Errorf("emulator: early exit: %d classes and %d neurons that feed them are too many for an exact bound", img.Output.Classes, sources)
	}
	for _, i := range img.Output.Cores {
		if img.Cores[i].Start != img.Cores[img.Output.Cores[0]].Start {
			return nil, errors.New("emulator: early exit: the windows of the output's cores begin at different steps")
		}
		if err := b.add(img, i, prog, source, sources); err != nil {
			return nil, fmt.Errorf("emulator: early exit: no exact bound for core %d (%s): %w", i, img.Cores[i].Population, err)
		}
	}
	for m := range b.weights {
		b.gains = append(b.gains, sync.OnceValue(func() []int64 { return b.gainsOn(m) }))
	}
	return b, nil
}

// add adds the classes of an output core. source says where the sources of a core begin.
func (b *exitBound) add(img *image.Image, core int, prog *program, source []int, sources int) error {
	c := &img.Cores[core]
	if slices.ContainsFunc(img.Input.Drives, func(d image.Drive) bool { return slices.Contains(d.Cores, core) }) {
		return errors.New("the host drives it")
	}
	fan := img.Fan(core)
	if planesOf(prog.profile) > 1 {
		fan = fan.Signed()
	}
	pos, neg := fan.Positive, fan.Negative
	var sum interval
	for n := range pos {
		sum.lo, sum.hi = min(sum.lo, neg[n]), max(sum.hi, pos[n])
	}
	rule, err := deriveRule(prog, c, sum, nil)
	if err != nil {
		return err
	}
	b.takesBack = b.takesBack || rule.signed != nil
	first := len(b.weights)
	for n := range c.Neurons {
		if rule.thr[n] < 0 {
			return fmt.Errorf("neuron %d has the threshold %d, below 0", c.Index(n), rule.thr[n])
		}
		b.weights = append(b.weights, make([]int64, sources))
		b.bias = append(b.bias, rule.bias[n])
		b.up = append(b.up, pos[n]<<rule.shift+max(0, rule.bias[n]))
		b.down = append(b.down, neg[n]<<rule.shift+min(0, rule.bias[n]))
		b.high, b.low = append(b.high, min(rule.high, rule.thr[n]-1)), append(b.low, rule.low)
	}
	for i := range img.Cores[:core] {
		for _, r := range img.Cores[i].Routes {
			if r.Core == core {
				b.route(c, r, source[i], first, rule.shift)
			}
		}
	}
	return nil
}

// route adds the weights of the spikes that take a route to an output core, whose classes begin with first.
func (b *exitBound) route(c *image.Core, r image.Route, source, first int, shift uint) {
	for _, m := range c.Synapses {
		for j := range r.Count {
			a := r.Axon + j - m.FirstAxon
			if a < 0 || a >= m.Synapses.Axons() {
				continue
			}
			m.Synapses.Each(a, func(n int, w int32) { b.weights[first+n][source+r.First+j] += int64(w) << shift })
		}
	}
}

// gainsOn returns what each class gains on class m in one step at most.
func (b *exitBound) gainsOn(m int) []int64 {
	gains := make([]int64, len(b.weights))
	for k, row := range b.weights {
		gain := b.bias[k] - b.bias[m]
		for j, w := range row {
			more := w - b.weights[m][j]
			if b.signed[j] {
				more = max(more, -more)
			}
			gain += max(0, more)
		}
		gains[k] = gain
	}
	return gains
}

// sure reports whether no other class can be ahead after the steps that are left.
func (b *exitBound) sure(v view, i int, l leader, left int64) bool {
	membranes := v.r.Potentials[i]
	takesBack := func(k int) bool { return b.takesBack && v.r.Counts[i][k] > 0 }
	if takesBack(l.first) || int64(membranes[l.first])+left*b.up[l.first] > b.high[l.first] {
		return false
	}
	for k, gain := range b.gains[l.first]() {
		if k == l.first {
			continue
		}
		if takesBack(k) || l.most-v.score(i, k) <= left*gain || int64(membranes[k])+left*b.down[k] < b.low[k] {
			return false
		}
	}
	return true
}
