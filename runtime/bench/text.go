package bench

import (
	"bytes"
	"fmt"
	"io"
	"text/tabwriter"
)

// busy is how far the median may lie above the minimum before a row is marked.
const busy = 1.10

// Text prints a result as a table.
func Text(w io.Writer, r *Result) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n", r.About)
	fmt.Fprintf(&b, "verified: %s, at every checkpoint, against the reference engine\n\n", images(r.Verified))
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NET\tSTEPS\tENGINE\tTHREADS\tIMAGES/S\tSOP/S\tMS AN IMAGE\tMEDIAN\tREPETITIONS\tDENSITY\tHASH\tCPU")
	slow := false
	for i := range r.Rows {
		rowText(t, &r.Rows[i])
		slow = slow || r.Rows[i].unsteady()
	}
	t.Flush()
	if slow {
		fmt.Fprintf(&b, "\n* the median is more than %.0f %% above the minimum: the machine was busy\n", 100*(busy-1))
	}
	fmt.Fprintf(&b, "\n%s", machineText(r))
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
	fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%.*f\t%s\t%.4g\t%.4g%s\t%d x %s\t%.2f %%\t%s\t%s\n", r.Net, r.Steps, r.Engine, r.Threads, digits, r.ImagesPerSecond, short(r.SOPsPerSecond),
		1e3*r.Min, 1e3*r.Median, mark, r.Repetitions, images(r.Images), 100*r.Density, r.Hash, r.CPU)
}

// unsteady reports whether the repetitions differ much.
func (r *Row) unsteady() bool { return r.Median > busy*r.Min }

// machineText says what else the machine did.
func machineText(r *Result) string {
	text := fmt.Sprintf("%s; instructions %s; %d processors", r.Rows[0].Clock, r.Rows[0].Instructions, r.Processors)
	if r.LoadAverage > 0 {
		text += fmt.Sprintf(", load average %.2f", r.LoadAverage)
	}
	if r.PeakMemory > 0 {
		text += fmt.Sprintf(", %.0f MB of memory at most", float64(r.PeakMemory)/1e6)
	}
	return text + "\n"
}

// images prints a number of images.
func images(n int) string {
	if n == 1 {
		return "1 image"
	}
	return fmt.Sprintf("%d images", n)
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
