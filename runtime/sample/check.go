package sample

import "fmt"

// Check reports what does not hang together in a document, such as one that was read from an altered file; cores is how many the
// build has. What it takes, a report can show.
func (d *Document) Check(cores int) error {
	if d.Schema != Schema {
		return fmt.Errorf("schema %q, want %s", d.Schema, Schema)
	}
	class := func(k int) bool { return k >= 0 && k < d.Classes }
	if len(d.ClassNames) != 0 && len(d.ClassNames) < d.Classes {
		return fmt.Errorf("%d names of %d classes", len(d.ClassNames), d.Classes)
	}
	for _, c := range d.Confusion {
		if !class(c.Label) || !class(c.Decision) || c.Images < 1 {
			return fmt.Errorf("%d images of class %d decided as class %d, of %d classes", c.Images, c.Label, c.Decision, d.Classes)
		}
	}
	if len(d.Cores) != cores {
		return fmt.Errorf("%d cores, the build has %d", len(d.Cores), cores)
	}
	for i := range d.Layers {
		if err := d.Layers[i].check(); err != nil {
			return fmt.Errorf("layer %q: %w", d.Layers[i].Name, err)
		}
	}
	for i := range d.Images {
		m := &d.Images[i]
		if !class(m.Label) || !class(m.Trained) || !class(m.Decision) {
			return fmt.Errorf("image %d: class %d, %d or %d of %d", m.Index, m.Label, m.Trained, m.Decision, d.Classes)
		}
		if err := m.check(class); err != nil {
			return fmt.Errorf("image %d: %w", m.Index, err)
		}
	}
	return nil
}

// check reports histograms and rates of different lengths.
func (l *Layer) check() error {
	all := []*Histogram{}
	for i := range l.Weights {
		all = append(all, &l.Weights[i].Histogram)
	}
	if l.Membranes != nil {
		all = append(all, l.Membranes)
	}
	for _, h := range all {
		if len(h.Before) != len(h.After) || len(h.Before) == 0 || !(h.Width > 0) {
			return fmt.Errorf("histogram of %d and %d bins %g wide", len(h.Before), len(h.After), h.Width)
		}
	}
	if r := l.Rates; r != nil && len(r.Activations) != len(r.Rates) {
		return fmt.Errorf("%d rates of %d activations", len(r.Rates), len(r.Activations))
	}
	return nil
}

// check reports pictures, scores and rasters of other sizes than they say.
func (m *Image) check(class func(int) bool) error {
	if p := m.Picture; p != nil {
		if min(p.Width, p.Height) < 1 || max(p.Width, p.Height) > 2*maxSide || p.Channels != 1 && p.Channels != 3 || len(p.Pixels) != p.Width*p.Height*p.Channels {
			return fmt.Errorf("picture of %d x %d x %d in %d bytes", p.Width, p.Height, p.Channels, len(p.Pixels))
		}
	}
	s := &m.Scores
	if len(s.Values) != len(s.Classes) || len(s.Decisions) != len(s.Steps) {
		return fmt.Errorf("scores of %d classes for %d, and %d decisions after %d steps", len(s.Values), len(s.Classes), len(s.Decisions), len(s.Steps))
	}
	if s.Unit != Spikes && s.Unit != WeightUnits {
		return fmt.Errorf("scores in %q", s.Unit)
	}
	for k, v := range s.Values {
		if len(v) != len(s.Steps) || !class(s.Classes[k]) {
			return fmt.Errorf("%d scores of class %d after %d steps", len(v), s.Classes[k], len(s.Steps))
		}
	}
	for _, c := range s.Decisions {
		if !class(c) {
			return fmt.Errorf("decision for class %d", c)
		}
	}
	for _, r := range m.Rasters {
		if len(r.Neurons) != len(r.Spikes) || r.Steps < 1 {
			return fmt.Errorf("layer %q: %d trains of %d neurons in %d steps", r.Layer, len(r.Spikes), len(r.Neurons), r.Steps)
		}
	}
	return nil
}
