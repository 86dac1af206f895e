package emulator

import (
	"spikec/target/chip"
	"spikec/target/image"
)

// Exit is the early exit of an image: the rule by which a host that watches the output step by step ends a picture before
// its T steps are over. It decides from what a run of T steps recorded, so that both decisions are of one run. It is
// immutable and safe for concurrent use.
type Exit struct {
	img   *image.Image
	bound *exitBound // of exact exits by membranes
	step  int64      // how much of a lead in spikes a step of an exact exit can take
}

// NewExit returns the early exit that the image asks for. It is an error where the chip's neurons do more than add up what
// arrives, so that nothing can be said about membranes to come.
func NewExit(img *image.Image, p *chip.Profile) (*Exit, error) {
	x := &Exit{img: img}
	if img.Output.EarlyExit != image.ExitExact {
		return x, nil
	}
	x.step = int64(planesOf(p))
	var err error
	if img.Output.Readout == image.Membrane {
		x.bound, err = newExitBound(img, p)
	}
	return x, err
}

// Decide returns the decision at the first step t behind the delay at which the leading class, first of the read-out's own
// order, is ahead of every other class k by
//
//	margin              lead >= Margin
//	exact, count        lead > T−t, as a neuron fires at most once a step; lead > 2(T−t) where a spike may be taken back
//	exact, membrane     lead > (T−t)·Σ_j (w[k][j] − w[first][j])⁺ + …, see exitBound
//
// and otherwise that of all T steps. An exact exit decides as all T steps do.
func (x *Exit) Decide(r *Result) Decision {
	v := newView(&x.img.Output, r)
	for i := v.start(); r.Steps[i] < x.img.Steps; i++ {
		if l := v.leader(i); x.sure(v, i, l) {
			return Decision{l.first, r.Steps[i], l.tied}
		}
	}
	return Decide(&x.img.Output, r, x.img.Steps)
}

// sure reports whether a leader ends the picture at checkpoint i.
func (x *Exit) sure(v view, i int, l leader) bool {
	left := int64(x.img.Steps - v.r.Steps[i])
	if x.bound != nil {
		return x.bound.sure(v, i, l, left)
	}
	least := x.step*left + 1
	if x.img.Output.EarlyExit == image.ExitMargin {
		least = int64(x.img.Output.Margin)
	}
	for k := range x.img.Output.Classes {
		if k != l.first && l.most-v.score(i, k) < least {
			return false
		}
	}
	return true
}
