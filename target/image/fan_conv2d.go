package image

import (
	"strconv"
	"strings"
)

// fan adds every synapse of the convolution. A tap reaches an output position as often as input rows meet it times
// input columns meet it, so that positions with the same counts share their sums: those in the middle of the map are
// computed once.
func (s *Conv2d) fan(f *Fan) {
	O := s.Out[0]
	taps := s.perTap()
	rows, columns := s.meetings(0), s.meetings(1)
	sums := map[string]Fan{}
	for p := s.First / O; p*O < s.First+s.Neurons; p++ {
		r, c := rows[p/s.Out[2]], columns[p%s.Out[2]]
		key := r.key + "/" + c.key
		at, ok := sums[key]
		if !ok {
			at = taps.weighted(r.times, c.times, O)
			sums[key] = at
		}
		for o := range O {
			if n := p*O + o - s.First; n >= 0 && n < s.Neurons {
				f.Positive[n] += at.Positive[o]
				f.Negative[n] += at.Negative[o]
				f.Synapses[n] += at.Synapses[o]
			}
		}
	}
}

// perTap sums the weights of each tap over the input channels: entry (u·kW + v)·O + o.
func (s *Conv2d) perTap() Fan {
	O, cg := s.Out[0], s.In[0]/s.Groups
	f := newFan(s.Window.Kernel[0] * s.Window.Kernel[1] * O)
	for i, w := range s.Weight {
		f.synapse(i/O/cg*O+i%O, w, 1)
	}
	return f
}

// weighted sums the taps of a kernel, the tap (u, v) taken rows[u]·columns[v] times, for each output channel.
func (f *Fan) weighted(rows, columns []int64, channels int) Fan {
	sum := newFan(channels)
	for u, r := range rows {
		for v, c := range columns {
			if r*c == 0 {
				continue
			}
			tap := (u*len(columns) + v) * channels
			for o := range channels {
				sum.Positive[o] += r * c * f.Positive[tap+o]
				sum.Negative[o] += r * c * f.Negative[tap+o]
				sum.Synapses[o] += r * c * f.Synapses[tap+o]
			}
		}
	}
	return sum
}

// meeting counts, for one output row or column, how many input rows or columns meet each tap: none where the tap
// falls on padding, and with pooling as many as the pooled row or column covers.
type meeting struct {
	times []int64
	key   string // the same for equal times
}

// meetings returns the meetings of every output row (d = 0) or column (d = 1).
func (s *Conv2d) meetings(d int) []meeting {
	all := make([]meeting, s.Out[1+d])
	pooled := s.Pooled(d)
	for o := range all {
		times := make([]int64, s.Window.Kernel[d])
		var key strings.Builder
		for k := range times {
			if p := s.Window.Source(d, o, k); p >= 0 && p < pooled {
				times[k] = s.covered(d, p)
			}
			key.WriteString(strconv.FormatInt(times[k], 36) + " ")
		}
		all[o] = meeting{times: times, key: key.String()}
	}
	return all
}

// covered returns how many input rows (d = 0) or columns (d = 1) position p of the pooled map covers.
func (s *Conv2d) covered(d, p int) int64 {
	if s.Pool == nil {
		return 1
	}
	n := int64(0)
	for k := range s.Pool.Kernel[d] {
		if x := s.Pool.Source(d, p, k); x >= 0 && x < s.In[1+d] {
			n++
		}
	}
	return n
}
