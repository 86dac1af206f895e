package ladder

import (
	"math"
	"slices"
)

// Latency is the distribution of the steps to the decision, over the images of the last stage. Steps are those of the output
// layer, from the start of its T steps.
type Latency struct {
	// Of says which decision: first-spike, the read-out's own (T where no output neuron fired); or the early exit, exact or
	// margin.
	Of     string  `json:"of"`
	Mean   float64 `json:"mean"`
	Median int     `json:"median"`
	P90    int     `json:"p90"` // so many steps are enough for 90 % of the images, and one less is not
	P99    int     `json:"p99"`
	Max    int     `json:"max"`
	// Histogram holds every number of steps that occurs, ascending.
	Histogram []AtStep `json:"histogram"`
	// Exit is the outcome of an early exit; nil for another latency.
	Exit *Exit `json:"exit,omitempty"`
}

// AtStep is how many images were decided after so many steps.
type AtStep struct {
	Steps  int   `json:"steps"`
	Images int64 `json:"images"`
}

// Exit is what deciding early comes to. It stands beside the accuracy of all steps and never replaces it.
type Exit struct {
	Margin   int32   `json:"margin,omitempty"` // of the lead: spikes, or units of the membrane on the chip
	Accuracy float64 `json:"accuracy"`         // of the decisions at the exit
	Correct  int64   `json:"correct"`
	Changed  int64   `json:"changed"` // images that all steps decide otherwise; always 0 if exact
	Note     string  `json:"note,omitempty"`
}

// ExitNote is said of every exit by a margin.
const ExitNote = "not bit-accurate to a chip that runs T steps"

// NewLatency returns the distribution of steps, one number an image; of says of what. There must be at least one.
func NewLatency(of string, steps []int32) *Latency {
	sorted := slices.Sorted(slices.Values(steps))
	l := &Latency{Of: of, Max: int(sorted[len(sorted)-1])}
	sum := int64(0)
	for _, s := range sorted {
		sum += int64(s)
		if n := len(l.Histogram); n > 0 && l.Histogram[n-1].Steps == int(s) {
			l.Histogram[n-1].Images++
		} else {
			l.Histogram = append(l.Histogram, AtStep{int(s), 1})
		}
	}
	l.Mean = float64(sum) / float64(len(sorted))
	rank := func(share float64) int { return int(sorted[int(math.Ceil(share*float64(len(sorted))))-1]) }
	l.Median, l.P90, l.P99 = rank(0.5), rank(0.9), rank(0.99)
	return l
}
