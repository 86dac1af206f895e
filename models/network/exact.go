package network

import (
	"math"
	"slices"

	"spikec/internal/elementwise"
	"spikec/internal/ode"
	"spikec/models/equation"
)

// exact takes exact steps of linear equations, neuron by neuron: y = P·y + Q·b of ode.Propagate. Neurons with the same coefficients
// share what is computed from them.
type exact struct {
	p             *Population
	known         map[string]*propagator
	keys          []byte
	matrix        [][]float64
	old, constant []float64
	a             [][][]float64 // [row][column], one number or one a neuron
	b             [][]float64
	kept          []float64      // of those who are held
	add           [block]float64 // Q·b of a block of neurons
}

// propagator is P and Q; without them the matrix was not finite.
type propagator struct{ p, q [][]float64 }

// mostKnown bounds how many sets of coefficients are remembered.
const mostKnown = 4096

// newExact prepares steps.
func newExact(p *Population) *exact {
	e := &exact{p: p, a: make([][][]float64, len(p.variables)), b: make([][]float64, len(p.variables)), old: make([]float64, len(p.variables)),
		constant: make([]float64, len(p.variables))}
	for i := range p.variables {
		e.matrix = append(e.matrix, make([]float64, len(p.variables)))
		e.a[i] = make([][]float64, len(p.variables))
	}
	return e
}

// Step takes a step of all neurons. What is held does not change.
func (e *exact) Step(y, _ []float64) {
	p := e.p
	alike := true // all neurons have the same coefficients
	for i := range p.variables {
		v := &p.variables[i]
		for j, f := range v.factors {
			e.a[i][j] = f.At(equation.All(p.N))
			alike = alike && (f.Single() || p.N == 1)
		}
		e.b[i] = v.rest.At(equation.All(p.N))
	}
	if alike && len(p.variables) == 1 && e.single(y) {
		return
	}
	var free, held *propagator
	for k := range p.N {
		ready := p.ready[k]
		var m *propagator
		switch {
		case alike && ready && free != nil:
			m = free
		case alike && !ready && held != nil:
			m = held
		default:
			m = e.of(k)
			if ready {
				free = m
			} else {
				held = m
			}
		}
		if m.p == nil {
			for i := range p.variables {
				y[i*p.N+k] = math.NaN()
			}
			continue
		}
		if len(p.variables) == 1 {
			b := e.b[0][min(k, len(e.b[0])-1)]
			if p.variables[0].frozen && !ready {
				continue
			}
			y[k] = float64(m.p[0][0]*y[k]) + float64(m.q[0][0]*b)
			continue
		}
		e.several(m, y, k)
	}
}

// single is Step for one variable and neurons with the same coefficients; it reports whether there was a neuron to compute them for.
func (e *exact) single(y []float64) bool {
	p := e.p
	k := slices.Index(p.ready, true)
	if k < 0 || e.of(k).p == nil {
		return false
	}
	m := e.of(k)
	frozen := p.variables[0].frozen
	if frozen {
		e.kept = e.kept[:0]
		for _, k := range p.resting {
			e.kept = append(e.kept, y[k])
		}
	}
	scale, by, b, add := m.p[0], m.q[0], e.b[0], e.add[:]
	if len(b) == 1 {
		add = add[:1]
		elementwise.Mul(add, b, by)
	}
	for lo := 0; lo < p.N; lo += block {
		part := y[lo:min(lo+block, p.N)]
		if len(b) > 1 {
			add = e.add[:len(part)]
			elementwise.Mul(add, b[lo:lo+len(part)], by)
		}
		elementwise.Mul(part, part, scale)
		elementwise.Add(part, part, add)
	}
	if frozen {
		for m, k := range p.resting {
			y[k] = e.kept[m]
		}
	}
	return true
}

// block is how many neurons are computed at a time, so that what belongs to them stays in the first cache.
const block = 1024

// several takes the step of a neuron with several variables.
func (e *exact) several(m *propagator, y []float64, k int) {
	p := e.p
	for i := range p.variables {
		e.old[i] = y[i*p.N+k]
		e.constant[i] = e.b[i][min(k, len(e.b[i])-1)]
		if p.variables[i].frozen && !p.ready[k] {
			e.constant[i] = 0
		}
	}
	for i := range p.variables {
		sum := 0.0
		for j := range p.variables {
			sum += float64(m.p[i][j]*e.old[j]) + float64(m.q[i][j]*e.constant[j])
		}
		y[i*p.N+k] = sum
	}
}

// of returns the propagator of a neuron.
func (e *exact) of(k int) *propagator {
	e.keys = e.keys[:0]
	for i, row := range e.matrix {
		for j := range row {
			row[j] = e.a[i][j][min(k, len(e.a[i][j])-1)]
			if e.p.variables[i].frozen && !e.p.ready[k] {
				row[j] = 0
			}
			bits := math.Float64bits(row[j])
			for s := 0; s < 64; s += 8 {
				e.keys = append(e.keys, byte(bits>>s))
			}
		}
	}
	if m := e.known[string(e.keys)]; m != nil {
		return m
	}
	m := &propagator{}
	if p, q, err := ode.Propagate(e.matrix, e.p.dt); err == nil {
		m.p, m.q = p, q
	}
	if len(e.known) >= mostKnown || e.known == nil {
		e.known = map[string]*propagator{}
	}
	e.known[string(e.keys)] = m
	return m
}
