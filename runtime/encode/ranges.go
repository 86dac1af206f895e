package encode

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"spikec/internal/diag"
	"spikec/models/ann"
	"spikec/runtime/dataset"
)

// ranges looks at the values of both sets and completes the coding from the calibration images.
func (p *planner) ranges(c Coding, data, calibration *dataset.Set) Coding {
	seen, base := extentOf(data, c), extentOf(calibration, c)
	c.InputRange = [2]float64{base.lo, base.hi}
	if c.Kind == Values && base.stored > 0 {
		c.Step = base.stored / 255
	}
	if p.constant(calibration, base); p.list.HasErrors() {
		return c
	}
	if c.Split = p.opt.Split && seen.negative+base.negative > 0; c.Split {
		c.Absolute = false
	}
	for _, s := range []struct {
		set *dataset.Set
		extent
	}{{data, seen}, {calibration, base}} {
		p.plausible(s.set, c, s.extent)
		if s.negative > 0 {
			d := diag.Diagnostic{ID: idNegative, Severity: diag.Warning, Subject: s.set.Spec, Message: "negative values became their absolute values",
				Remedy: "--rules best, which gives them inputs of their own, or a network trained on non-negative input"}
			if c.Split {
				d.Severity, d.Message, d.Remedy = diag.Info, "negative values have inputs of their own, twice as many in all", ""
			}
			d.Message += fmt.Sprintf(": %d of %d values, in %d of %d images", s.negative, s.set.Len()*s.set.Size(), s.images, s.set.Len())
			p.list.Add(d)
		}
	}
	if d := seen.beyond(base.lo, base.hi); d > tolerance {
		p.list.Add(diag.Diagnostic{ID: idDrift, Severity: diag.Warning, Subject: data.Spec,
			Message: fmt.Sprintf("network inputs of %.4g..%.4g leave the range %.4g..%.4g of the calibration data by %.0f %%",
				seen.lo, seen.hi, base.lo, base.hi, 100*d),
			Value: rangeText(seen), Limit: rangeText(base), Remedy: "calibrate with images like those that are evaluated"})
	}
	return c
}

// constant reports images of one value.
func (p *planner) constant(calibration *dataset.Set, e extent) {
	switch {
	case e.lo == e.hi || e.stored == 0:
		p.list.Add(diag.Diagnostic{ID: idConstant, Severity: diag.Error, Subject: calibration.Spec,
			Message: fmt.Sprintf("all calibration images hold the value %g alone: nothing can be measured on them", e.hi), Remedy: "give training images"})
	case calibration.Len() > 1 && equal(calibration):
		p.list.Add(diag.Diagnostic{ID: idEqual, Severity: diag.Error, Subject: calibration.Spec,
			Message: fmt.Sprintf("all %d calibration images are the same: nothing can be measured on them but that one", calibration.Len()), Remedy: "give training images"})
	case e.constant > 0:
		p.list.Add(diag.Diagnostic{ID: idConstant, Severity: diag.Warning, Subject: calibration.Spec,
			Message: fmt.Sprintf("%d of %d calibration images have one value everywhere", e.constant, calibration.Len()), Remedy: "give training images"})
	}
}

// equal reports whether all images of a set are the same.
func equal(set *dataset.Set) bool {
	size := set.Size()
	for i := 1; i < set.Len(); i++ {
		if set.Pixels != nil && !bytes.Equal(set.Pixels[i*size:(i+1)*size], set.Pixels[:size]) ||
			set.Values != nil && !slices.Equal(set.Values[i*size:(i+1)*size], set.Values[:size]) {
			return false
		}
	}
	return true
}

// plausible reports network inputs that no network was trained on, unless the user states the range.
func (p *planner) plausible(set *dataset.Set, c Coding, e extent) {
	if r := p.opt.InputRange; r != nil {
		if d := e.beyond(r[0], r[1]); d > tolerance {
			p.list.Add(diag.Diagnostic{ID: idRange, Severity: diag.Error, Subject: set.Spec,
				Message: fmt.Sprintf("network inputs of %.4g..%.4g leave the stated range by %.0f %%", e.lo, e.hi, 100*d),
				Value:   rangeText(e), Limit: fmt.Sprintf("%g..%g", r[0], r[1]), Remedy: "check --input-range and the preprocessing"})
		}
		return
	}
	largest := max(-e.lo, e.hi)
	if largest > largestInput {
		d := unscaled(set.Spec, e)
		state := fmt.Sprintf("--input-range %.4g,%.4g if the network was trained on such input", e.lo, e.hi)
		if c.Kind == Pixels {
			d.Remedy = "--pixel-scale 0.00392157 if it was trained on 0..1, or " + state
		} else {
			d.Remedy = "divide x by 255 if it was trained on 0..1, or store x as uint8, to which --pixel-scale applies; or " + state
		}
		p.list.Add(d)
	}
	if largest < faintInput {
		p.list.Add(diag.Diagnostic{ID: idFaint, Severity: diag.Warning, Subject: set.Spec,
			Message: fmt.Sprintf("the network's input stays within %.4g..%.4g: the data seem to be scaled twice", e.lo, e.hi),
			Remedy:  "check --pixel-scale, or state the range with --input-range"})
	}
}

// unscaled is the error about network inputs that are far beyond what networks are trained on; the remedy is the caller's.
func unscaled(subject string, e extent) diag.Diagnostic {
	return diag.Diagnostic{ID: idUnscaled, Severity: diag.Error, Subject: subject, Value: rangeText(e), Limit: fmt.Sprintf("-%d..%d", largestInput, largestInput),
		Message: fmt.Sprintf("the network's input would reach %.4g..%.4g: the data do not seem to be scaled as in training", e.lo, e.hi)}
}

// Unscaled warns of network inputs that are taken as they are, the content of a file, and that no network was trained on.
func Unscaled(file string, inputs []float32) diag.List {
	e := extent{lo: math.Inf(1), hi: math.Inf(-1)}
	e.addValues(inputs)
	if max(-e.lo, e.hi) <= largestInput {
		return nil
	}
	d := unscaled(file, e)
	d.Severity = diag.Warning
	d.Remedy = "store x as the network takes it: divided by 255 if it was trained on 0..1, less the mean and divided by the standard deviation if there were any"
	return diag.List{d}
}

func rangeText(e extent) string { return fmt.Sprintf("%.4g..%.4g", e.lo, e.hi) }

// Check reports where other data than those of the build do not fit the coding or the network's classes.
func (c Coding) Check(set *dataset.Set, classes int) diag.List {
	p := &planner{}
	p.fits(set, ann.Shape(c.Shape[:]))
	p.labels(set, classes)
	if kind := kindOf(set); kind != c.Kind {
		p.list.Add(diag.Diagnostic{ID: idKinds, Severity: diag.Error, Subject: set.Spec, Message: fmt.Sprintf("the data hold %s, the build was made for %s", kind, c.Kind)})
	}
	if p.list.HasErrors() {
		return p.list
	}
	if e := extentOf(set, c); e.beyond(c.InputRange[0], c.InputRange[1]) > tolerance {
		p.list.Add(diag.Diagnostic{ID: idDrift, Severity: diag.Warning, Subject: set.Spec,
			Message: fmt.Sprintf("network inputs of %.4g..%.4g leave the range %.4g..%.4g of the calibration data", e.lo, e.hi, c.InputRange[0], c.InputRange[1])})
	}
	return p.list
}
