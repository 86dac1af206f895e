package report

import (
	"bytes"
	"fmt"
	"io"
	"text/tabwriter"

	"spikec/runtime/ladder"
)

// Summary prints one line a result: what the trained network reaches, what the rules alone leave of it, and what the
// chip's files reach.
func Summary(w io.Writer, results []*ladder.Ladder) error {
	var b bytes.Buffer
	t := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "NETWORK\tTARGET\tRULES\tT\tONNX\tRULES ALONE\tON THE CHIP\tLOST\tIMAGES\tPROOF\t")
	for _, l := range results {
		last, trained, naive, lost := l.Last(), "-", "-", "-"
		if s, ok := l.Stage(ladder.ANN); ok {
			trained, lost = percent(s.Accuracy), fmt.Sprintf("%.2f", 100*(s.Accuracy-last.Accuracy))
		}
		if l.Naive != nil {
			naive = percent(l.Naive.Accuracy)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%d\t%s\t\n", l.Model, l.Target, l.Rules, l.Steps, trained, naive, percent(last.Accuracy), lost, last.N, l.Proof)
	}
	t.Flush()
	trim(&b)
	_, err := w.Write(b.Bytes())
	return err
}
