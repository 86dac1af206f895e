package sweep

import (
	"bytes"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/golden"
	"spikec/runtime/build"
	"spikec/runtime/ladder"
)

// invented is a result with a cell for every point: how many of 100 images are right, operations, steps.
func invented(points ...[3]int) *Result {
	r := &Result{Schema: Schema, Model: build.ModelRecord{Name: "net"}, Data: ladder.Data{Name: "set", N: 100}, Calibration: ladder.Data{Name: "sample", N: 10}}
	for _, p := range points {
		stages := []ladder.Stage{{Stage: ladder.ANN, Correct: 90, N: 100, Accuracy: 0.9}, {Stage: ladder.Files, Correct: int64(p[0]), N: 100, Accuracy: float64(p[0]) / 100}}
		r.Cells = append(r.Cells, Cell{Target: "chip", Rules: "best", Steps: p[2], Duration: p[2], Bits: 8, Cores: 3, Stages: stages,
			PerImage: &ladder.PerImage{Cost: ladder.Cost{SynapticOperations: float64(p[1])}}, Diagnostics: diag.List{}})
		r.seconds = append(r.seconds, 2)
	}
	return r
}

func TestFronts(t *testing.T) {
	r := invented([3]int{80, 10, 4}, [3]int{80, 10, 8}, [3]int{80, 11, 2}, [3]int{85, 9, 8}, [3]int{70, 9, 1}, [3]int{85, 20, 8}, [3]int{60, 8, 16})
	r.Cells = append(r.Cells, Cell{Failed: true}, invented([3]int{99, 1, 1}).Cells[0])
	few := &r.Cells[len(r.Cells)-1]
	few.Stages[1].N = 99 // other images than the rest
	r.fronts()
	want := []Front{{false, false}, {false, false}, {false, true}, {true, true}, {false, true}, {false, true}, {true, false}}
	for i, w := range want {
		if got := *r.Cells[i].Front; got != w {
			t.Errorf("cell %d: got %+v, want %+v", i, got, w)
		}
	}
	if r.Cost != CostOperations || r.Cells[7].Front != nil || *few.Front != (Front{true, true}) {
		t.Errorf("cost %s, fronts %v, %v", r.Cost, r.Cells[7].Front, few.Front)
	}
	r = invented([3]int{80, 10, 4}, [3]int{80, 9, 4})
	for i, nano := range []float64{1, 2} {
		r.Cells[i].SNNNanojoule = &nano
	}
	if r.fronts(); r.Cost != CostEnergy || !r.Cells[0].Front.Cost || r.Cells[1].Front.Cost {
		t.Errorf("by energy: cost %s, fronts %v, %v", r.Cost, r.Cells[0].Front, r.Cells[1].Front)
	}
}

func TestText(t *testing.T) {
	r := invented([3]int{80, 1000, 4}, [3]int{85, 200000, 8}, [3]int{84, 200001, 16})
	agreement := 0.875
	r.Cells[0].Percentile, r.Cells[0].Stages[1].Agreement = 99.9, &agreement
	wrong := diag.List{{ID: "SPK-X-001", Severity: diag.Warning, Subject: "a", Message: "is odd"}, {ID: "SPK-X-002", Severity: diag.Error, Subject: "b", Message: "does not fit", Value: 3, Limit: 2}}
	for _, bits := range []int{3, 2} {
		r.Cells = append(r.Cells, Cell{Target: "small", Rules: "strict", Steps: 4, Bits: bits, Failed: true, Diagnostics: wrong})
		r.seconds = append(r.seconds, 0)
	}
	r.Cells[0].Options = &ladder.Options{Percentile: 99.9}
	r.Cells[1].Options = &ladder.Options{Percentile: 95}
	r.Cells[1].Diagnostics = diag.List{{ID: "SPK-X-003", Severity: diag.Info, Message: "nothing"}, {ID: "SPK-X-004", Severity: diag.Warning, Subject: "c", Message: "look", Remedy: "more"}}
	r.Cells[2].Diagnostics = append(r.Cells[1].Diagnostics, r.Cells[1].Diagnostics[1])
	r.taken = 2
	r.fronts()
	var b bytes.Buffer
	if err := Text(&b, r); err != nil {
		t.Fatal(err)
	}
	golden.File(t, "text.txt", b.String())
	b.Reset()
	if err := CSV(&b, r); err != nil {
		t.Fatal(err)
	}
	golden.File(t, "table.csv", b.String())
}
