package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"spikec/runtime/ladder"
)

// diagnosis prints what became of the trained network's activations, one line a layer, and what costs most.
func diagnosis(b *bytes.Buffer, l *ladder.Ladder) {
	d := l.Diagnosis
	if d == nil {
		return
	}
	use := "the scale factors were measured on too"
	if !slices.Contains(l.Options.Disabled, "refit") || !slices.Contains(l.Options.Disabled, "rate-refit") {
		use = "the weights were fitted to"
	}
	fmt.Fprintf(b, "\nrates against the trained network's activations, on %d calibration images\n", d.N)
	t := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "LAYER\tCORRELATION\tSLOPE\tNMSE\tWORST CHANNEL\tRATE\tDEAD\tFULL RATE\tAGREEMENT\t")
	for i := range d.Layers {
		l := &d.Layers[i]
		worst, rate, dead, full := "-", "-", "-", "-"
		if c := l.WorstChannel; c != nil {
			worst = fmt.Sprintf("%d: %s", c.Channel, number(c.Correlation, 3))
		}
		if l.Fires {
			rate, dead, full = fmt.Sprintf("%.4f", l.Rate), percent(l.Dead), percent(l.Saturated)
		}
		fmt.Fprintln(t, strings.Join([]string{l.Name, number(l.Correlation, 3), number(l.Slope, 3), number(l.NMSE, 4), worst, rate, dead, full, percent(l.Agreement), ""}, "\t"))
	}
	t.Flush()
	trim(b)
	b.WriteString(legend)
	fmt.Fprintf(b, "agreement without time %.2f %%, on these images, which %s", 100*d.Tailored, use)
	if fall := Fall(d); fall != "" {
		b.WriteString("; it " + fall)
	}
	b.WriteByte('\n')
	shares(b, d)
	if text := Verdict(d); text != "" {
		fmt.Fprintf(b, "%s; to try next: %s\n", text, d.Next)
	}
}

// Fall words where agreement is lost, as a sentence without its subject; "" where none is.
func Fall(d *ladder.Diagnosis) string {
	if d.Worst == "" {
		return ""
	}
	most := fmt.Sprintf("most after %s, by %.2f points", d.Worst, 100*d.Drop)
	switch d.First {
	case "":
		return "falls " + most
	case d.Worst:
		return "falls below 99 % first and " + most
	}
	return "falls below 99 % first after " + d.First + ", and " + most
}

// shares prints what makes rates differ, one line a layer that fires.
func shares(b *bytes.Buffer, d *ladder.Diagnosis) {
	if !slices.ContainsFunc(d.Layers, func(l ladder.LayerDiagnosis) bool { return l.Fires }) {
		return
	}
	b.WriteString("\nwhat makes rates differ from activations, as shares of squares that make 100 %\n")
	t := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "LAYER\tCLIPPING\tQUANTISATION\tUNEVENNESS\tDRIVE\t")
	for i := range d.Layers {
		if l := &d.Layers[i]; l.Fires {
			c := &l.Costs
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t\n", l.Name, percent(c.Clipping), percent(c.Quantisation), percent(c.Unevenness), percent(c.Drive))
		}
	}
	t.Flush()
	trim(b)
	b.WriteString(legendOfShares)
}

// Verdict words what costs most of the agreement; "" where nothing measurable is lost.
func Verdict(d *ladder.Diagnosis) string {
	if d.Cause == "" {
		return ""
	}
	text := "what costs most: " + causes[d.Cause]
	if d.Cause != ladder.CauseRules {
		text += " in " + d.Worst
	}
	if o := d.Origin; o != nil && o.Layer == d.Worst { // the first layer: there is none before it
		text += ", which is the fit of the weights there; of its own costs the largest: " + causes[o.Cause]
	} else if o != nil {
		text += ", beginning in " + o.Layer + " with " + causes[o.Cause]
	}
	return text
}

// causes words what costs agreement.
var causes = map[string]string{
	ladder.CauseRules:        "the rules and the fit of the weights, not time",
	ladder.CauseClipping:     "drives beyond one spike a step",
	ladder.CauseQuantisation: "the few rates that so many steps can have",
	ladder.CauseUnevenness:   "spikes that come unevenly",
	ladder.CauseDrive:        "what is different before its neurons (DRIVE)",
}

// legend explains the columns of the table of rates.
const legend = `DEAD: neurons without a spike on any of these images. FULL RATE: pairs of a neuron and an image with a spike in every step.
AGREEMENT: images still decided as by the trained network after this layer. More in docs/formats.md under diagnosis.
`

// legendOfShares explains the columns of the table of what makes rates differ.
const legendOfShares = `CLIPPING: drives beyond one spike a step. QUANTISATION: T steps have T+1 rates. UNEVENNESS: spikes too early or too late.
DRIVE: what was different before: the layers before, and the fit of the weights.
`

// number prints a number that may not be defined.
func number(x *float64, digits int) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf("%.*f", digits, *x)
}
