package report

import (
	"bytes"
	"fmt"
	"slices"
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
	fmt.Fprintln(t, "LAYER\tCORRELATION\tSLOPE\tNMSE\tWORST CHANNEL\tRATE\tDEAD\tFULL RATE\tCLIPPING\tQUANTISATION\tUNEVENNESS\tDRIVE\tAGREEMENT\t")
	for i := range d.Layers {
		l := &d.Layers[i]
		worst := "-"
		if c := l.WorstChannel; c != nil {
			worst = fmt.Sprintf("%d: %s", c.Channel, number(c.Correlation, 3))
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s", l.Name, number(l.Correlation, 3), number(l.Slope, 3), number(l.NMSE, 4), worst)
		if l.Fires {
			c := &l.Costs
			fmt.Fprintf(t, "\t%.4f\t%s\t%s\t%s\t%s\t%s\t%s", l.Rate, percent(l.Dead), percent(l.Saturated), percent(c.Clipping), percent(c.Quantisation), percent(c.Unevenness), percent(c.Drive))
		} else {
			fmt.Fprint(t, "\t-\t-\t-\t-\t-\t-\t-")
		}
		fmt.Fprintf(t, "\t%s\t\n", percent(l.Agreement))
	}
	t.Flush()
	trim(b)
	b.WriteString(legend)
	fmt.Fprintf(b, "agreement without time %.2f %%, on these images, which %s", 100*d.Tailored, use)
	if d.Worst != "" {
		fmt.Fprintf(b, "; it falls most after %s, by %.2f points", d.Worst, 100*d.Drop)
	}
	b.WriteByte('\n')
	if text := Verdict(d); text != "" {
		fmt.Fprintf(b, "%s; to try next: %s\n", text, d.Next)
	}
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

// legend explains the columns of the table.
const legend = `FULL RATE: share of pairs of a neuron and an image with a spike in every step. What makes rates differ from activations, as
shares of squares that make 100 %: CLIPPING, drives beyond one spike a step; QUANTISATION, T steps have T+1 rates;
UNEVENNESS, spikes too early or too late; DRIVE, what was different before: the layers before, and the fit of the weights.
AGREEMENT: images still decided as by the trained network after this layer. More in docs/formats.md under diagnosis.
`

// number prints a number that may not be defined.
func number(x *float64, digits int) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf("%.*f", digits, *x)
}
