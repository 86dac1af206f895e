package ladder

import (
	"fmt"
	"strings"
)

// Missed is the error of an accuracy gate that was not reached.
type Missed struct{ Reasons []string }

// Error lists the gates that were missed.
func (m *Missed) Error() string { return "accuracy gate missed: " + strings.Join(m.Reasons, "; ") }

// Gate returns a *Missed where the last stage is less accurate than least (0..1), or loses more than drop percentage
// points against the first one: the trained network, or the spiking one where that was read. A gate that is nil is not tested.
func (l *Ladder) Gate(least, drop *float64) error {
	last := l.Last()
	var m Missed
	if least != nil && last.Accuracy < *least {
		m.Reasons = append(m.Reasons, fmt.Sprintf("%s: stage %s reaches %.2f %% on %d images, want %.2f %%",
			l.Model, last.Stage, 100*last.Accuracy, last.N, 100**least))
	}
	if drop != nil && len(l.Stages) > 0 {
		first, against := l.Stages[0], "the trained network"
		if first.Stage != ANN {
			against = "stage " + first.Stage
		}
		if lost := 100 * (first.Accuracy - last.Accuracy); lost > *drop {
			m.Reasons = append(m.Reasons, fmt.Sprintf("%s: stage %s loses %.2f points against %s, want at most %.2f",
				l.Model, last.Stage, lost, against, *drop))
		}
	}
	if m.Reasons == nil {
		return nil
	}
	return &m
}
