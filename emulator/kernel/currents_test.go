package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// randomCurrents returns a problem of Currents.
func randomCurrents(r *rand.Rand) *Currents {
	k := &Currents{KernelRows: 1 + r.IntN(4), Pairs: 1 + r.IntN(9), Width: 1 + r.IntN(9), Height: 1 + r.IntN(4)}
	k.Shift = r.IntN(9)
	k.Columns = ColumnBlock * (1 + r.IntN(12))
	k.Stride = k.Columns - r.IntN(ColumnBlock)
	k.Round = 1 << k.Shift >> 1
	k.RowStride, k.RowStep, k.ColumnStep = r.IntN(40), r.IntN(40), r.IntN(9)
	k.Codes = int16s(r, (k.Height-1)*k.RowStep+(k.KernelRows-1)*k.RowStride+(k.Width-1)*k.ColumnStep+2*k.Pairs, 0, 255)
	k.Weights = int16s(r, k.KernelRows*k.Pairs*k.Columns*2, -1<<15, 1<<15-1)
	k.Out = make([]int32, (k.Width*k.Height-1)*k.Stride+k.Columns)
	return k
}

// TestCurrents compares the kernels with their definition.
func TestCurrents(t *testing.T) {
	eachLevel(t, func(t *testing.T, l *level, r *rand.Rand) {
		for trial := range 300 {
			k := randomCurrents(r)
			want := slices.Clone(k.Out)
			for y := range k.Height {
				for x := range k.Width {
					for c := range k.Columns {
						sum := int64(k.Round)
						for u := range k.KernelRows {
							for j := range 2 * k.Pairs {
								code := k.Codes[y*k.RowStep+u*k.RowStride+x*k.ColumnStep+j]
								sum += int64(code) * int64(k.Weights[((u*k.Pairs+j/2)*k.Columns+c)*2+j%2])
							}
						}
						want[(y*k.Width+x)*k.Stride+c] = int32(sum >> k.Shift)
					}
				}
			}
			if k.run(l); !slices.Equal(k.Out, want) {
				t.Fatalf("trial %d: wrong currents", trial)
			}
		}
	})
}
