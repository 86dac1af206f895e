package build

import (
	"fmt"

	"spikec/convert"
	"spikec/internal/diag"
	"spikec/runtime/ladder"
)

const (
	// collapseLoss is the loss from one stage to the next beyond which the user should look. [percentage points]
	collapseLoss = 5
	// fewImages is below how many images a share says too little, and fewLost below how many lost ones.
	fewImages, fewLost = 20, 3
)

// collapse warns of a trained network that hardly knows its data, and of stages that lose much against the one before.
func (b *run) collapse() diag.List {
	var found diag.List
	stages := b.doc.Stages
	if len(stages) == 0 || stages[0].N < fewImages {
		return nil
	}
	_, _, out := b.Model.origin().ends()
	what, doubts := b.Model.origin().about()
	if first := stages[0]; first.Accuracy < hardly(out.Size()) {
		found.Add(diag.Diagnostic{ID: idChance, Severity: diag.Warning, Subject: b.Data.Spec,
			Message: fmt.Sprintf("the %s itself is hardly better than chance on this data: %.2f %% with %d classes", what, 100*first.Accuracy, out.Size()),
			Remedy:  b.preprocessing() + doubts + ", the order of the channels, and the labels"})
	}
	for i := 1; i < len(stages); i++ {
		was, is := stages[i-1], stages[i]
		if lost := was.Correct - is.Correct; 100*lost > collapseLoss*is.N && lost >= fewLost {
			found.Add(diag.Diagnostic{ID: idCollapse, Severity: diag.Warning, Subject: is.Stage,
				Message: fmt.Sprintf("stage %s loses %.2f points against %s: %.2f %% after %.2f %%", is.Stage, 100*float64(lost)/float64(is.N), was.Stage, 100*is.Accuracy, 100*was.Accuracy),
				Remedy:  b.against(is.Stage)})
		}
	}
	return found
}

// overfit warns where the network without time agrees much better with the trained one on the images that it was fitted to than
// on those that it is measured on.
func (b *run) overfit(d *ladder.Diagnosis) diag.List {
	s, ok := b.doc.Stage(ladder.Tailored)
	if !ok || s.Agreement == nil || min(int64(d.N), s.N) < fewImages || 100*(d.Tailored-*s.Agreement) <= collapseLoss {
		return nil
	}
	return diag.List{{ID: idOverfit, Severity: diag.Warning, Subject: "calibration",
		Message: fmt.Sprintf("without time the network decides %.2f %% of the calibration images as the trained one does, and %.2f %% of the evaluation images: it was fitted to the former, and the table of rates is of them too",
			100*d.Tailored, 100**s.Agreement),
		Remedy: fmt.Sprintf("more calibration images than %d, more like the data", b.Calibration.Len())}}
}

// hardly is the accuracy below which a classifier has hardly learnt anything: twice that of chance, or where classes are
// few a fifth of the way from chance to no error.
func hardly(classes int) float64 {
	chance := 1 / float64(classes)
	return min(2*chance, chance+(1-chance)/5)
}

// preprocessing names what may be wrong between the stored images and the network's input.
func (b *run) preprocessing() string {
	if b.Data.Pixels == nil {
		return "check that x is scaled as in training"
	}
	return "check --mean, --std and --pixel-scale"
}

// against says what to try against a loss in a stage.
func (b *run) against(stage string) string {
	switch {
	case stage == ladder.Tailored && b.opt.disable["refit"]:
		return "leave the re-fit on: no --disable refit"
	case stage == ladder.Tailored && b.opt.rules != convert.Best:
		return "--rules best, calibration images more like the data, and " + b.preprocessing()
	case stage == ladder.Tailored:
		return "calibration images more like the data, and " + b.preprocessing()
	case stage == ladder.SNN:
		if b.opt.normalization == byPercentile {
			return "more --steps, or another --percentile"
		}
		return "more --steps, or another --normalization"
	}
	if b.Profile != nil && b.opt.bits < b.Profile.WeightBits() {
		return "more --bits, or more --steps"
	}
	return "more --steps, or a target with more weight bits"
}
