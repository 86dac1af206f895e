package diagnose

import (
	"fmt"
	"math"

	"spikec/convert"
	"spikec/models/snn"
	"spikec/runtime/ladder"
)

// sums are what is kept of the images that were seen.
type sums struct {
	images, tailored int
	layers           []layerSums
}

// layerSums are those of a layer.
type layerSums struct {
	opt      convert.Options
	scale    []float64 // λ, by channel
	limit    float64   // of the rectifier
	plane    int       // neurons a channel
	agree    int
	channels []channelSums
	alive    []bool // neurons that fired on some image
}

// channelSums are those of a channel, over its neurons and images.
type channelSums struct {
	n                                         float64
	a, aa, phi, phiPhi, aPhi, error           float64 // Σa, Σa², Σφ, Σφ², Σaφ, Σ(φ−a)²
	unevenness, quantisation, clipping, drive float64 // Σ of squares of the parts of φ − a (ladder.Costs)
	spikes                                    int64
	saturated, overActive, uneven             int64
}

func newSums(r *convert.Result) *sums {
	s := &sums{}
	for _, l := range r.Layers {
		p := &r.Network.Populations[l.Population]
		s.layers = append(s.layers, layerSums{opt: r.Options, scale: p.Scale, limit: l.Limit, plane: p.Shape[1] * p.Shape[2],
			channels: make([]channelSums, p.Shape[0]), alive: make([]bool, p.Size())})
	}
	return s
}

// seen notes that neuron i (C,H,W order) stands for a by phi.
func (s *layerSums) seen(i int, a, phi float64) *channelSums {
	c := &s.channels[i/s.plane]
	c.n++
	c.a, c.aa = c.a+a, c.aa+a*a
	c.phi, c.phiPhi = c.phi+phi, c.phiPhi+phi*phi
	c.aPhi += a * phi
	c.error += (phi - a) * (phi - a)
	return c
}

// integrated notes that integrator i stands for a with a mean drive of z.
func (s *layerSums) integrated(i int, a, z float64) {
	c := s.seen(i, a, z)
	c.drive += (z - a) * (z - a)
}

// fired notes that neuron i stands for a, with a mean drive of z, by a rate of phi from so many spikes. What is above the
// rectifier's limit is cut off in the trained network, too: it is not lost.
func (s *layerSums) fired(i int, a, z, phi float64, spikes int) {
	c := s.seen(i, a, phi)
	z = min(z, s.limit)
	scale, steps := s.scale[i/s.plane], float64(s.opt.Steps)
	count := s.opt.Staircase(z / scale)
	q, open := scale*count/steps, max(z, 0)
	clipped := min(open, scale)
	c.unevenness += (phi - q) * (phi - q)
	c.quantisation += (q - clipped) * (q - clipped)
	c.clipping += (clipped - open) * (clipped - open)
	c.drive += (open - a) * (open - a)
	c.spikes += int64(spikes)
	s.alive[i] = s.alive[i] || spikes != 0
	if spikes == s.opt.Steps {
		c.saturated++
	}
	if float64(spikes) != count {
		c.uneven++
	}
	// What arrived is either in the membrane or was taken off by spikes.
	if s.opt.Reset == snn.Subtract && s.opt.Initial+steps*z/scale-float64(spikes) >= 2 {
		c.overActive++
	}
}

// add adds what o has seen.
func (s *sums) add(o *sums) {
	s.images, s.tailored = s.images+o.images, s.tailored+o.tailored
	for k := range s.layers {
		l, m := &s.layers[k], &o.layers[k]
		l.agree += m.agree
		for c := range l.channels {
			l.channels[c].add(&m.channels[c])
		}
		for i, alive := range m.alive {
			l.alive[i] = l.alive[i] || alive
		}
	}
}

