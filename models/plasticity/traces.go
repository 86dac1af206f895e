package plasticity

import "math"

// Traces is pair-based plasticity between events (Song, Miller and Abbott, Nature Neurosci. 3, 2000, as traces: Morrison, Diesmann and
// Gerstner, Biol. Cybern. 98, 2008). Each synapse has two traces that decay exactly to the time of use:
//
//	arrival of a spike:    pre  += APre;   w = clip(w + post, 0, Max)
//	spike of the target:   post += APost;  w = clip(w + pre,  0, Max)
type Traces struct {
	TauPre, TauPost, APre, APost, Max float64
	synapses                          []tracePair
}

type tracePair struct{ pre, post, last float64 }

// NewTraces returns the rule for so many synapses.
func NewTraces(synapses int, tauPre, tauPost, aPre, aPost, most float64) *Traces {
	return &Traces{TauPre: tauPre, TauPost: tauPost, APre: aPre, APost: aPost, Max: most, synapses: make([]tracePair, synapses)}
}

// decayed returns a synapse's traces at time t.
func (r *Traces) decayed(synapse int, t float64) *tracePair {
	s := &r.synapses[synapse]
	s.pre *= math.Exp(-(t - s.last) / r.TauPre)
	s.post *= math.Exp(-(t - s.last) / r.TauPost)
	s.last = t
	return s
}

// Pre takes the arrival of a spike at time t and returns the weight after it.
func (r *Traces) Pre(synapse int, t, weight float64) float64 {
	s := r.decayed(synapse, t)
	s.pre += r.APre
	return clip(weight+s.post, 0, r.Max)
}

// Post takes a spike of the target at time t and returns the weight after it.
func (r *Traces) Post(synapse int, t, weight float64) float64 {
	s := r.decayed(synapse, t)
	s.post += r.APost
	return clip(weight+s.pre, 0, r.Max)
}
