package build

import (
	"testing"

	"spikec/convert"
	"spikec/internal/diag"
	"spikec/runtime/dataset"
	"spikec/runtime/ladder"
)

func TestCollapse(t *testing.T) {
	model := testModel(t) // of 4 classes
	stage := func(name string, correct, n int64) ladder.Stage {
		return ladder.Stage{Stage: name, Correct: correct, N: n, Accuracy: float64(correct) / float64(n)}
	}
	for _, c := range []struct {
		name    string
		stages  []ladder.Stage
		rules   convert.Rules
		disable string
		want    []string // ID, subject, remedy of each
	}{
		{"nothing lost", []ladder.Stage{stage(ladder.ANN, 90, 100), stage(ladder.Tailored, 85, 100)}, convert.Strict, "", nil},
		{"the rules", []ladder.Stage{stage(ladder.ANN, 90, 100), stage(ladder.Tailored, 84, 100)}, convert.Strict, "",
			[]string{idCollapse, ladder.Tailored, "--rules best, calibration images more like the data, and check --mean, --std and --pixel-scale"}},
		{"without the re-fit", []ladder.Stage{stage(ladder.ANN, 90, 100), stage(ladder.Tailored, 84, 100)}, convert.Strict, "refit",
			[]string{idCollapse, ladder.Tailored, "leave the re-fit on: no --disable refit"}},
		{"time", []ladder.Stage{stage(ladder.ANN, 90, 100), stage(ladder.Tailored, 90, 100), stage(ladder.SNN, 60, 100)}, convert.Best, "",
			[]string{idCollapse, ladder.SNN, "more --steps, or another --normalization"}},
		{"chance", []ladder.Stage{stage(ladder.ANN, 30, 100), stage(ladder.Tailored, 30, 100)}, convert.Strict, "",
			[]string{idChance, "npz:x.npz", "check --mean, --std and --pixel-scale, the order of the channels, and the labels"}},
		{"too few images", []ladder.Stage{stage(ladder.ANN, 1, 10), stage(ladder.Tailored, 0, 10)}, convert.Strict, "", nil},
		{"too few lost", []ladder.Stage{stage(ladder.ANN, 20, 20), stage(ladder.Tailored, 18, 20)}, convert.Strict, "", nil},
	} {
		b := &run{Request: Request{Model: model, Data: &dataset.Set{Spec: "npz:x.npz", Pixels: []uint8{}}}, doc: &ladder.Ladder{Stages: c.stages},
			opt: resolved{rules: c.rules, disable: map[string]bool{c.disable: true}}}
		found := b.collapse()
		if len(found) != len(c.want)/3 {
			t.Errorf("%s: %v", c.name, found)
			continue
		}
		if len(found) > 0 && (found[0].ID != c.want[0] || found[0].Subject != c.want[1] || found[0].Remedy != c.want[2]) {
			t.Errorf("%s: %v", c.name, found[0])
		}
	}
}

// TestOverfit: images that were fitted to are decided alike far more often than others.
func TestOverfit(t *testing.T) {
	share := func(x float64) *float64 { return &x }
	for _, c := range []struct {
		name     string
		fitted   float64
		n        int
		measured *float64
		of       int64
		warns    bool
	}{
		{"as often", 0.99, 200, share(0.95), 200, false},
		{"less often", 0.99, 200, share(0.9), 200, true},
		{"more often", 0.9, 200, share(0.99), 200, false},
		{"few images", 0.99, 10, share(0.9), 200, false},
		{"few others", 0.99, 200, share(0.9), 10, false},
		{"no agreement", 0.99, 200, nil, 200, false},
	} {
		b := &run{Request: Request{Calibration: &dataset.Set{Labels: make([]int, 250)}}, doc: &ladder.Ladder{Stages: []ladder.Stage{{Stage: ladder.Tailored, N: c.of, Agreement: c.measured}}}}
		found := b.overfit(&ladder.Diagnosis{N: c.n, Tailored: c.fitted})
		if (len(found) == 1) != c.warns {
			t.Errorf("%s: %v", c.name, found)
		}
		if c.warns {
			wants(t, &diag.Failure{List: diag.List{{ID: found[0].ID, Severity: diag.Error, Message: found[0].Message, Remedy: found[0].Remedy}}}, "SPK-BUILD-018 99.00 90.00 250")
		}
	}
}

func TestHardly(t *testing.T) {
	for classes, want := range map[int]float64{2: 0.6, 10: 0.2, 1000: 0.002} {
		if got := hardly(classes); got < want-1e-9 || got > want+1e-9 {
			t.Errorf("%d classes: %g, want %g", classes, got, want)
		}
	}
}
