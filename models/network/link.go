package network

import (
	"fmt"

	"spikec/models/equation"
)

// Link is a value of another population of the network, which expressions read as it is then.
type Link struct {
	From *Population
	Of   string // a variable or parameter
	// Index is the neuron of the other population for each neuron; nil: the one with the same number, or the only one.
	Index []int
}

// link returns what a name for a value of another population stands for.
func (p *Population) link(name string, l Link) (*equation.Value, error) {
	v := l.From.values[l.Of]
	switch {
	case v == nil || v.Index != nil:
		return nil, fmt.Errorf("%s is linked to %s, which is no variable or parameter of the other population", name, l.Of)
	case l.From.net != p.net:
		return nil, fmt.Errorf("%s is linked to another network", name)
	case len(v.Data) == 1:
		return &equation.Value{Data: v.Data}, nil
	case l.Index == nil && l.From.N == p.N:
		return &equation.Value{Data: v.Data}, nil
	case len(l.Index) != p.N:
		return nil, fmt.Errorf("%s is linked from %d neurons to %d: want an index for each of them", name, p.N, l.From.N)
	}
	out := &equation.Value{Data: v.Data, Index: make([]int32, p.N)}
	for k, i := range l.Index {
		if i < 0 || i >= l.From.N {
			return nil, fmt.Errorf("%s of neuron %d is linked to neuron %d of %d", name, k, i, l.From.N)
		}
		out.Index[k] = int32(i)
	}
	return out, nil
}