// add adds the sums of o.
func (c *channelSums) add(o *channelSums) {
	c.n += o.n
	c.a, c.aa, c.phi, c.phiPhi, c.aPhi, c.error = c.a+o.a, c.aa+o.aa, c.phi+o.phi, c.phiPhi+o.phiPhi, c.aPhi+o.aPhi, c.error+o.error
	c.unevenness, c.quantisation, c.clipping, c.drive = c.unevenness+o.unevenness, c.quantisation+o.quantisation, c.clipping+o.clipping, c.drive+o.drive
	c.spikes, c.saturated, c.overActive, c.uneven = c.spikes+o.spikes, c.saturated+o.saturated, c.overActive+o.overActive, c.uneven+o.uneven
}

// finite returns an error that names the first layer with activations or rates that are not finite.
func (s *sums) finite(r *convert.Result) error {
	for k := range s.layers {
		for c := range s.layers[k].channels {
			if e := s.layers[k].channels[c].error; math.IsNaN(e) || math.IsInf(e, 0) {
				return fmt.Errorf("diagnose: layer %q: activations of the trained network, or rates, are not finite on the calibration images", r.Layers[k].Name)
			}
		}
	}
	return nil
}

// constant is the share of Σx² below which a spread is rounding of the sums, and x does not vary.
const constant = 1e-9

// fidelity returns how well φ follows a.
func (c *channelSums) fidelity() ladder.Fidelity {
	var f ladder.Fidelity
	if c.aa > 0 {
		nmse := c.error / c.aa
		f.NMSE = &nmse
	}
	varA, varPhi := c.aa-c.a*c.a/c.n, c.phiPhi-c.phi*c.phi/c.n
	if !(varA > constant*c.aa) {
		return f
	}
	cov := c.aPhi - c.a*c.phi/c.n
	r, slope := 0.0, cov/varA
	if varPhi > constant*c.phiPhi {
		r = max(-1, min(1, cov/math.Sqrt(varA*varPhi)))
	}
	f.Correlation, f.Slope = &r, &slope
	return f
}

// diagnosis words what was seen.
func (s *sums) diagnosis(r *convert.Result) *ladder.Diagnosis {
	n := float64(s.images)
	d := &ladder.Diagnosis{N: s.images, Tailored: float64(s.tailored) / n}
	before := s.images
	for k := range s.layers {
		l := &s.layers[k]
		fires := r.Network.Populations[r.Layers[k].Population].Neuron != snn.Integrator
		line := l.diagnosis(fires)
		line.Name, line.Agreement = r.Layers[k].Name, float64(l.agree)/n
		d.Layers = append(d.Layers, line)
		if drop := float64(before-l.agree) / n; drop > d.Drop {
			d.Worst, d.Drop = line.Name, drop
		}
		if d.First == "" && measurable(s.images-l.agree, s.images) {
			d.First = line.Name
		}
		before = l.agree
	}
	s.verdict(d, before, r)
	return d
}

// diagnosis words what was seen of a layer.
func (l *layerSums) diagnosis(fires bool) ladder.LayerDiagnosis {
	var all channelSums
	d := ladder.LayerDiagnosis{Fires: fires}
	dead := 0
	for c := range l.channels {
		all.add(&l.channels[c])
		if f := l.channels[c].fidelity(); f.Correlation != nil && (d.WorstChannel == nil || *f.Correlation < *d.WorstChannel.Correlation) {
			d.WorstChannel = &ladder.Channel{Channel: c, Fidelity: f}
		}
		silent := 0
		for _, alive := range l.alive[c*l.plane : (c+1)*l.plane] {
			if !alive {
				silent++
			}
		}
		if dead += silent; fires && silent == l.plane {
			d.DeadChannels++
		}
	}
	d.Fidelity = all.fidelity()
	if fires {
		d.Rate = float64(all.spikes) / all.n / float64(l.opt.Steps)
		d.Dead = float64(dead) / float64(len(l.alive))
		d.Saturated, d.OverActive, d.Uneven = float64(all.saturated)/all.n, float64(all.overActive)/all.n, float64(all.uneven)/all.n
	}
	if sum := all.unevenness + all.quantisation + all.clipping + all.drive; sum > 0 {
		d.Costs = ladder.Costs{Unevenness: all.unevenness / sum, Quantisation: all.quantisation / sum, Clipping: all.clipping / sum, Drive: all.drive / sum}
	}
	return d
}
