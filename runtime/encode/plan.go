package encode

import (
	"fmt"
	"math"
	"slices"

	"spikec/internal/diag"
	"spikec/models/ann"
	"spikec/runtime/dataset"
)

// Diagnostics of data. The numbers are stable.
const (
	idShape      = "SPK-DATA-001" // images of another shape than the network takes
	idLabels     = "SPK-DATA-002" // a label that is no output of the network
	idKinds      = "SPK-DATA-003" // pixels here, real numbers there
	idFlags      = "SPK-DATA-004" // preprocessing of pixels given for real numbers
	idParameters = "SPK-DATA-005" // a wrong scale, mean, standard deviation or range
	idUnscaled   = "SPK-DATA-006" // network inputs far beyond what networks are trained on
	idRange      = "SPK-DATA-007" // network inputs outside the range that the user states
	idDrift      = "SPK-DATA-008" // evaluation data outside the range of the calibration data
	idNegative   = "SPK-DATA-009" // negative values, which became their absolute values or have inputs of their own
	idConstant   = "SPK-DATA-010" // images of one value
	idEmpty      = "SPK-DATA-011" // no images
	idFaint      = "SPK-DATA-012" // network inputs that hardly differ from zero
	idShared     = "SPK-DATA-013" // calibration with evaluation images
	idEqual      = "SPK-DATA-014" // calibration images that are all the same
)

const (
	// largestInput is the |network input| beyond which data are taken for not scaled: trained networks see 0..1, or a few
	// standard deviations.
	largestInput = 16
	// faintInput is the |network input| below which data are taken for scaled twice.
	faintInput = 0.02
	// tolerance is by how much of its width a range may be left.
	tolerance = 0.1
)

// Plan chooses the coding for a network whose input has a shape and whose output has so many classes. It reports
// everything that is wrong with the data, or with what the user says about them, at once; where the list has an error
// the coding is not to be used.
func Plan(data, calibration *dataset.Set, shape ann.Shape, classes int, opt Options) (Coding, diag.List) {
	p := &planner{opt: opt}
	named := *calibration
	named.Spec += " (calibration)" // one spec may name both
	calibration = &named
	p.fits(data, shape)
	p.fits(calibration, shape)
	p.labels(data, classes)
	if (data.Pixels == nil) != (calibration.Pixels == nil) {
		p.list.Add(diag.Diagnostic{ID: idKinds, Severity: diag.Error, Subject: calibration.Spec,
			Message: fmt.Sprintf("calibration data hold %s, the evaluation data %s hold %s", kindOf(calibration), data.Spec, kindOf(data)),
			Remedy:  "store both alike"})
	}
	c := p.coding(calibration)
	if p.list.HasErrors() {
		return c, p.list
	}
	p.apart(data, calibration)
	c = p.ranges(c, data, calibration)
	return c, p.list
}

// kindOf returns what a set holds.
func kindOf(s *dataset.Set) string {
	if s.Pixels != nil {
		return Pixels
	}
	return Values
}

type planner struct {
	opt  Options
	list diag.List
}

// fits checks a set against the input of the network.
func (p *planner) fits(set *dataset.Set, shape ann.Shape) {
	if set.Len() == 0 {
		p.list.Errorf(idEmpty, set.Spec, "no images")
		return
	}
	flat := len(shape) != 3 && shape.Size() == set.Size()
	if !flat && !shape.Equal(set.Shape[:]) {
		d := diag.Diagnostic{ID: idShape, Severity: diag.Error, Subject: set.Spec, Value: ann.Shape(set.Shape[:]).String(), Limit: shape.String(),
			Message: "images of another shape than the network takes", Remedy: "resize the images, or export the network for this shape"}
		if len(shape) == 3 && shape.Equal(ann.Shape{set.Shape[2], set.Shape[0], set.Shape[1]}) {
			d.Remedy = "store the images as C,H,W: in NumPy, x.transpose(0, 3, 1, 2)"
		}
		if len(shape) == 3 && set.Shape[0] == shape[0] && set.Shape[1] >= shape[1] && set.Shape[2] >= shape[2] {
			d.Remedy = smaller(set.Shape, shape)
		}
		p.list.Add(d)
	}
}

