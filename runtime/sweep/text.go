package sweep

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"spikec/internal/diag"
	"spikec/runtime/ladder"
)

// million is the unit of large counts.
const million = 1e6

// Text prints a sweep as a table, its fronts, and why cells could not be built. Seconds are those of the run that measured a
// cell.
func Text(w io.Writer, r *Result) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s, %s: %d images; calibrated with %d images of %s\n", r.Model.Name, r.Data.Name, r.Data.N, r.Calibration.N, r.Calibration.Name)
	if r.taken > 0 {
		fmt.Fprintf(&b, "%d of %d cells are from an earlier run, as the folder kept them\n", r.taken, len(r.Cells))
	}
	b.WriteByte('\n')
	r.table(&b)
	b.WriteString("\nLOST: percentage points against the ONNX network; M SOP, M UPDATES: millions of synaptic operations, of neuron updates, an image;\n" +
		"ENERGY: nanojoules an image; STEPS: an image, until the last layer is done; SECONDS: what it took to build\n")
	unit, cost := "nanojoules", r.costs()
	if r.Cost == CostOperations {
		unit, cost = "millions of synaptic operations", func(c *Cell) float64 { return c.PerImage.SynapticOperations / million }
	}
	r.front(&b, "cost: accuracy against "+unit+" an image", func(f *Front) bool { return f.Cost }, cost)
	r.front(&b, "steps: accuracy against steps an image", func(f *Front) bool { return f.Steps }, func(c *Cell) float64 { return float64(c.Duration) })
	r.failures(&b)
	r.warnings(&b)
	for line := range strings.Lines(b.String()) {
		if _, err := io.WriteString(w, strings.TrimRight(line, " \n")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// subject are the columns that a sweep is about.
var subject = []string{"T", "FILES", "95 % INTERVAL", "LOST", "SECONDS"}

// table prints a line for each cell. Columns that no cell has a value for are left out, and what is the same in all cells that have
// a value stands above the table, but for its subject.
func (r *Result) table(b *bytes.Buffer) {
	lines := [][]string{{"TARGET", "RULES", "PERCENTILE", "T", "BITS", "IMAGES", "ANN", "TAILORED", "SNN", "FILES", "95 % INTERVAL", "LOST", "AGREEMENT", "M SOP", "M UPDATES", "ENERGY", "CORES", "STEPS", "SECONDS", "FRONT"}}
	for i := range r.Cells {
		lines = append(lines, r.row(i))
	}
	var kept []int
	var same []string
	for k, title := range lines[0] {
		values, n := map[string]bool{}, 0
		for i, line := range lines[1:] {
			if line[k] != "-" || !r.Cells[i].Failed { // what failed has no value because it failed
				values[line[k]] = true
				n++
			}
		}
		switch one := slices.Collect(maps.Keys(values)); {
		case title == "FRONT" || len(one) > 1:
			kept = append(kept, k)
		case len(one) == 0 || one[0] == "-":
		case n == 1 || slices.Contains(subject, title):
			kept = append(kept, k)
		default:
			same = append(same, title+" "+one[0])
		}
	}
	if len(same) > 0 {
		fmt.Fprintf(b, "in all cells: %s\n\n", strings.Join(same, ", "))
	}
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		var shown []string
		for _, k := range kept {
			shown = append(shown, line[k])
		}
		fmt.Fprintln(t, strings.Join(shown, "\t"))
	}
	t.Flush()
}

// row is the line of a cell; "-" is what is not known of it.
func (r *Result) row(i int) []string {
	c := &r.Cells[i]
	choices := []string{c.Target, c.Rules, c.percentileText(), strconv.Itoa(c.Steps), strconv.Itoa(c.Bits)}
	if c.Failed {
		return append(append(choices, slices.Repeat([]string{"-"}, 14)...), "cannot be built")
	}
	files, energy, agreement := c.Stage(ladder.Files), "-", "-"
	if c.SNNNanojoule != nil {
		energy = four(*c.SNNNanojoule)
	}
	if files.Agreement != nil {
		agreement = percent(*files.Agreement)
	}
	return append(choices, fmt.Sprint(files.N), percent(c.Stage(ladder.ANN).Accuracy), percent(c.Stage(ladder.Tailored).Accuracy), percent(c.Stage(ladder.SNN).Accuracy),
		percent(files.Accuracy), fmt.Sprintf("%.2f .. %.2f %%", 100*files.CI95[0], 100*files.CI95[1]), fmt.Sprintf("%.2f", c.Loss()), agreement,
		four(c.PerImage.SynapticOperations/million), four(c.PerImage.NeuronUpdates/million), energy, strconv.Itoa(c.Cores), strconv.Itoa(c.Duration),
		fmt.Sprintf("%.1f", r.seconds[i]), c.frontText())
}

// percentileText is the percentile of the cell, which some normalisations do not have.
func (c *Cell) percentileText() string {
	switch {
	case c.Percentile != 0:
		return exact(c.Percentile)
	case c.Options != nil && c.Options.Percentile != 0:
		return exact(c.Options.Percentile)
	}
	return "-"
}

// frontText names the fronts that a cell is on.
func (c *Cell) frontText() string {
	var words []string
	if c.Front.Cost {
		words = append(words, "cost")
	}
	if c.Front.Steps {
		words = append(words, "steps")
	}
	return strings.Join(words, ", ")
}

// percent prints a share.
func percent(share float64) string { return fmt.Sprintf("%.2f %%", 100*share) }

// four prints a number with four significant digits, without an exponent.
func four(x float64) string {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 4, 64), 64)
	if err != nil { // it was written just now
		rounded = x
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// front prints one front, the cheapest cell first.
func (r *Result) front(b *bytes.Buffer, title string, on func(*Front) bool, cost func(*Cell) float64) {
	var list []*Cell
	for i := range r.Cells {
		if c := &r.Cells[i]; c.Front != nil && on(c.Front) {
			list = append(list, c)
		}
	}
	if len(list) == 0 { // nothing could be built
		return
	}
	slices.SortStableFunc(list, func(x, y *Cell) int { return cmp.Compare(cost(x), cost(y)) })
	fmt.Fprintf(b, "\nfront of %s\n", title)
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, c := range list {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", percent(c.Stage(ladder.Files).Accuracy), four(cost(c)), c)
	}
	t.Flush()
}

// String names a cell.
func (c *Cell) String() string {
	return fmt.Sprintf("%s, T = %d, %d bits", c.choices(), c.Steps, c.Bits)
}

// choices names the target, the rules and, where the grid has them, the percentile.
func (c *Cell) choices() string {
	text := c.Target + ", " + c.Rules
	if c.Percentile != 0 {
		text += ", percentile " + exact(c.Percentile)
	}
	return text
}

// failures prints why cells could not be built, every reason once.
func (r *Result) failures(b *bytes.Buffer) {
	cells := map[string][]string{}
	var reasons []string
	for i := range r.Cells {
		c := &r.Cells[i]
		if !c.Failed {
			continue
		}
		reason := ""
		for _, d := range c.Diagnostics.BySeverity() {
			reason += d.String() + "\n"
		}
		if cells[reason] == nil {
			reasons = append(reasons, reason)
		}
		cells[reason] = append(cells[reason], c.String())
	}
	for _, reason := range reasons {
		fmt.Fprintf(b, "\ncannot be built: %s\n%s", strings.Join(cells[reason], "; "), reason)
	}
}

// warnings prints what was noticed in cells that were built and asks for something: one finding of each ID, and in how many cells
// there are others.
func (r *Result) warnings(b *bytes.Buffer) {
	var ids []string
	first, in := map[string]string{}, map[string]int{}
	built := 0
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.Failed {
			continue
		}
		built++
		seen := map[string]bool{}
		for _, d := range c.Diagnostics {
			if d.Severity < diag.Warning || seen[d.ID] {
				continue
			}
			seen[d.ID] = true
			if in[d.ID]++; in[d.ID] == 1 {
				ids = append(ids, d.ID)
				first[d.ID] = fmt.Sprintf("such as, in %s:\n%s\n", c, d)
			}
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		fmt.Fprintf(b, "\nnoticed in %d of %d cells, %s", in[id], built, first[id])
	}
	if ids != nil {
		b.WriteString("all that was noticed in a cell: --json, or spikec build with the choices of the cell\n")
	}
}

// columns are those of the CSV form, each with what a cell that was built has there.
var columns = []struct {
	name string
	of   func(c *Cell) string
}{
	{"images", func(c *Cell) string { return strconv.FormatInt(c.Stage(ladder.Files).N, 10) }},
	{"ann", func(c *Cell) string { return exact(c.Stage(ladder.ANN).Accuracy) }},
	{"tailored", func(c *Cell) string { return exact(c.Stage(ladder.Tailored).Accuracy) }},
	{"snn", func(c *Cell) string { return exact(c.Stage(ladder.SNN).Accuracy) }},
	{"fixed", func(c *Cell) string { return exact(c.Stage(ladder.Fixed).Accuracy) }},
	{"files", func(c *Cell) string { return exact(c.Stage(ladder.Files).Accuracy) }},
	{"filesLow", func(c *Cell) string { return exact(c.Stage(ladder.Files).CI95[0]) }},
	{"filesHigh", func(c *Cell) string { return exact(c.Stage(ladder.Files).CI95[1]) }},
	{"agreement", func(c *Cell) string { return optional(c.Stage(ladder.Files).Agreement) }},
	{"synapticOperations", func(c *Cell) string { return exact(c.PerImage.SynapticOperations) }},
	{"neuronUpdates", func(c *Cell) string { return exact(c.PerImage.NeuronUpdates) }},
	{"snnNanojoule", func(c *Cell) string { return optional(c.SNNNanojoule) }},
	{"cores", func(c *Cell) string { return strconv.Itoa(c.Cores) }},
	{"duration", func(c *Cell) string { return strconv.Itoa(c.Duration) }},
	{"frontCost", func(c *Cell) string { return strconv.FormatBool(c.Front.Cost) }},
	{"frontSteps", func(c *Cell) string { return strconv.FormatBool(c.Front.Steps) }},
}

// exact prints a number with as few digits as it takes to read it back.
func exact(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// optional prints a number that may be missing.
func optional(x *float64) string {
	if x == nil {
		return ""
	}
	return exact(*x)
}

// CSV prints a sweep as RFC 4180 has it, a heading and a line a cell; a cell that cannot be built has its IDs of errors, and
// empty fields behind them. Accuracies are shares. Numbers are the ones of the JSON form.
func CSV(w io.Writer, r *Result) error {
	t := csv.NewWriter(w)
	heading := []string{"target", "rules", "percentile", "steps", "bits", "failed"}
	for _, col := range columns {
		heading = append(heading, col.name)
	}
	lines := [][]string{heading}
	for i := range r.Cells {
		c := &r.Cells[i]
		percentile := ""
		if c.Percentile != 0 {
			percentile = exact(c.Percentile)
		}
		line := []string{c.Target, c.Rules, percentile, strconv.Itoa(c.Steps), strconv.Itoa(c.Bits), c.errors()}
		for _, col := range columns {
			field := ""
			if !c.Failed {
				field = col.of(c)
			}
			line = append(line, field)
		}
		lines = append(lines, line)
	}
	return t.WriteAll(lines)
}

// errors lists the IDs of what keeps a cell from being built.
func (c *Cell) errors() string {
	var ids []string
	for _, d := range c.Diagnostics {
		if c.Failed && d.Severity == diag.Error && !slices.Contains(ids, d.ID) {
			ids = append(ids, d.ID)
		}
	}
	return strings.Join(ids, " ")
}
