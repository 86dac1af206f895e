package diagnose

import (
	"fmt"

	"spikec/convert"
	"spikec/internal/diag"
	"spikec/models/ann"
	"spikec/models/snn"
	"spikec/runtime/ladder"
)

// Diagnostics of conversions. The numbers are stable. Limits are those of conversion reference §6.
const (
	idFidelity  = "SPK-DIAG-001" // rates that do not follow activations, or in another proportion
	idDead      = "SPK-DIAG-002" // neurons without a spike
	idSaturated = "SPK-DIAG-003" // neurons that fire in every step
)

const (
	leastCorrelation      = 0.95
	leastSlope, mostSlope = 0.9, 1.1
	mostDead              = 0.95
	mostSaturated         = 0.01
)

// warnings are what the user should look at.
func warnings(d *ladder.Diagnosis) diag.List {
	var found diag.List
	for i := range d.Layers {
		l := &d.Layers[i]
		if r := l.Correlation; r != nil && (*r < leastCorrelation || !(*l.Slope >= leastSlope && *l.Slope <= mostSlope)) {
			found.Add(diag.Diagnostic{ID: idFidelity, Severity: diag.Warning, Subject: l.Name,
				Message: "its rates are not the activations of the trained network, as the table of layers shows",
				Value:   fmt.Sprintf("correlation %.3f and slope %.3f", *r, *l.Slope), Limit: fmt.Sprintf("%g, and %g..%g", leastCorrelation, leastSlope, mostSlope)})
		}
		if l.Dead > mostDead {
			found.Add(diag.Diagnostic{ID: idDead, Severity: diag.Warning, Subject: l.Name,
				Message: fmt.Sprintf("%.1f %% of its neurons have not one spike on %d calibration images", 100*l.Dead, d.N),
				Remedy:  "more --steps; calibration images more like the data"})
		}
		if l.Saturated > mostSaturated {
			found.Add(diag.Diagnostic{ID: idSaturated, Severity: diag.Warning, Subject: l.Name,
				Message: fmt.Sprintf("on %d calibration images %.1f %% of its neurons fire in every step", d.N, 100*l.Saturated),
				Remedy:  "larger scale factors: more --steps, or a higher --percentile"})
		}
	}
	return found
}

// cause returns what costs most of the agreement; left is how many images are decided alike in the end. The rules cost it
// where the network without time loses half of it or more; else time does, and of its three costs the one with the largest
// squares relative to those of the activations, summed over the layers.
func (s *sums) cause(left int, cost *channelSums) string {
	most := max(cost.unevenness, cost.quantisation, cost.clipping)
	switch lost := s.images - left; {
	case lost == 0:
		return ""
	case 2*(s.images-s.tailored) >= lost || most == 0:
		return ladder.CauseRules
	case cost.unevenness == most:
		return ladder.CauseUnevenness
	case cost.quantisation == most:
		return ladder.CauseQuantisation
	}
	return ladder.CauseClipping
}

// remedies are what to try against each cause: the first line of it that applies.
var remedies = []struct {
	cause   string
	applies func(r *convert.Result) bool
	text    string
}{
	{ladder.CauseRules, func(r *convert.Result) bool { return r.Options.Disable["refit"] }, "leave the re-fit on: no --disable refit"},
	{ladder.CauseRules, func(r *convert.Result) bool { return r.Options.Rules == convert.Strict }, "--rules best, or more calibration images"},
	{ladder.CauseRules, pooledByAverage, "--pooling max, or more calibration images"},
	{ladder.CauseRules, always, "more calibration images, more like the data"},
	{ladder.CauseClipping, func(r *convert.Result) bool { return r.Options.Normalization == "data" && r.Options.Percentile < 100 }, "a higher --percentile, or --normalization error"},
	{ladder.CauseClipping, always, "more --steps, which let scale factors grow; or --normalization data --percentile 99.99"},
	{ladder.CauseQuantisation, func(r *convert.Result) bool { return r.Options.Normalization == "model" }, "--normalization error, or more --steps"},
	{ladder.CauseQuantisation, func(r *convert.Result) bool { return r.Options.Initial == 0 }, "more --steps, or a target whose membranes can start at half a threshold"},
	{ladder.CauseQuantisation, always, "more --steps"},
	{ladder.CauseUnevenness, func(r *convert.Result) bool { return r.Options.Disable["rate-refit"] }, "leave the fit to rates on: no --disable rate-refit"},
	{ladder.CauseUnevenness, func(r *convert.Result) bool { return r.Network.Firing == snn.Plain }, "a target whose neurons take spikes back or integrate before they fire, --readout-delay auto, or more --steps"},
	{ladder.CauseUnevenness, always, "more --steps"},
}

func always(*convert.Result) bool { return true }

// pooledByAverage reports whether the trained network's max pooling has become average pooling.
func pooledByAverage(r *convert.Result) bool {
	for i := range r.Teacher.Nodes {
		_, was := r.Teacher.Nodes[i].Op.(*ann.MaxPool)
		_, is := r.Student.Nodes[i].Op.(*ann.AveragePool)
		if was && is {
			return true
		}
	}
	return false
}

// next returns what to try against a cause; "" where there is none.
func next(cause string, r *convert.Result) string {
	for _, m := range remedies {
		if m.cause == cause && m.applies(r) {
			return m.text
		}
	}
	return ""
}
