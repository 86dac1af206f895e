package report

import (
	"bytes"
	"fmt"
	"text/tabwriter"

	"spikec/runtime/ladder"
)

// latencyColumns is how many columns a printed distribution of steps has at most.
const latencyColumns = 12

// latency prints how surely the read-out decided, and after how many steps.
func latency(b *bytes.Buffer, l *ladder.Ladder) {
	if l.Ties == nil && l.Latency == nil {
		return
	}
	b.WriteByte('\n')
	if l.Ties != nil {
		then := "there membranes do"
		if l.Options.SpikesOnly {
			then = "there the lowest of these classes is taken, as membranes cannot be read"
		}
		fmt.Fprintf(b, "the output spikes alone do not decide %d of %d images: %s\n", *l.Ties, l.Last().N, then)
	}
	d := l.Latency
	if d == nil {
		return
	}
	if x := d.Exit; x == nil {
		fmt.Fprintf(b, "first output spike, T = %d where there is none:", l.Steps)
	} else {
		how := "once no other class can catch up"
		if x.Margin > 0 {
			how = "once the lead is " + lead(&l.Options, x.Margin)
		}
		fmt.Fprintf(b, "early exit, %s: %.2f %%, %d of %d images decided otherwise than after T = %d", how, 100*x.Accuracy, x.Changed, l.Last().N, l.Steps)
		if x.Note != "" {
			b.WriteString("; " + x.Note)
		}
		b.WriteString("\nsteps to the exit:")
	}
	fmt.Fprintf(b, " mean %.2f, median %d, 90 %% within %d, 99 %% within %d, at most %d\n", d.Mean, d.Median, d.P90, d.P99, d.Max)
	histogram(b, d.Histogram)
}

// lead words the lead of an early exit: of counts, or of membranes, where the user gave it in spikes too.
func lead(o *ladder.Options, margin int32) string {
	if o.Readout == "membrane" && o.EarlyExit != nil {
		return fmt.Sprintf("%g spikes (%d membrane units)", *o.EarlyExit, margin)
	}
	return fmt.Sprintf("%d spikes", margin)
}

// histogram prints how many images were decided in which steps, in columns of equal width.
func histogram(b *bytes.Buffer, h []ladder.AtStep) {
	if len(h) == 0 {
		return
	}
	first, last := h[0].Steps, h[len(h)-1].Steps
	width := (last-first)/latencyColumns + 1
	t := tabwriter.NewWriter(b, 0, 0, 3, ' ', tabwriter.AlignRight)
	steps, images := "steps\t", "images\t"
	k := 0
	for from := first; from <= last; from += width {
		n, to := int64(0), min(from+width-1, last)
		for ; k < len(h) && h[k].Steps <= to; k++ {
			n += h[k].Images
		}
		if width == 1 || from == to {
			steps += fmt.Sprintf("%d\t", to)
		} else {
			steps += fmt.Sprintf("%d-%d\t", from, to)
		}
		images += fmt.Sprintf("%d\t", n)
	}
	fmt.Fprintf(t, "%s\n%s\n", steps, images)
	t.Flush()
}
