package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of List's fields.
const (
	listSpikes      = 0
	listSpikeStride = 24
	listPieces      = 32
	listFirst       = 56
	listChannels    = 80
	listEntries     = 88
	listEntryStride = 112
	listRanks       = 120
	listRankStride  = 144
	listSteps       = 152
	listPositions   = 160
	listScale       = 168
	listPrefix      = 184
	pieceBytes      = 8
)

// listing is what the lists of a step are made with.
type listing struct {
	level
	f               func(int) Mem
	spikes, entries reg.GPVirtual // of the step
	ranks           Mem           // where the step's are
	expand          func(w, entry, entries, n reg.GPVirtual)
}

// eachListing generates a kernel of List: the loop over steps, of which body makes the lists.
func (l level) eachListing(name string, body func(s listing)) {
	s := listing{level: l, f: begin(name+l.name, name+l.name+" is "+name+"Go.")}
	s.spikes, s.entries = load(s.f(listSpikes)), load(s.f(listEntries))
	s.expand = l.expander(name, s.f)
	left := AllocLocal(8)
	s.ranks = AllocLocal(8)
	r := load(s.f(listSteps))
	MOVQ(r, left)
	r = load(s.f(listRanks))
	MOVQ(r, s.ranks)

	Label("step")
	CMPQ(left, Imm(0))
	JLE(LabelRef("done"))
	body(s)
	by := load(s.f(listSpikeStride))
	LEAQ(Mem{Base: s.spikes, Index: by, Scale: 8}, s.spikes)
	by = load(s.f(listEntryStride))
	LEAQ(Mem{Base: s.entries, Index: by, Scale: 2}, s.entries)
	by = load(s.f(listRankStride))
	SHLQ(Imm(2), by)
	ADDQ(by, s.ranks)
	DECQ(left)
	JMP(LabelRef("step"))
	Label("done")
	VZEROUPPER()
	RET()
}

// list generates List.
func list(l level) {
	l.eachListing("list", func(s listing) {
		q, n := GP64(), GP64()
		XORQ(q, q)
		XORQ(n, n)
		Label("position")
		r := load(s.ranks)
		MOVL(n.As32(), Mem{Base: r, Index: q, Scale: 4})
		CMPQ(q, s.f(listPositions))
		JGE(LabelRef("next"))
		piece, end, first := GP64(), GP64(), load(s.f(listFirst))
		MOVLQSX(Mem{Base: first, Index: q, Scale: 4}, piece)
		MOVLQSX(Mem{Base: first, Index: q, Scale: 4, Disp: 4}, end)
		INCQ(q)
		base := load(s.f(listPieces))
		LEAQ(Mem{Base: base, Index: piece, Scale: pieceBytes}, piece)
		LEAQ(Mem{Base: base, Index: end, Scale: pieceBytes}, end)

		Label("piece")
		CMPQ(piece, end)
		JGE(LabelRef("position"))
		s.piece(piece, n)
		JMP(LabelRef("piece"))
		Label("next")
	})
}

// piece appends the events of a piece to the n entries before, as many bits at once as a vector has lanes, and moves on to
// the next piece.
func (s listing) piece(piece, n reg.GPVirtual) {
	bit, entry, rest := GP64(), GP64(), GP64()
	MOVLQSX(Mem{Base: piece}, bit)
	MOVL(Mem{Base: piece, Disp: 4}, entry.As32())
	ADDQ(Imm(pieceBytes), piece)
	MOVQ(s.f(listChannels), rest)

	Label("bits")
	w, at := GP64(), GP64()
	MOVQ(bit, at)
	SHRQ(Imm(3), at)
	MOVQ(Mem{Base: s.spikes, Index: at, Scale: 1}, w)
	MOVQ(bit, at)
	ANDQ(Imm(7), at)
	SHRXQ(at, w, w)
	some := GP64()
	MOVQ(U32(uint32(s.bytes/2)), some)
	CMPQ(rest, some)
	CMOVQLT(rest, some)
	BZHIQ(some, w, w)
	s.expand(w, entry, s.entries, n)
	ADDQ(Imm(uint64(s.bytes/2)), bit)
	by := load(s.f(listScale))
	SHLQ(log2(s.bytes/2), by)
	ADDQ(by, entry)
	SUBQ(Imm(uint64(s.bytes/2)), rest)
	JG(LabelRef("bits"))
}

// joined generates List for joined pieces: whole words become lists, and the ranks of positions are counted behind.
func joined(l level) {
	l.eachListing("joined", func(s listing) {
		s.words()
		s.positions()
	})
}

