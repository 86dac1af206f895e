package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"spikec/internal/diag"
	"spikec/runtime/ladder"
)

// layers prints one line a population.
func layers(b *bytes.Buffer, l *ladder.Ladder) {
	if len(l.Layers) == 0 {
		return
	}
	b.WriteByte('\n')
	t := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "LAYER\tSHAPE\tCORES\tSPIKES A NEURON AND STEP\tAT A BOUND\tWEIGHTS\tSQNR\tTHRESHOLDS\t")
	for _, p := range l.Layers {
		fmt.Fprintf(t, "%s\t%dx%dx%d\t%s\t%.4f\t%s", p.Name, p.Shape[0], p.Shape[1], p.Shape[2], cores(p), p.Rate, bounded(&p, l))
		if q := p.Quantisation; q != nil {
			where := ""
			if q.Host {
				where = " (host)"
			}
			fmt.Fprintf(t, "\t%d bits%s\t%s\t%d..%d", q.Bits, where, sqnr(q), q.ThresholdMin, q.ThresholdMax)
		} else {
			fmt.Fprint(t, "\t-\t-\t-")
		}
		fmt.Fprintln(t, "\t")
	}
	t.Flush()
	trim(b)
	if slices.ContainsFunc(l.Layers, func(p ladder.Layer) bool { return p.Saturations > 0 }) {
		b.WriteString("at a bound: how often one changed a membrane or a sum, a neuron and step; at the lower bound inhibition is forgotten, mostly harmless\n")
	}
}

// use prints how much of their cores layers take, with a column for what any of them takes.
func use(b *bytes.Buffer, l *ladder.Ladder) {
	var used []ladder.Layer
	for _, p := range l.Layers {
		if p.Use != nil {
			used = append(used, p)
		}
	}
	if len(used) == 0 {
		return
	}
	columns := []struct {
		title string
		share func(u *ladder.Use) float64
	}{{"NEURONS USED", func(u *ladder.Use) float64 { return u.Neurons }}, {"AXONS USED", func(u *ladder.Use) float64 { return u.Axons }},
		{"OUTPUT AXONS USED", func(u *ladder.Use) float64 { return u.AxonsOut }}, {"SYNAPSE MEMORY USED", func(u *ladder.Use) float64 { return u.SynapseMemory }}}
	copies := slices.ContainsFunc(used, func(p ladder.Layer) bool { return p.Use.Copies > 0 })
	b.WriteByte('\n')
	t := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	fmt.Fprint(t, "LAYER\tCORES\tNEURONS\t")
	if copies {
		fmt.Fprint(t, "COPIES AMONG THEM\t")
	}
	for k := 0; k < len(columns); {
		if !slices.ContainsFunc(used, func(p ladder.Layer) bool { return columns[k].share(p.Use) > 0 }) {
			columns = slices.Delete(columns, k, k+1)
			continue
		}
		fmt.Fprint(t, columns[k].title, "\t")
		k++
	}
	fmt.Fprintln(t, "BOUND BY\t")
	for _, p := range used {
		fmt.Fprintf(t, "%s\t%d\t%d\t", p.Name, len(p.Cores), p.Neurons)
		if copies {
			fmt.Fprintf(t, "%d\t", p.Use.Copies)
		}
		for _, c := range columns {
			fmt.Fprintf(t, "%.1f %%\t", 100*c.share(p.Use))
		}
		fmt.Fprintf(t, "%s\t\n", p.Use.Bound)
	}
	t.Flush()
	trim(b)
	if c := l.PerImage.LowerResets; c > 0 {
		fmt.Fprintf(b, "%s times an image a neuron falls below its lower bound and is reset: inhibition that is forgotten\n", Amount(c))
	}
}

// sqnr prints the signal to rounding noise; 0 stands for no noise.
func sqnr(q *ladder.Quantisation) string {
	if q.SQNR == 0 {
		return "exact"
	}
	return fmt.Sprintf("%.1f dB", q.SQNR)
}

// cores prints how many cores a layer takes.
func cores(p ladder.Layer) string {
	switch {
	case p.Host:
		return "host"
	case len(p.Cores) == 0:
		return "-"
	}
	return fmt.Sprint(len(p.Cores))
}

// Bounded returns how often a bound changed a membrane or a sum of a layer, a neuron and step; ok is false where that is not known, or the
// layer is the host's. It may be more than once, as some chips look at their bounds after every weight or event. Most are lower
// bounds, at which a membrane only forgets how far it was inhibited.
func Bounded(p *ladder.Layer, l *ladder.Ladder) (times float64, ok bool) {
	steps := float64(p.Neurons) * float64(l.Steps) * float64(l.Data.N)
	if steps == 0 || p.Host {
		return 0, false
	}
	return float64(p.Saturations) / steps, true
}

// bounded prints that.
func bounded(p *ladder.Layer, l *ladder.Ladder) string {
	times, ok := Bounded(p, l)
	if !ok {
		return "-"
	}
	return fmt.Sprintf("%.4f", times)
}

// Diagnostics prints findings with their remedies, the worst first.
func Diagnostics(w io.Writer, list diag.List) {
	if len(list) > 0 {
		fmt.Fprintln(w)
	}
	for _, d := range list.BySeverity() {
		fmt.Fprintln(w, d)
	}
}

// Timing prints how long each stage took.
func Timing(w io.Writer, l *ladder.Ladder) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "STAGE\tSECONDS")
	for _, s := range l.Timing {
		fmt.Fprintf(t, "%s\t%7.2f\n", s.Stage, s.Seconds)
	}
	return t.Flush()
}
