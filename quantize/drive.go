package quantize

import (
	"math"
)

// hostBits is the width of the weights that the host computes a drive with: they are on no chip.
const hostBits = 16

// roundDrive chooses the largest shift for which the host's weights have hostBits and their sums 32 bits.
func (l *layer) roundDrive() {
	l.host = make([][]int32, len(l.drive))
	for shift := uint(0); shift <= 24; shift++ {
		scale := math.Ldexp(1, int(shift))
		for o, row := range l.drive {
			sum := 0.0
			for j, w := range row {
				v := math.Abs(w) * l.unit[o] * scale
				sum += (v + 0.5) * l.codes[j]
				if v > 1<<(hostBits-1)-1 {
					return
				}
			}
			if sum+scale/2 > math.MaxInt32 {
				return
			}
		}
		l.shift = shift
		for o, row := range l.drive {
			l.host[o] = make([]int32, len(row))
			for j, w := range row {
				l.host[o][j] = int32(math.Round(w * l.unit[o] * scale))
			}
		}
	}
}
