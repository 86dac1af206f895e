package plasticity

import "math"

// ShortTerm is short-term depression and facilitation (Tsodyks and Markram, Proc. Natl. Acad. Sci. USA 94, 1997; with facilitation:
// Tsodyks, Pawelzik and Markram, Neural Comput. 10, 1998), exact between spikes. Of resources x, which recover with TauRec, a spike
// uses the share u, which grows with every spike and falls back with TauFacil:
//
//	dx/dt = (1 − x)/TauRec,  du/dt = −u/TauFacil
//	at a spike  u += U·(1 − u);  efficacy = u·x;  x −= u·x
//
// With TauFacil = 0 the share is U at every spike, and the synapse only depresses.
type ShortTerm struct {
	U, TauRec, TauFacil float64
	x, u, last          float64
	used                bool
}

// Spike takes a spike at time t, not before the one before, and returns which part of the weight it has.
func (s *ShortTerm) Spike(t float64) float64 {
	if !s.used {
		s.used, s.x, s.u = true, 1, 0
	} else {
		s.x = 1 + (s.x-1)*math.Exp(-(t-s.last)/s.TauRec)
		if s.TauFacil > 0 {
			s.u *= math.Exp(-(t - s.last) / s.TauFacil)
		} else {
			s.u = 0
		}
	}
	s.last = t
	s.u += s.U * (1 - s.u)
	out := s.u * s.x
	s.x -= out
	return out
}
