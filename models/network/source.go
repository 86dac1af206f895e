package network

import "fmt"

// Spiking is what synapses may lead from.
type Spiking interface {
	size() int
	// Now returns who spikes in this step, ascending.
	Now() []int
}

// population is the population whose neurons a source of spikes has; nil: there is none.
func population(s Spiking) *Population {
	switch s := s.(type) {
	case *Population:
		return s
	case *Event:
		return s.p
	}
	return nil
}

// Source sends spikes at given times.
type Source struct {
	N     int
	now   []int
	times map[int][]int // neurons by step
}

// AddSource adds a source of n neurons, of which neuron indices[m] spikes in the step that holds times[m], in s. A neuron spikes once a
// step at most.
func (n *Network) AddSource(size int, indices []int, times []float64) (*Source, error) {
	s := &Source{N: size, times: map[int][]int{}}
	if len(indices) != len(times) {
		return nil, fmt.Errorf("a source has %d indices and %d times", len(indices), len(times))
	}
	for m, i := range indices {
		if i < 0 || i >= size || !(times[m] >= 0) {
			return nil, fmt.Errorf("spike %d: neuron %d of %d at %v s", m, i, size, times[m])
		}
		k := int(steps(times[m], n.Dt))
		s.times[k] = insert(s.times[k], i)
	}
	n.sources = append(n.sources, s)
	return s, nil
}

// insert adds a number to an ascending list that has it once at most.
func insert(list []int, i int) []int {
	at := len(list)
	for at > 0 && list[at-1] >= i {
		at--
	}
	if at < len(list) && list[at] == i {
		return list
	}
	list = append(list, 0)
	copy(list[at+1:], list[at:])
	list[at] = i
	return list
}

func (s *Source) emit(step int) { s.now = s.times[step] }
func (s *Source) size() int     { return s.N }

// Now is who spikes in this step, ascending.
func (s *Source) Now() []int { return s.now }
