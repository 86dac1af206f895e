package build

import (
	"math"

	"spikec/models/snn"
	"spikec/runtime/evaluate"
	"spikec/runtime/ladder"
	"spikec/target/image"
)

// setExit gives the image the early exit that the user wants. A lead is given in spikes of an output neuron: with read-out
// membrane that is what the activation of one spike adds to a membrane, in the chip's units; rounded up, at least 1.
func (b *run) setExit(img *image.Image) {
	if b.opt.exit == nil {
		return
	}
	if img.Output.EarlyExit = image.ExitExact; *b.opt.exit == 0 {
		return
	}
	lead := *b.opt.exit
	if b.opt.readout == snn.Membrane {
		out := b.integers.Output()
		lead *= b.network.Populations[out].Scale[0] * b.integers.Populations[out].Unit[0] * float64(int64(1)<<b.integers.Format.Shift)
	}
	img.Output.EarlyExit, img.Output.Margin = image.ExitMargin, int32(max(1, min(math.MaxInt32, math.Ceil(lead))))
}

// describeReadout enters which decision there will be latencies of.
func describeReadout(doc *ladder.Ladder, o *image.Output) {
	doc.Ties, doc.Latency = nil, nil
	switch {
	case o.EarlyExit == image.ExitMargin:
		doc.Latency = &ladder.Latency{Of: o.EarlyExit, Exit: &ladder.Exit{Margin: o.Margin, Note: ladder.ExitNote}}
	case o.EarlyExit != "":
		doc.Latency = &ladder.Latency{Of: o.EarlyExit, Exit: &ladder.Exit{}}
	}
}

// concludeReadout enters when, and how surely, the last stage decided.
func concludeReadout(doc *ladder.Ladder, p *evaluate.Partial) {
	if doc.Options.Readout != snn.Membrane {
		doc.Ties = &p.Ties
	}
	of, exit := doc.Options.Readout, (*ladder.Exit)(nil)
	if l := doc.Latency; l != nil && l.Exit != nil && len(p.ReadoutCorrect) > 0 {
		of, exit = l.Of, l.Exit
		exit.Correct, exit.Accuracy = p.ReadoutCorrect[0], float64(p.ReadoutCorrect[0])/float64(max(1, p.Images()))
		exit.Changed = int64(p.Images()) - p.ReadoutAgree[0]
	}
	if doc.Latency = nil; len(p.Latencies) > 0 {
		doc.Latency = ladder.NewLatency(of, p.Latencies)
		doc.Latency.Exit = exit
	}
}
