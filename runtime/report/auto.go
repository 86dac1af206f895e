package report

import (
	"bytes"
	"fmt"
	"text/tabwriter"

	"spikec/runtime/ladder"
)

// auto prints the candidates that were tried, and how to have the chosen one without trying.
func auto(b *bytes.Buffer, a *ladder.Auto) {
	if a == nil {
		return
	}
	fmt.Fprintf(b, "\ntried on calibration images: fitted to %d, compared with the trained network on %d others, at stage %s\n", a.Fitted, a.N, a.Stage)
	t := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "CANDIDATE\tAGREEMENT\tOPERATIONS AN IMAGE\t")
	for _, c := range a.Candidates {
		agreement, operations, remark := "-", "-", c.Refused
		if c.Agreement != nil {
			agreement, operations = percent(*c.Agreement), amount(c.SynapticOperations)
		}
		if c.Chosen {
			remark = "chosen"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", c.Name, agreement, operations, remark)
	}
	t.Flush()
	trim(b)
	fmt.Fprintf(b, "the same without trying: %s\n", a.Flags)
}
