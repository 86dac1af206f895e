package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"spikec/runtime/ladder"
)

// engine prints which engine of the emulator ran, and where that was the reference engine what kept the fast one from it.
func engine(b *bytes.Buffer, l *ladder.Ladder) {
	n := 0
	for _, p := range l.Layers {
		if !p.Host {
			n += len(p.Cores)
		}
	}
	switch {
	case l.Engine == "" || n == 0:
		return
	case l.Engine == "reference":
		fmt.Fprintf(b, "engine: reference, %s\n", because(l))
		return
	case n == 1:
		fmt.Fprintf(b, "engine: %s on the one core", l.Engine)
	case l.Passes != nil: // one core in turn
		fmt.Fprintf(b, "engine: %s in all %d passes", l.Engine, n)
	default:
		fmt.Fprintf(b, "engine: %s on all %d cores", l.Engine, n)
	}
	if l.Instructions != "" {
		b.WriteString(", instructions " + l.Instructions)
	}
	b.WriteByte('\n')
}

// because words why the reference engine ran: what the fast engine has against each layer, as the layers' methods tell it.
func because(l *ladder.Ladder) string {
	var reasons []string
	for _, p := range l.Layers {
		for _, how := range p.Engine {
			_, reason, ok := strings.Cut(how, ", because ")
			own, its := strings.CutPrefix(reason, "the fast engine cannot run it: ")
			switch {
			case !ok || strings.HasPrefix(reason, "the fast engine cannot run core "): // the reason is another core's
			case its:
				reasons = append(reasons, fmt.Sprintf("%s: %s", coresOf(p), own))
			case !slices.Contains(reasons, reason): // one of the whole image
				reasons = append(reasons, reason)
			}
		}
	}
	if len(reasons) == 0 {
		return "as asked for"
	}
	return "because " + strings.Join(reasons, "; ")
}

// coresOf names the cores of a layer.
func coresOf(p ladder.Layer) string {
	if len(p.Cores) == 1 {
		return fmt.Sprintf("core %d (%s)", p.Cores[0], p.Name)
	}
	return fmt.Sprintf("%d cores (%s)", len(p.Cores), p.Name)
}
