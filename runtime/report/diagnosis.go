package report

import (
	"bytes"
	"fmt"
	"text/tabwriter"

	"spikec/runtime/ladder"
)

// diagnosis prints what became of the trained network's activations, one line a layer, and what costs most.
func diagnosis(b *bytes.Buffer, d *ladder.Diagnosis) {
	if d == nil {
		return
	}
	fmt.Fprintf(b, "\nrates against the trained network's activations, on %d calibration images\n", d.N)
	t := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "LAYER\tCORRELATION\tSLOPE\tNMSE\tWORST CHANNEL\tRATE\tDEAD\tSATURATED\tCLIPPING\tQUANTISATION\tUNEVENNESS\tDRIVE\tAGREEMENT\t")
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
	fmt.Fprintf(b, "agreement without time %.2f %%", 100*d.Tailored)
	if d.Worst != "" {
		fmt.Fprintf(b, "; it falls most behind %s, by %.2f points", d.Worst, 100*d.Drop)
	}
	b.WriteByte('\n')
	if d.Cause != "" {
		fmt.Fprintf(b, "what costs most: %s; to try next: %s\n", causes[d.Cause], d.Next)
	}
}

// causes words what costs agreement.
var causes = map[string]string{
	ladder.CauseRules:        "the rules and the fit of the weights, not time",
	ladder.CauseClipping:     "drives beyond one spike a step",
	ladder.CauseQuantisation: "the few rates that so many steps can have",
	ladder.CauseUnevenness:   "spikes that come unevenly",
}

// number prints a number that may not be defined.
func number(x *float64, digits int) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf("%.*f", digits, *x)
}
