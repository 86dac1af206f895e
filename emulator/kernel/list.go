package kernel

// List turns spikes into lists of events, for a block of steps. Pieces are runs of bits; they belong to positions, which
// are what a list is taken apart by later on.
//
//	for t := range Steps {
//		n := 0
//		for q := range Positions {
//			Ranks[t*RankStride+q] = n
//			for _, p := range Pieces[First[q]:First[q+1]] {
//				for c := range Channels {
//					if bit p.Bit+c of Spikes[t*SpikeStride:] {
//						Entries[t*EntryStride+n] = uint16(p.Base + c*Scale)
//						n++
//					}
//				}
//			}
//		}
//		Ranks[t*RankStride+Positions] = n
//	}
//
// Up to EntrySlack entries behind a step's last one may be overwritten, and SpikeSlack words behind its last spike are
// read: the slices must hold them. Entries are modulo 2^16.
type List struct {
	Spikes      []uint64 // bit n mod 64 of word n/64 is bit n
	SpikeStride int      // words a step
	Pieces      []Piece
	First       []int32 // position → its first piece; Positions + 1 numbers
	Channels    int     // bits of a piece
	Entries     []uint16
	EntryStride int
	Ranks       []int32 // positions + 1 a step
	RankStride  int
	Steps       int
	Positions   int
	Scale       int // from the entry of one bit of a piece to that of the next
	// Joined says that piece q is that of position q and that bits and bases continue those of the piece before, from 0
	// on: lists are then made without regard to pieces. Prefix is room for one number more than a step has words.
	Joined bool
	Prefix []int32
}

// Piece is a run of bits and the entry of its first one.
type Piece struct {
	Bit  int32
	Base uint32
}

// EntrySlack and SpikeSlack are how far behind the end List writes and reads.
const (
	EntrySlack = 64
	SpikeSlack = 1
)

// Run lists the events.
func (l *List) Run() { l.run(active) }

func (l *List) run(k *level) {
	if l.Joined {
		k.joined(l)
	} else {
		k.list(l)
	}
}

// joinedGo is List.Run in plain Go where pieces are joined.
func joinedGo(l *List) {
	for t := range l.Steps {
		spikes := l.Spikes[t*l.SpikeStride:]
		entries, ranks := l.Entries[t*l.EntryStride:], l.Ranks[t*l.RankStride:]
		n, bits := 0, l.Positions*l.Channels
		for at := 0; at < bits; at += spikeBits {
			l.Prefix[at/spikeBits] = int32(n)
			n = listPiece(entries, n, spikes, Piece{int32(at), uint32(at * l.Scale)}, min(spikeBits, bits-at), uint32(l.Scale))
		}
		l.Prefix[(bits+spikeBits-1)/spikeBits] = int32(n)
		for q := range l.Positions + 1 {
			at := q * l.Channels
			below := spikes[at/spikeBits] & (1<<(at%spikeBits) - 1)
			ranks[q] = l.Prefix[at/spikeBits] + int32(onesGo([]uint64{below}))
		}
	}
}

// spikeBits is how many spikes a word holds.
const spikeBits = 64

// listGo is List.Run in plain Go.
func listGo(l *List) {
	for t := range l.Steps {
		spikes := l.Spikes[t*l.SpikeStride:]
		entries, ranks := l.Entries[t*l.EntryStride:], l.Ranks[t*l.RankStride:]
		n := 0
		for q := range l.Positions {
			ranks[q] = int32(n)
			for _, p := range l.Pieces[l.First[q]:l.First[q+1]] {
				n = listPiece(entries, n, spikes, p, l.Channels, uint32(l.Scale))
			}
		}
		ranks[l.Positions] = int32(n)
	}
}

// listPiece appends the events of a piece to the n entries before.
func listPiece(entries []uint16, n int, spikes []uint64, p Piece, channels int, scale uint32) int {
	for c := 0; c < channels; c += 32 {
		at := int(p.Bit) + c
		w := spikes[at/64] >> (at % 64)
		if at%64 > 32 {
			w |= spikes[at/64+1] << (64 - at%64)
		}
		w &= 1<<min(32, channels-c) - 1
		for base := p.Base + uint32(c)*scale; w != 0; w &= w - 1 {
			entries[n] = uint16(base + uint32(trailingZeros(w))*scale)
			n++
		}
	}
	return n
}