// words lists a step's words of spikes, and notes in Prefix how many entries there are before each.
func (s listing) words() {
	word, n, prefix, entry, rest := GP64(), GP64(), load(s.f(listPrefix)), GP64(), load(s.f(listPositions))
	XORQ(n, n)
	XORQ(entry, entry)
	MOVQ(s.spikes, word)
	IMULQ(s.f(listChannels), rest)

	Label("word")
	MOVL(n.As32(), Mem{Base: prefix})
	ADDQ(Imm(4), prefix)
	TESTQ(rest, rest)
	JLE(LabelRef("rank"))
	by := load(s.f(listScale))
	SHLQ(log2(s.bytes/2), by)
	for part := range 128 / s.bytes {
		w := GP64()
		if s.bytes == 64 {
			MOVL(Mem{Base: word, Disp: 4 * part}, w.As32())
		} else {
			MOVWQZX(Mem{Base: word, Disp: 2 * part}, w)
		}
		s.expand(w, entry, s.entries, n)
		ADDQ(by, entry)
	}
	ADDQ(Imm(8), word)
	SUBQ(Imm(64), rest)
	JMP(LabelRef("word"))
	Label("rank")
}

// positions stores the ranks of a step's positions: the entries before their word and the spikes before them in it.
func (s listing) positions() {
	q, rank, bit := load(s.f(listPositions)), load(s.ranks), GP64()
	XORQ(bit, bit)
	prefix := load(s.f(listPrefix))
	Label("position")
	at, below := GP64(), GP64()
	MOVQ(bit, at)
	SHRQ(Imm(6), at)
	MOVQ(bit, below)
	ANDQ(Imm(63), below)
	BZHIQ(below, Mem{Base: s.spikes, Index: at, Scale: 8}, below)
	POPCNTQ(below, below)
	ADDL(Mem{Base: prefix, Index: at, Scale: 4}, below.As32())
	MOVL(below.As32(), Mem{Base: rank})
	ADDQ(Imm(4), rank)
	ADDQ(s.f(listChannels), bit)
	DECQ(q)
	JGE(LabelRef("position"))
}

// expander returns what appends the numbers of the bits of w, as many as a vector has lanes of 16 bits, counted from
// entry, to the n entries before.
func (l level) expander(name string, f func(int) Mem) func(w, entry, entries, n reg.GPVirtual) {
	if l.bytes == 64 {
		lane := ZMM()
		VPBROADCASTW(f(listScale), lane)
		VPMULLW(iota16(name), lane, lane)
		return func(w, entry, entries, n reg.GPVirtual) {
			k, base := K(), ZMM()
			KMOVD(w.As32(), k)
			VPBROADCASTW(entry.As32(), base)
			VPADDW(lane, base, base)
			VPCOMPRESSW_Z(base, k, base)
			VMOVDQU64(base, Mem{Base: entries, Index: n, Scale: 2})
			POPCNTQ(w, w)
			ADDQ(w, n)
		}
	}
	table, scale := GP64(), XMM()
	VPBROADCASTW(f(listScale), scale)
	LEAQ(bitsOfByte(name), table)
	return func(w, entry, entries, n reg.GPVirtual) {
		base, eight := XMM(), XMM()
		VMOVD(entry.As32(), base)
		VPBROADCASTW(base, base)
		VPSLLW(Imm(3), scale, eight)
		for part := range 2 {
			b, x := GP64(), XMM()
			MOVBQZX(w.As8(), b)
			VPMOVZXBW(Mem{Base: table, Index: b, Scale: 8}, x)
			VPMULLW(scale, x, x)
			VPADDW(base, x, x)
			VMOVDQU(x, Mem{Base: entries, Index: n, Scale: 2})
			POPCNTQ(b, b)
			ADDQ(b, n)
			if part < 1 {
				SHRQ(Imm(8), w)
				VPADDW(eight, base, base)
			}
		}
	}
}

// iota16 holds 0..31 in lanes of 16 bits.
func iota16(name string) Mem {
	m := GLOBL(name+"Lanes", RODATA|NOPTR)
	for k := range 32 {
		DATA(2*k, U16(k))
	}
	return m
}

// bitsOfByte holds, for every byte, the numbers of its bits that are 1, a byte each.
func bitsOfByte(name string) Mem {
	m := GLOBL(name+"Bits", RODATA|NOPTR)
	for b := range 256 {
		var w uint64
		n := 0
		for k := range 8 {
			if b>>k&1 != 0 {
				w |= uint64(k) << (8 * n)
				n++
			}
		}
		DATA(8*b, U64(w))
	}
	return m
}
