package report

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"spikec/runtime/ladder"
)

// auto prints the candidates that were tried, and how to have the chosen one without trying.
func auto(b *bytes.Buffer, l *ladder.Ladder) {
	a := l.Auto
	if a == nil {
		return
	}
	fmt.Fprintf(b, "\ntried on calibration images: fitted to %d, compared with the trained network on %d others, at stage %s\n", a.Fitted, a.N, a.Stage)
	t := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "CANDIDATE\tAGREEMENT\tOPERATIONS AN IMAGE\tCHOICES\t")
	for _, c := range a.Candidates {
		agreement, operations, remark := "-", "-", cmp.Or(c.Refused, c.Why)
		if c.Agreement != nil {
			agreement, operations = percent(*c.Agreement), Amount(c.SynapticOperations)
		}
		if c.Chosen {
			remark = "chosen"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", c.Name, agreement, operations, strings.TrimPrefix(c.Flags, "--auto=false "), remark)
	}
	t.Flush()
	trim(b)
	b.WriteString("a candidate is kept that agrees with the trained network on more images than the best before it, by more than chance would have it")
	if c := l.Calibration; c != nil {
		fmt.Fprintf(b, ";\nall else here is of the network that is fitted to all %d calibration images, not to %d", c.N, a.Fitted)
	}
	fmt.Fprintf(b, "\nthe same without trying: %s\n", a.Flags)
}
