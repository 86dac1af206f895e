package snn

import "spikec/internal/window"

// Number is what a network computes with: real numbers here, integers in package quantize.
type Number interface{ float32 | int32 }

// Shape2d is the geometry of a projection: which neurons its weights connect.
type Shape2d struct {
	In, Out [3]int           // C,H,W of source and target population
	Pool    *window.Window2d // sum over these windows first, or nil
	Window  window.Window2d
	Groups  int
}

// run says that Length target neurons from Target take the weights from Weight, one by one.
type run struct{ target, weight, length int32 }

// Scatter spreads spikes over a projection's targets. Neurons are in H,W,C order, so that what one source position
// reaches in one row of the target is a single run of kW·O neurons wherever the stride is 1. It is immutable.
type Scatter[N Number] struct {
	shape   Shape2d
	pooled  [3]int // C,H,W of the map that the kernel walks over
	weights []N    // one or more runs of weights, see layout
	runs    [][]run
	windows [][]int32 // for each source position y·W+x, the pooled positions that it falls into; nil without Pool
}

// NewScatter lays out weights (O, C/Groups, kH, kW) for a projection of the given shape.
func NewScatter[N Number](shape Shape2d, weights []N) (*Scatter[N], error) {
	pooled, err := shape.pooled()
	if err != nil {
		return nil, err
	}
	s := &Scatter[N]{shape: shape, pooled: pooled}
	if shape.Pool != nil {
		s.windows = poolWindows(*shape.Pool, shape.In, [2]int{pooled[1], pooled[2]})
	}
	s.layout(weights)
	s.plan()
	return s, nil
}

// poolWindows lists the windows that every source position falls into.
func poolWindows(w window.Window2d, in [3]int, out [2]int) [][]int32 {
	windows := make([][]int32, in[1]*in[2])
	for i := range out[0] {
		for j := range out[1] {
			for u := range w.Kernel[0] {
				for v := range w.Kernel[1] {
					y, x := w.Source(0, i, u), w.Source(1, j, v)
					if y >= 0 && y < in[1] && x >= 0 && x < in[2] {
						windows[y*in[2]+x] = append(windows[y*in[2]+x], int32(i*out[1]+j))
					}
				}
			}
		}
	}
	return windows
}

// layout stores the weights as [c][kH][kW reversed][O/Groups]: with stride 1 the taps that one source position
// meets in successive target columns then follow each other.
func (s *Scatter[N]) layout(weights []N) {
	kh, kw := s.shape.Window.Kernel[0], s.shape.Window.Kernel[1]
	c, o := s.shape.In[0], s.shape.Out[0]
	cg, og := c/s.shape.Groups, o/s.shape.Groups
	s.weights = make([]N, c*kh*kw*og)
	for ch := range c {
		for u := range kh {
			for v := range kw {
				for k := range og {
					out := ch/cg*og + k
					s.weights[((ch*kh+u)*kw+kw-1-v)*og+k] = weights[((out*cg+ch%cg)*kh+u)*kw+v]
				}
			}
		}
	}
}

// plan lists the runs of every pooled position, joining runs that continue each other.
func (s *Scatter[N]) plan() {
	kw, kh := s.shape.Window.Kernel[1], s.shape.Window.Kernel[0]
	og := s.shape.Out[0] / s.shape.Groups
	cg := s.shape.In[0] / s.shape.Groups
	rows := readers(s.shape.Window, 0, s.pooled[1], s.shape.Out[1])
	cols := readers(s.shape.Window, 1, s.pooled[2], s.shape.Out[2])
	s.runs = make([][]run, s.pooled[0]*s.pooled[1]*s.pooled[2])
	for y := range s.pooled[1] {
		for x := range s.pooled[2] {
			for c := range s.pooled[0] {
				var runs []run
				for _, r := range rows[y] {
					for _, q := range cols[x] {
						next := run{
							target: int32((r[0]*s.shape.Out[2]+q[0])*s.shape.Out[0] + c/cg*og),
							weight: int32(((c*kh+r[1])*kw + kw - 1 - q[1]) * og),
							length: int32(og),
						}
						if n := len(runs) - 1; n >= 0 && runs[n].target+runs[n].length == next.target && runs[n].weight+runs[n].length == next.weight {
							runs[n].length += next.length
						} else {
							runs = append(runs, next)
						}
					}
				}
				s.runs[(y*s.pooled[2]+x)*s.pooled[0]+c] = runs
			}
		}
	}
}

// readers lists, for each of the in positions along dimension d, the output positions and taps that read it.
func readers(w window.Window2d, d, in, out int) [][][2]int {
	r := make([][][2]int, in)
	for o := range out {
		for k := range w.Kernel[d] {
			if i := w.Source(d, o, k); i >= 0 && i < in {
				r[i] = append(r[i], [2]int{o, k})
			}
		}
	}
	return r
}

// Gathered is the working memory of Scatter.Add: how often each pooled neuron was hit.
type Gathered[N Number] struct {
	count   []N
	touched []int32
}

// NewGathered returns working memory for s.
func (s *Scatter[N]) NewGathered() *Gathered[N] {
	return &Gathered[N]{count: make([]N, s.pooled[0]*s.pooled[1]*s.pooled[2])}
}

// Add adds what the source neurons in events (H,W,C order), each with the value of values at its index (1 if values
// is nil), contribute to the targets:
//
//	for _, e := range events { for every synapse (e, n, w) { acc[n] += w · value(e) } }
//
// Contributions that pass through the same pooled neuron are summed before they are multiplied; add must do
// acc[i] += k·w[i].
func (s *Scatter[N]) Add(acc []N, events []int32, values []N, g *Gathered[N], add func(acc, w []N, k N)) {
	if s.windows == nil {
		for _, e := range events {
			k := N(1)
			if values != nil {
				k = values[e]
			}
			s.addRuns(acc, e, k, add)
		}
		return
	}
	c := int32(s.pooled[0])
	for _, e := range events {
		k := N(1)
		if values != nil {
			k = values[e]
		}
		for _, p := range s.windows[e/c] {
			i := p*c + e%c
			if g.count[i] == 0 {
				g.touched = append(g.touched, i)
			}
			g.count[i] += k
		}
	}
	for _, i := range g.touched {
		s.addRuns(acc, i, g.count[i], add)
		g.count[i] = 0
	}
	g.touched = g.touched[:0]
}

func (s *Scatter[N]) addRuns(acc []N, pooled int32, k N, add func(acc, w []N, k N)) {
	for _, r := range s.runs[pooled] {
		add(acc[r.target:r.target+r.length], s.weights[r.weight:r.weight+r.length], k)
	}
}
