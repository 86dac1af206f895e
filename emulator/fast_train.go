package emulator

import (
	"slices"

	"spikec/emulator/kernel"
	"spikec/target/chip"
	"spikec/target/image"
)

// stepsHeld is how many steps a core runs before the next one does: enough for all steps of most pictures, few enough that
// the memory for spikes is bounded whatever their number is.
const stepsHeld = 512

// mostStaged is the largest T of windows of two stages: all steps of a core are then held, and the next core takes them when
// all are done.
const mostStaged = 1 << 12

// planesOf returns of how many signs spikes are.
func planesOf(p *chip.Profile) int {
	if slices.ContainsFunc(p.Program, func(m chip.MicroOp) bool { return m.Op == "emit" && m.Lower != "" }) {
		return 2
	}
	return 1
}

// train holds the spikes of a core in its last steps: as many as other cores may still need.
type train struct {
	span
	words  int      // of spikes of one sign a step
	planes int      // of spikes: those of +1, and where there are any those of −1
	spikes []uint64 // step × plane × words: a bit a lane
	first  int      // the first step that is held
	done   int      // the first step that is still to come
}

// span says how the steps of a core lie to those of the cores that it feeds.
type span struct {
	ahead int // by so many steps the core must be ahead of the block of steps that all cores have done
	keep  int // so many of the steps that it has done are still needed when it goes on
}

// spans computes the spans of all cores. A spike of step s of the source arrives in step s + delay of the target's window,
// so the source is ahead by −delay, and by what the target is ahead; and where it is farther ahead than that, what it has
// done remains to be taken in.
func spans(img *image.Image, delay func(source, target int) int) []span {
	all := make([]span, len(img.Cores))
	for i := range slices.Backward(img.Cores) {
		c := &img.Cores[i]
		for _, r := range c.Routes {
			all[i].ahead = max(all[i].ahead, all[r.Core].ahead-delay(i, r.Core))
		}
		for _, r := range c.Routes {
			all[i].keep = max(all[i].keep, all[i].ahead-all[r.Core].ahead+delay(i, r.Core))
		}
	}
	for i := range all {
		all[i].ahead, all[i].keep = min(all[i].ahead, img.Steps), min(all[i].keep, img.Steps)
	}
	return all
}

// newTrain has room for what a core computes at once, held steps and what it is ahead, and for what is kept.
func newTrain(s span, words, planes, held, steps int) train {
	held = min(steps, held+s.ahead+s.keep)
	return train{span: s, words: words, planes: planes, spikes: make([]uint64, held*words*planes+kernel.SpikeSlack)}
}

// restart forgets everything.
func (t *train) restart() { t.first, t.done = 0, 0 }

// stride is how many words lie between a step and the next one.
func (t *train) stride() int { return t.words * t.planes }

// from returns the spikes of a step that is held, and of those behind it.
func (t *train) from(step int) []uint64 { return t.spikes[(step-t.first)*t.stride():] }

// plane is from for the spikes of one sign.
func (t *train) plane(step, plane int) []uint64 { return t.from(step)[plane*t.words:] }

// makeRoom makes room for the steps before to, and lets go what nobody needs.
func (t *train) makeRoom(to int) {
	if (to-t.first)*t.stride()+kernel.SpikeSlack <= len(t.spikes) {
		return
	}
	kept := min(t.keep, t.done-t.first)
	copy(t.spikes, t.from(t.done - kept)[:kept*t.stride()])
	t.first = t.done - kept
}
