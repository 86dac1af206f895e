package snn

// Synapses are the weights of a projection in the form in which a Loop takes them. They are immutable.
type Synapses[N Number] struct {
	scatter *Scatter[N] // of a drive, and where weights cannot be gathered
	gather  *gather[N]
	counts  []int32 // of every source neuron
	// What spikes of −1 bring; nil where there are none.
	negative *Synapses[N]
}

// NewSynapses lays out weights (O, C/Groups, kH, kW) for a projection of the given shape; drive says that its source is
// the input, and firing how the source fires.
func NewSynapses[N Number](shape Shape2d, weights []N, drive bool, firing Firing) (*Synapses[N], error) {
	pooled, err := shape.pooled()
	if err != nil {
		return nil, err
	}
	s := &Synapses[N]{counts: countSynapses(shape, pooled)}
	if !drive {
		s.gather = newGather(shape, pooled, weights)
	}
	if s.gather == nil {
		s.scatter, err = NewScatter(shape, weights)
	}
	if err == nil && !drive && firing == Signed {
		changed := make([]N, len(weights))
		for i, w := range weights {
			changed[i] = -w
		}
		s.negative, err = NewSynapses(shape, changed, false, Plain)
	}
	return s, err
}

// pooled returns the shape of the map that the kernel walks over.
func (s *Shape2d) pooled() ([3]int, error) {
	if s.Pool == nil {
		return s.In, nil
	}
	out, err := s.Pool.Output([2]int{s.In[1], s.In[2]})
	return [3]int{s.In[0], out[0], out[1]}, err
}

// countSynapses returns how many weights a spike of each source neuron (H,W,C order) meets, zeros included.
func countSynapses(s Shape2d, pooled [3]int) []int32 {
	rows := readers(s.Window, 0, pooled[1], s.Out[1])
	cols := readers(s.Window, 1, pooled[2], s.Out[2])
	of := func(p int) int32 {
		return int32(len(rows[p/pooled[2]]) * len(cols[p%pooled[2]]) * s.Out[0] / s.Groups)
	}
	var windows [][]int32
	if s.Pool != nil {
		windows = poolWindows(*s.Pool, s.In, [2]int{pooled[1], pooled[2]})
	}
	counts := make([]int32, 0, s.In[0]*s.In[1]*s.In[2])
	for p := range s.In[1] * s.In[2] {
		n := int32(0)
		if windows == nil {
			n = of(p)
		} else {
			for _, q := range windows[p] {
				n += of(int(q))
			}
		}
		for range s.In[0] {
			counts = append(counts, n)
		}
	}
	return counts
}
