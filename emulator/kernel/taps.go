package kernel

// Taps adds, for a stretch of positions and a block of steps, the weights of the channels that spike at the positions
// that are read: channel by channel, each with weights of its own.
//
//	for p := From; p < To; p++ {
//		for t := range Steps {
//			for c := range Channels {
//				sums[t*SumStride+(p-From)*Padded+c] = init[t*InitStride+(p-From)*Padded+c]
//			}
//			for _, tap := range Taps[First[p]:First[p+1]] {
//				for c := range Channels {
//					if bit 8*tap.Byte+tap.Shift+c of Spikes[t*SpikeStride:] {
//						sums[t*SumStride+(p-From)*Padded+c] += w[tap.Weight+c]
//					}
//				}
//			}
//		}
//	}
//
// Sums are lanes of 16 bits, exact modulo 2^16. Positions are taken in ascending order, each for all steps. Channels are
// filled up to whole blocks of TapBlock, whose weights must be zero: so much of Init is read and of the sums may be
// written at every position. What the lanes beyond Channels then hold is unspecified, but that they stay as they are
// where Init is Sums. SumStride leaves room for them behind a step's last position, and SpikeSlack words behind the
// spikes of the last step are read.
type Taps struct {
	Spikes      []uint64
	SpikeStride int // words a step
	Taps        []Tap
	First       []int32  // position → its first tap
	Channels    int      // at least 1
	Weights     []uint64 // four lanes a word
	Sums        []uint64 // four lanes a word
	SumStride   int      // lanes a step
	Padded      int      // lanes a position: a multiple of 4
	From, To    int
	Steps       int
	Init        []uint64 // what sums start with; may be Sums
	InitStride  int      // lanes a step
	// Any holds the bits that are 1 in any of the steps (Or), and SpikeSlack words more: what is silent is passed over.
	Any []uint64
}

// Tap reads a position: bit 8·Byte + Shift is that of its first channel, Shift is 0..7, and lane Weight of Weights, a
// multiple of 4, is its weight.
type Tap struct{ Byte, Shift, Weight int32 }

// NewTap returns the tap that reads from a bit on.
func NewTap(bit, weight int) Tap { return Tap{int32(bit / 8), int32(bit % 8), int32(weight)} }

// TapBlock is what the channels of a tap are filled up to.
const TapBlock = 32

// Run adds the weights.
func (x *Taps) Run() { x.run(active) }

func (x *Taps) run(l *level) {
	if x.Steps > 0 {
		l.taps(x)
	}
}

// tapsGo is Taps.Run in plain Go, on four channels at once.
func tapsGo(x *Taps) {
	for p := x.From; p < x.To; p++ {
		for t := range x.Steps {
			spikes := x.Spikes[t*x.SpikeStride:]
			sums := x.Sums[(t*x.SumStride+(p-x.From)*x.Padded)/4:]
			filled := (x.Channels + TapBlock - 1) / TapBlock * TapBlock
			copy(sums[:filled/4], x.Init[(t*x.InitStride+(p-x.From)*x.Padded)/4:])
			for _, tap := range x.Taps[x.First[p]:x.First[p+1]] {
				weights := x.Weights[tap.Weight/4:]
				for c := 0; c < x.Channels; c += 4 {
					at := int(8*tap.Byte+tap.Shift) + c
					b := spikes[at/64] >> (at % 64)
					if at%64 > 60 {
						b |= spikes[at/64+1] << (64 - at%64)
					}
					if b &= 15; b != 0 {
						sums[c/4] = addLanes(sums[c/4], weights[c/4]&spread[b])
					}
				}
			}
		}
	}
}

// spread holds, for four bits, four lanes that are all ones where the bit is 1.
var spread = func() (s [16]uint64) {
	for b := range s {
		for k := range 4 {
			if b>>k&1 != 0 {
				s[b] |= 0xffff << (16 * k)
			}
		}
	}
	return s
}()