// smaller says how images (C,H,W) become as small as the input of the network, in words that go with any spec.
func smaller(have [3]int, want ann.Shape) string {
	if k := have[1] / want[1]; have[1] == k*want[1] && have[2] == k*want[2] {
		return fmt.Sprintf("put downscale:%d: in front of the spec of the images", k)
	}
	return "make them smaller, with crop:HxW: or downscale:K: in front of their spec, or export the network for this shape"
}

// labels checks a set against the output of the network.
func (p *planner) labels(set *dataset.Set, classes int) {
	largest, offend := 0, 0
	for _, l := range set.Labels {
		largest = max(largest, l)
		if l >= classes {
			offend++
		}
	}
	if offend > 0 {
		p.list.Add(diag.Diagnostic{ID: idLabels, Severity: diag.Error, Subject: set.Spec, Value: largest, Limit: classes - 1,
			Message: fmt.Sprintf("%d of %d images have labels that are no output of the network", offend, set.Len()),
			Remedy:  "labels count from 0; check that the data belong to the network"})
	}
}

// coding makes a coding of what the user says, checking it.
func (p *planner) coding(calibration *dataset.Set) Coding {
	o := &p.opt
	c := Coding{Kind: kindOf(calibration), Shape: calibration.Shape, Step: 1, Scale: []float64{1}, Offset: []float64{0}}
	if r := o.InputRange; r != nil && !(r[0] < r[1] && finite(r[0]) && finite(r[1])) {
		p.list.Add(diag.Diagnostic{ID: idParameters, Severity: diag.Error, Subject: "--input-range",
			Message: fmt.Sprintf("%g,%g is no range", r[0], r[1]), Remedy: "two finite numbers, the smaller first"})
	}
	if c.Kind == Values {
		c.Absolute = true
		if o.PixelScale != 0 || o.Mean != nil || o.Std != nil {
			p.list.Add(diag.Diagnostic{ID: idFlags, Severity: diag.Error, Subject: calibration.Spec,
				Message: "--pixel-scale, --mean and --std are for stored pixels; these data hold the network's input as it is",
				Remedy:  "leave them out, or store x as uint8"})
		}
		return c
	}
	p.pixels(&c)
	return c
}

// pixels fills in Scale and Offset.
func (p *planner) pixels(c *Coding) {
	scale, mean, std := p.opt.PixelScale, p.opt.Mean, p.opt.Std
	if scale == 0 {
		scale = 1.0 / 255
	}
	if mean == nil {
		mean = []float64{0}
	}
	if std == nil {
		std = []float64{1}
	}
	wrong := func(flag, format string, args ...any) {
		p.list.Add(diag.Diagnostic{ID: idParameters, Severity: diag.Error, Subject: flag, Message: fmt.Sprintf(format, args...)})
	}
	if !(scale > 0) || !finite(scale) {
		wrong("--pixel-scale", "%g: want a positive number", scale)
	}
	positive := func(x float64) bool { return x > 0 && finite(x) }
	for _, f := range []struct {
		flag   string
		values []float64
		good   func(float64) bool
		want   string
	}{{"--mean", mean, finite, "finite"}, {"--std", std, positive, "positive"}} {
		if n := len(f.values); n != 1 && n != c.Shape[0] {
			wrong(f.flag, "%d values for images of %d channels: want one, or one a channel", n, c.Shape[0])
		}
		if i := slices.IndexFunc(f.values, func(x float64) bool { return !f.good(x) }); i >= 0 {
			wrong(f.flag, "%g: want %s numbers", f.values[i], f.want)
		}
	}
	if p.list.HasErrors() {
		return
	}
	n := max(len(mean), len(std))
	c.Scale, c.Offset = make([]float64, n), make([]float64, n)
	for i := range n {
		c.Scale[i] = scale / std[i%len(std)]
		c.Offset[i] = 0 - mean[i%len(mean)]/std[i%len(std)] // no minus zero
	}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
