package bench

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"spikec/internal/spelling"
)

// busy is how far the median may lie above the minimum before a row is marked.
const busy = 1.10

// Text prints a result as a table.
func Text(w io.Writer, r *Result) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n", r.About)
	fmt.Fprintf(&b, "verified: %d of %s (as many as the reference engine does in a second, at least one), equal at every checkpoint\n\n",
		r.Verified, spelling.Count(r.Images, "image"))
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NET\tSTEPS\tENGINE\tTHREADS\tIMAGES/S\tSOP/S\tMS AN IMAGE (LEAST)\tMEDIAN MS\tREPETITIONS\tDENSITY %\tHASH")
	slow := false
	for i := range r.Rows {
		rowText(t, &r.Rows[i])
		slow = slow || r.Rows[i].unsteady()
	}
	t.Flush()
	b.WriteString("\nSOP: synaptic operations, weights added because a spike arrived\n" +
		"density: spikes a neuron and step, all neurons\n" +
		"hash: of all answers of a repetition, equal in rows of equal images\n")
	if slow {
		fmt.Fprintf(&b, "* the median is more than %.0f %% above the least: the machine was busy\n", 100*(busy-1))
	}
	fmt.Fprintf(&b, "\n%s", machineText(r))
	for i, d := range r.Diagnostics.BySeverity() {
		if i == 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintln(&b, d)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// rowText prints a row.
func rowText(w io.Writer, r *Row) {
	if r.Refused != "" {
		fmt.Fprintf(w, "%s\t%d\t%s\t%d\t–\t–\t%s\n", r.Net, r.Steps, r.Engine, r.Threads, r.Refused)
		return
	}
	mark, digits := "", 1
	if r.ImagesPerSecond >= 1000 {
		digits = 0
	}
	if r.unsteady() {
		mark = "*"
	}
	fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%.*f\t%s\t%.4g\t%.4g%s\t%d x %s\t%.2f\t%s\n", r.Net, r.Steps, r.Engine, r.Threads, digits, r.ImagesPerSecond, short(r.SOPsPerSecond),
		1e3*r.Min, 1e3*r.Median, mark, r.Repetitions, spelling.Count(r.Images, "image"), 100*r.Density, r.Hash)
}

// unsteady reports whether the repetitions differ much.
func (r *Row) unsteady() bool { return r.Median > busy*r.Min }

// machineText says what clocks and instructions were used, on what machine, and what else that did.
func machineText(r *Result) string {
	var parts, clocks []string
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Refused != "" {
			continue
		}
		if !slices.Contains(clocks, row.Clock) {
			clocks = append(clocks, row.Clock)
		}
		if row.Engine != "reference" {
			parts = append(parts, fmt.Sprintf("%s engine: %s", row.Engine, row.Instructions))
		}
	}
	switch len(clocks) {
	case 0:
	case 1:
		parts = append([]string{"timed by " + clocks[0]}, parts...)
	default:
		parts = append([]string{"one thread timed by " + oneThread + ", several by " + byWall}, parts...)
	}
	text := spelling.Count(r.Processors, "processor")
	if len(r.Rows) > 0 && r.Rows[0].CPU != "" {
		text += " (" + r.Rows[0].CPU + ")"
	}
	if r.LoadAverage > 0 {
		text += fmt.Sprintf(", load average %.2f", r.LoadAverage)
	}
	parts = append(parts, text)
	if r.PeakMemory > 0 {
		parts = append(parts, fmt.Sprintf("peak memory %.0f MB of the whole process, the reference engine's included", float64(r.PeakMemory)/1e6))
	}
	return strings.Join(parts, "; ") + "\n"
}

// short prints a number with four digits, and the prefix of its thousands.
func short(x float64) string {
	for _, prefix := range []string{"", " k", " M"} {
		if x < 999.95 {
			return fmt.Sprintf("%.4g%s", x, prefix)
		}
		x /= 1e3
	}
	return fmt.Sprintf("%.4g G", x)
}
