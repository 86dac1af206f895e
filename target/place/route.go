package place

import "spikec/target/image"

// router adds routes to the cores of an image.
type router struct {
	*placer
	image *image.Image
	seats [][]seat // by population, once they are needed: where its neurons are
}

// seat is where a neuron is: on a core of the image, as its n-th.
type seat struct{ core, n int }

// of returns the seats of a population's neurons.
func (r *router) of(population int) []seat {
	if r.seats[population] == nil {
		list := make([]seat, r.net.Populations[population].Size())
		for _, p := range r.parts[population] {
			p.each(func(n, neuron int) { list[neuron] = seat{p.index, n} })
		}
		r.seats[population] = list
	}
	return r.seats[population]
}

// route sends the spikes of an input's source to its axons on core index, in as few stretches as can be.
func (r *router) route(in input, index int) {
	seats, count := r.of(in.source), in.synapses.Axons()
	from := func(axon int) seat {
		if in.axons != nil {
			return seats[in.axons[axon]]
		}
		return seats[axon]
	}
	for k := 0; k < count; {
		s, n := from(k), 1
		for k+n < count && from(k+n) == (seat{s.core, s.n + n}) {
			n++
		}
		c := &r.image.Cores[s.core]
		c.Routes = append(c.Routes, image.Route{First: s.n, Count: n, Core: index, Axon: in.firstAxon + k})
		k += n
	}
}
