package diagnose

import (
	"fmt"
	"slices"
	"strings"

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
	idSaturated = "SPK-DIAG-003" // neurons that fire in every step, and would fire more often
)

const (
	leastCorrelation      = 0.95
	leastSlope, mostSlope = 0.9, 1.1
	mostDead              = 0.95
	mostSaturated         = 0.01
	leastClipping         = 0.25 // share of a layer's costs: below it something else matters more
)

// warnings are what the user should look at.
func warnings(d *ladder.Diagnosis, r *convert.Result) diag.List {
	var found diag.List
	var astray []string // layers whose rates do not follow
	for i := range d.Layers {
		l := &d.Layers[i]
		if r := l.Correlation; r != nil && (*r < leastCorrelation || !(*l.Slope >= leastSlope && *l.Slope <= mostSlope)) {
			astray = append(astray, l.Name)
		}
		if l.Dead > mostDead {
			found.Add(diag.Diagnostic{ID: idDead, Severity: diag.Warning, Subject: l.Name,
				Message: fmt.Sprintf("%.1f %% of its neurons have not one spike on %d calibration images", 100*l.Dead, d.N),
				Remedy:  "more --steps; calibration images more like the data"})
		}
		if l.Saturated > mostSaturated && l.Costs.Clipping > leastClipping {
			found.Add(diag.Diagnostic{ID: idSaturated, Severity: diag.Warning, Subject: l.Name,
				Message: fmt.Sprintf("in %.1f %% of all pairs of a neuron and one of %d calibration images the neuron fires in every step, and clipping is %.0f %% of what its rates lose", 100*l.Saturated, d.N, 100*l.Costs.Clipping),
				Remedy:  next(ladder.CauseClipping, r)})
		}
	}
	if astray != nil {
		found.Add(diag.Diagnostic{ID: idFidelity, Severity: diag.Warning, Subject: strings.Join(astray, ", "),
			Message: fmt.Sprintf("rates do not follow the activations of the trained network: correlation below %g, or slope outside %g..%g, as the table of rates shows", leastCorrelation, leastSlope, mostSlope),
			Remedy:  "where DRIVE is the largest share, " + next(ladder.CauseRules, r) + "; else more --steps"})
	}
	return found
}

// measurable reports whether so many images of n that are decided otherwise say anything: more than one in a hundred.
func measurable(lost, n int) bool { return 100*lost > n }

// verdict says what costs most of the agreement, and what to try next; left is how many images are decided alike in the end. The
// rules cost it where the network without time loses half of it or more. Else time does, and the answer is the largest cost in the
// row of the layer where the agreement falls most. If that is the drive, the layers before have brought it: the first of them, or
// this one, that has a larger cost of its own is where it begins, and without such a layer the first one.
func (s *sums) verdict(d *ladder.Diagnosis, left int, r *convert.Result) {
	lost := s.images - left
	if !measurable(lost, s.images) {
		return
	}
	worst := slices.IndexFunc(d.Layers, func(l ladder.LayerDiagnosis) bool { return l.Name == d.Worst })
	first := slices.IndexFunc(d.Layers[:worst+1], func(l ladder.LayerDiagnosis) bool { return l.Fires })
	if 2*(s.images-s.tailored) >= lost || first < 0 {
		d.Cause, d.Next = ladder.CauseRules, next(ladder.CauseRules, r)
		return
	}
	cause, share := own(d.Layers[worst].Costs)
	if d.Cause = cause; d.Layers[worst].Fires && share >= d.Layers[worst].Costs.Drive {
		d.Next = next(cause, r)
		return
	}
	for k := first; k <= worst; k++ {
		if _, share := own(d.Layers[k].Costs); d.Layers[k].Fires && share > d.Layers[k].Costs.Drive {
			first = k
			break
		}
	}
	cause, _ = own(d.Layers[first].Costs)
	d.Cause, d.Origin, d.Next = ladder.CauseDrive, &ladder.Origin{Layer: d.Layers[first].Name, Cause: cause}, next(cause, r)
}

// own returns the largest of the costs that a layer's own neurons have, and its share.
func own(c ladder.Costs) (cause string, share float64) {
	switch most := max(c.Unevenness, c.Quantisation, c.Clipping); most {
	case c.Unevenness:
		return ladder.CauseUnevenness, most
	case c.Quantisation:
		return ladder.CauseQuantisation, most
	default:
		return ladder.CauseClipping, most
	}
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
	{ladder.CauseClipping, unfitted, unfittedText},
	{ladder.CauseClipping, always, "more --steps, which let scale factors grow; or --normalization data --percentile 99.99"},
	{ladder.CauseQuantisation, unfitted, unfittedText},
	{ladder.CauseQuantisation, func(r *convert.Result) bool { return r.Options.Normalization == "model" }, "--normalization error, or more --steps"},
	{ladder.CauseQuantisation, func(r *convert.Result) bool { return r.Options.Initial == 0 }, "more --steps, or a target whose membranes can start at half a threshold"},
	{ladder.CauseQuantisation, always, "more --steps"},
	{ladder.CauseUnevenness, unfitted, unfittedText},
	{ladder.CauseUnevenness, func(r *convert.Result) bool { return r.Network.Firing == snn.Plain }, "a target whose neurons take spikes back or integrate before they fire, --readout-delay auto, or more --steps"},
	{ladder.CauseUnevenness, always, "more --steps"},
}

func always(*convert.Result) bool { return true }

// unfitted reports whether the fit to what spikes deliver was left out, which makes good part of each of the costs of time.
func unfitted(r *convert.Result) bool { return r.Options.Disable["rate-refit"] }

const unfittedText = "leave the fit to rates on: no --disable rate-refit"

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
