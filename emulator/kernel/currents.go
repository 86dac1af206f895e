package kernel

// Currents computes what a host drives the neurons of a first layer with: a correlation of a picture's codes with
// weights, both of 16 bits, in numbers of 32. Codes are padded with what the windows read beyond the picture. Weights
// are laid out as [kernel row][pair][column][2]: two successive codes of a row meet two weights of each column.
//
//	for y := range Height {
//		for x := range Width {
//			for c := range Columns {
//				sum := Round
//				for u := range KernelRows {
//					for j := range 2 * Pairs {
//						sum += Codes[y*RowStep+u*RowStride+x*ColumnStep+j] * Weights[((u*Pairs+j/2)*Columns+c)*2+j%2]
//					}
//				}
//				Out[(y*Width+x)*Stride+c] = sum >> Shift
//			}
//		}
//	}
//
// No sum may leave 32 bits. Height, Width, KernelRows and Pairs are at least 1, or nothing is done; Shift is 0..31.
// Positions are taken in ascending order; Columns is a multiple of ColumnBlock, and Stride may be less, by less than a
// block, so that the columns too many are overwritten by those of the next position: Out must hold the last ones.
type Currents struct {
	Codes      []int16
	Weights    []int16
	Out        []int32
	RowStride  int
	RowStep    int
	ColumnStep int
	KernelRows int
	Pairs      int
	Width      int
	Height     int
	Columns    int
	Stride     int
	Shift      int
	Round      int
}

// ColumnBlock is what the columns of Currents are filled up to.
const ColumnBlock = 16

// Run computes the currents.
func (k *Currents) Run() { k.run(active) }

func (k *Currents) run(l *level) {
	if k.KernelRows > 0 && k.Pairs > 0 && k.Width > 0 && k.Height > 0 {
		l.currents(k)
	}
}

// currentsGo is Currents.Run in plain Go.
func currentsGo(k *Currents) {
	for y := range k.Height {
		for x := range k.Width {
			out := k.Out[(y*k.Width+x)*k.Stride:][:k.Columns]
			for c := range out {
				out[c] = int32(k.Round)
			}
			for u := range k.KernelRows {
				codes := k.Codes[y*k.RowStep+u*k.RowStride+x*k.ColumnStep:]
				for j := range k.Pairs {
					a, b := int32(codes[2*j]), int32(codes[2*j+1])
					if a|b == 0 {
						continue
					}
					w := k.Weights[(u*k.Pairs+j)*k.Columns*2:][:2*len(out)]
					for c := range out {
						out[c] += a*int32(w[2*c]) + b*int32(w[2*c+1])
					}
				}
			}
			for c := range out {
				out[c] >>= k.Shift
			}
		}
	}
}
