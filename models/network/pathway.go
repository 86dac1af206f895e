package network

import (
	"fmt"

	"spikec/internal/elementwise"
	"spikec/models/equation"
)

// pathway delivers spikes of one side, each after its delay.
type pathway struct {
	s       *Synapses
	spiking Spiking
	do      []*action
	whole   bool    // the statements may be executed neuron by neuron
	delay   int     // of all synapses
	delays  []int32 // of each; nil: all are alike
	neurons [][]int32
	queue   [][]int32 // synapses by step modulo its length
	list    func(n int) []int32
}

func (p *pathway) set(statements string, delays []float64) (err error) {
	s := p.s
	if s.lazy != "" {
		statements = s.lazy + "\n" + statements
	}
	if p.do, err = s.actions(statements); err != nil {
		return err
	}
	p.whole = len(p.do) == 1 && p == &s.forward && s.order == nil && (p.do[0].Operator == "+" || p.do[0].Operator == "-") && !p.do[0].program.Draws() &&
		!p.do[0].program.Reads(p.do[0].target)
	if len(delays) > 1 && len(delays) != s.size {
		return fmt.Errorf("%d delays for %d synapses", len(delays), s.size)
	}
	longest := 0
	for k, d := range delays {
		if !(d >= 0 && d <= MostDelay*s.net.Dt) {
			return fmt.Errorf("a delay of %v s: want 0 to %d steps", d, MostDelay)
		}
		steps := s.net.delaySteps(d)
		if k > 0 && steps != p.delay && p.delays == nil {
			p.delays = make([]int32, len(delays))
			for i := range k {
				p.delays[i] = int32(p.delay)
			}
		}
		if p.delays != nil {
			p.delays[k] = int32(steps)
		} else {
			p.delay = steps
		}
		longest = max(longest, steps)
	}
	if p.delays != nil {
		p.queue = make([][]int32, longest+1)
	} else {
		p.neurons = make([][]int32, longest+1)
		p.queue = make([][]int32, 1)
	}
	return nil
}

// deliver queues the spikes of this step and executes the statements for those that arrive now, in the order of their queueing.
func (p *pathway) deliver(step int) {
	if p.do == nil {
		return
	}
	if p.delays == nil {
		p.together(step)
		return
	}
	for _, n := range p.spiking.Now() {
		for _, k := range p.list(n) {
			slot := (step + int(p.delays[k])) % len(p.queue)
			p.queue[slot] = append(p.queue[slot], k)
		}
	}
	p.take(step % len(p.queue))
}

// together is deliver where all synapses have one delay: neurons wait in place of their synapses.
func (p *pathway) together(step int) {
	in := (step + p.delay) % len(p.neurons)
	for _, n := range p.spiking.Now() {
		p.neurons[in] = append(p.neurons[in], int32(n))
	}
	now := step % len(p.neurons)
	if p.whole {
		s := p.s
		for _, n := range p.neurons[now] {
			which := equation.Selection{First: int(s.starts[n]), Count: int(s.starts[n+1] - s.starts[n])}
			if !p.run(which) {
				s.assign(p.do[0], which)
			}
		}
	} else {
		for _, n := range p.neurons[now] {
			p.queue[0] = append(p.queue[0], p.list(int(n))...)
		}
		p.take(0)
	}
	p.neurons[now] = p.neurons[now][:0]
}

// run adds to targets that follow each other; it reports whether they do, and nothing keeps some of them from being written to.
func (p *pathway) run(which equation.Selection) bool {
	a, s := p.do[0], p.s
	if !s.runs || which.Count == 0 || a.Operator != "+" || s.held[a.target] || len(a.target.Index) != s.size || s.size == 0 || &a.target.Index[0] != &s.post[0] {
		return false
	}
	values := a.program.At(which)
	if len(values) != which.Count {
		return false
	}
	targets := a.target.Data[s.post[which.First]:][:which.Count]
	elementwise.Add(targets, targets, values)
	return true
}

// take executes the statements for the synapses in a place of the queue, and empties it.
func (p *pathway) take(slot int) {
	if arrived := p.queue[slot]; len(arrived) > 0 {
		for _, a := range p.do {
			p.s.assign(a, equation.Some(arrived))
		}
		p.queue[slot] = arrived[:0]
	}
}
