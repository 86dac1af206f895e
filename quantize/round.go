package quantize

import (
	"math"
	"slices"
)

// grid rounds the weight w to weight units: the nearest usable mantissa, half away from zero, clipped to the range.
func (l *layer) grid(w, u float64) int32 {
	step := float64(l.format.WeightStep)
	k := math.Round(w * u / step)
	most := math.Floor(float64(l.format.WeightMax) / step)
	return int32(max(-most, min(most, k)) * step)
}

// round fills rounded and host.
func (l *layer) round() {
	l.rounded = make([][]int32, len(l.rows))
	work := make([][]float64, len(l.rows))
	for o, row := range l.rows {
		work[o] = append([]float64(nil), row[:l.fitted]...)
	}
	if h := l.moments; h != nil && l.fitted > 0 {
		per := len(l.rows) / len(h)
		for b := range h {
			rows := work[b*per : (b+1)*per]
			if l.rounders[b] == nil {
				l.rounders[b] = newGPTQ(h[b], l.jobs)
			}
			l.rounders[b].round(rows, func(r int, w float64) float64 {
				u := l.unit[b*per+r]
				return float64(l.grid(w, u)) / u
			})
		}
	}
	for o, row := range l.rows {
		for j, w := range row {
			if j < l.fitted {
				w = work[o][j]
			}
			l.rounded[o] = append(l.rounded[o], l.grid(w, l.unit[o]))
		}
	}
	l.roundDrive()
}

// shrinkTimes bounds how often shrink lowers the units: by a quarter in all.
const shrinkTimes = 28

// shrink lowers units by 1 % at a time while rounding has made the weights of a neuron, or its bias and drive, add up
// to more than the chip holds: those of the channels concerned, or the common one.
func (l *layer) shrink() {
	for range shrinkTimes {
		over := make([]bool, len(l.unit))
		for o := range l.rounded {
			over[o] = l.overflows(o)
		}
		if !slices.Contains(over, true) {
			return
		}
		for o := range l.unit {
			if over[o] || l.common() {
				l.unit[o] = l.settle(l.unit[o] * 0.99)
			}
		}
		l.round()
	}
}
