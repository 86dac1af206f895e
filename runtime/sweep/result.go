package sweep

import (
	"errors"
	"fmt"

	"spikec/internal/diag"
	"spikec/runtime/build"
	"spikec/runtime/ladder"
)

// Schema is the name and version of the JSON form of a Result.
const Schema = "spikec/sweep/v1"

// Result is a sweep. Everything in its JSON form is a function of the request.
type Result struct {
	Schema      string            `json:"schema"`
	Tool        string            `json:"tool"`
	Model       build.ModelRecord `json:"model"`
	Data        ladder.Data       `json:"data"` // all that any cell takes; others may have taken the first ones
	Calibration ladder.Data       `json:"calibration"`
	// Cost says what an image costs on the front: energy where every cell that was built has a figure for it, else
	// operations.
	Cost  string `json:"cost"`
	Cells []Cell `json:"cells"` // in the order of the grid

	seconds []float64 // of each cell
	taken   int       // cells that an earlier run kept
}

// What the cost of an image is.
const (
	CostEnergy     = "snnNanojoule"
	CostOperations = "synapticOperations"
)

// Cell is one combination of choices, and what it comes to. Names are those of ladder.Ladder.
type Cell struct {
	Target     string  `json:"target"`
	Proof      string  `json:"proof"`
	Rules      string  `json:"rules"`
	Percentile float64 `json:"percentile,omitempty"` // as the grid has it; 0: the default
	Steps      int     `json:"steps"`                // T
	Bits       int     `json:"bits"`                 // of a weight
	// Failed: the cell cannot be built, and the diagnostics say why. Then there is nothing else but these.
	Failed       bool             `json:"failed,omitempty"`
	Options      *ladder.Options  `json:"options,omitempty"`
	Duration     int              `json:"duration,omitempty"` // steps an image
	Stages       []ladder.Stage   `json:"ladder,omitempty"`
	PerImage     *ladder.PerImage `json:"perImage,omitempty"`
	SNNNanojoule *float64         `json:"snnNanojoule,omitempty"` // an image; missing where the target has no figures
	Cores        int              `json:"cores,omitempty"`
	CountsSHA256 string           `json:"countsSHA256,omitempty"`
	Latency      *ladder.Latency  `json:"latency,omitempty"` // missing where decisions take T steps
	// Front says on which fronts of the sweep the cell is.
	Front       *Front    `json:"front,omitempty"`
	Diagnostics diag.List `json:"diagnostics"`
}

// Front says on which fronts a cell is.
type Front struct {
	Cost  bool `json:"cost"`  // no other cell is as accurate for less, or more accurate for as much
	Steps bool `json:"steps"` // the same of steps an image
}

// newCell makes a cell of a build, or of the error that it ended in.
func newCell(g group, w Width, l *ladder.Ladder, err error) Cell {
	c := Cell{Target: g.target.ID, Proof: g.target.Proof.Class, Rules: g.rules, Percentile: g.percentile, Steps: g.steps, Bits: w.Bits, Diagnostics: diag.List{}}
	var failure *diag.Failure
	if errors.As(err, &failure) {
		c.Failed, c.Diagnostics = true, failure.List
		return c
	}
	c.Options, c.Duration, c.Stages, c.PerImage = &l.Options, l.Duration, l.Stages, &l.PerImage
	c.SNNNanojoule, c.Cores, c.CountsSHA256, c.Latency = l.Energy.SNNNanojoule, l.Resources.Cores, l.CountsSHA256, l.Latency
	c.Diagnostics = append(c.Diagnostics, l.Diagnostics...)
	return c
}

// Stage returns the rung of a name; the zero stage where the cell has none.
func (c *Cell) Stage(name string) ladder.Stage {
	s, _ := (&ladder.Ladder{Stages: c.Stages}).Stage(name)
	return s
}

// Loss is how many percentage points the files lose against the trained network, on the images of the cell.
func (c *Cell) Loss() float64 {
	return 100 * (c.Stage(ladder.ANN).Accuracy - c.Stage(ladder.Files).Accuracy)
}

// result joins the cells that are done.
func (s *sweep) result() *Result {
	b := &s.Build
	sample := b.Sampled()
	seed := b.Seed
	r := &Result{Schema: Schema, Tool: b.Tool, Model: build.ModelRecord{Name: b.Model.Name, SHA256: b.Model.SHA256},
		Data:        ladder.Data{Name: b.Data.Name, N: b.Data.Len(), SHA256: b.Data.SHA256},
		Calibration: ladder.Data{Name: sample.Name, N: sample.Len(), SHA256: sample.SHA256, Seed: &seed}, Cells: []Cell{}}
	for _, d := range s.done {
		r.Cells = append(r.Cells, d.Cell)
		r.seconds = append(r.seconds, d.Seconds)
	}
	r.taken = s.taken
	r.fronts()
	return r
}

// idNone is the diagnostic of a sweep without a cell that can be built. Its number is stable.
const idNone = "SPK-SWEEP-003"

// ErrSaid is Err for those who have the result before them, with all that was wrong: it says that there is no cell alone.
func (r *Result) ErrSaid() error {
	if r.Err() == nil {
		return nil
	}
	return &diag.Failure{List: diag.List{{ID: idNone, Severity: diag.Error, Subject: r.Model.Name, Message: fmt.Sprintf("none of the %d cells can be built", len(r.Cells)),
		Remedy: "what is wrong with each stands in the result"}}}
}

// Err is nil where at least one cell was built, else a *diag.Failure with everything that was wrong, each once.
func (r *Result) Err() error {
	var wrong diag.List
	seen := map[string]bool{}
	for i := range r.Cells {
		if !r.Cells[i].Failed {
			return nil
		}
		for _, d := range r.Cells[i].Diagnostics {
			if text := d.String(); !seen[text] {
				seen[text] = true
				wrong.Add(d)
			}
		}
	}
	return wrong.Err()
}
