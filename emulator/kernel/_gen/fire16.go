package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of Fire16's fields.
const (
	fire16V           = 0
	fire16Threshold   = 24
	fire16Subtract    = 48
	fire16Sums        = 72
	fire16SumStride   = 96
	fire16Spikes      = 104
	fire16SpikeStride = 128
	fire16Steps       = 136
	fire16Words       = 144
	fire16Saturated   = 152
	fire16Wide        = 168
)

// fire16 generates Fire16 for a reset to zero or by subtraction and sums of 32 or 16 bits. It takes 64 neurons at a time
// through all steps, with AVX-512 128, so that there are enough vectors at work to hide how long each takes; with AVX2,
// thresholds stay in memory, for want of registers. With AVX-512, Words is even.
func fire16(l level, toZero, wide bool) {
	name, sums, sum := "fire16", fire16Sums, 2
	if wide {
		name, sums, sum = "fire16Wide", fire16Wide, 4
	}
	name += l.name
	if toZero {
		name += "Zero"
	}
	f := begin(name, name+" is fire16Go.")
	v, thr, sub := load(f(fire16V)), load(f(fire16Threshold)), load(f(fire16Subtract))
	x, spikes, left := load(f(sums)), load(f(fire16Spikes)), load(f(fire16Words))
	sumStride, spikeStride := load(f(fire16SumStride)), load(f(fire16SpikeStride))
	SHLQ(log2(sum), sumStride)
	SHLQ(Imm(3), spikeStride)
	words := l.bytes / 32 // at once
	if words > 1 {
		SHRQ(log2(words), left)
	} else {
		TESTQ(left, left)
	}
	JE(LabelRef("done"))
	b := block16{level: l, toZero: toZero, wide: wide, thr: thr, sub: sub}
	if l.bytes == 64 {
		b.one = l.ones()
	}

	Label("neurons")
	b.equal = vecs(2, l.vec)
	zero(b.equal...)
	for k := range 4 {
		y := l.vec()
		move(l.bytes, Mem{Base: v, Disp: k * l.bytes}, y)
		b.vs = append(b.vs, y)
	}
	at, out, steps := GP64(), GP64(), load(f(fire16Steps))
	MOVQ(x, at)
	MOVQ(spikes, out)

	Label("step")
	b.step(at, out)
	ADDQ(sumStride, at)
	ADDQ(spikeStride, out)
	DECQ(steps)
	JNZ(LabelRef("step"))

	for k, y := range b.vs {
		move(l.bytes, y, Mem{Base: v, Disp: k * l.bytes})
	}
	if b.one == nil {
		b.one = l.ones()
	}
	l.addSaturated(f, b.equal, b.one)
	for _, p := range []reg.GPVirtual{v, thr, sub} {
		ADDQ(I32(128*words), p)
	}
	ADDQ(I32(64*sum*words), x)
	ADDQ(Imm(uint64(8*words)), spikes)
	DECQ(left)
	JNZ(LabelRef("neurons"))
	Label("done")
	VZEROUPPER()
	RET()
}

// block16 is the neurons that are taken through all steps together.
type block16 struct {
	level
	toZero, wide bool
	thr, sub     reg.GPVirtual    // of the first neuron
	vs, equal    []reg.VecVirtual // their membranes; how often lanes did not saturate
	one          reg.VecVirtual   // ones; with AVX2, there is no register for them until the last step is done
}

// step takes the neurons through a step, whose sums are at at and whose spikes are stored at out.
func (b block16) step(at, out reg.GPVirtual) {
	var fired []reg.VecVirtual
	for k, v := range b.vs {
		y := b.vec()
		if b.wide {
			b.integrate32(at, k, v, y, b.equal[k%2], b.one)
		} else {
			b.integrate16(at, k, v, y, b.equal[k%2], b.one)
		}
		t, u := Mem{Base: b.thr, Disp: k * b.bytes}, Mem{Base: b.sub, Disp: k * b.bytes}
		if b.bytes == 64 {
			reset512(y, v, t, u, Mem{Base: out, Disp: 4 * k}, b.toZero)
		} else if fired = append(fired, reset256(y, v, t, u, b.toZero)); len(fired) == 2 {
			storeFired(fired, Mem{Base: out, Disp: 4 * (k / 2)})
			fired = nil
		}
	}
}

// reset512 makes v the sum y, less what is at u or zero where y is above what is at t, and stores a bit a lane for that.
func reset512(y, v reg.VecVirtual, t, u, out Mem, toZero bool) {
	m, r := K(), ZMM()
	VMOVDQU64(t, r)
	VPCMPGTW(r, y, m)
	KMOVD(m, out)
	VMOVDQA64(y, v)
	if toZero {
		VPSUBW(v, v, m, v)
	} else {
		VPSUBW(u, y, m, v)
	}
}

// reset256 is reset512 for shorter vectors; the lanes above what is at t are returned.
func reset256(y, v reg.VecVirtual, t, u Mem, toZero bool) reg.VecVirtual {
	m := YMM()
	VPCMPGTW(t, y, m)
	if toZero {
		VPANDN(y, m, v)
	} else {
		s := YMM()
		VPAND(u, m, s)
		VPSUBW(s, y, v)
	}
	return m
}

// storeFired stores a bit for each lane of two vectors.
func storeFired(fired []reg.VecVirtual, out Mem) {
	b := GP32()
	VPACKSSWB(fired[1], fired[0], fired[0])
	VPERMQ(Imm(0xd8), fired[0], fired[0])
	VPMOVMSKB(fired[0], b)
	MOVL(b, out)
}

// ones returns a vector of ones.
func (l level) ones() reg.VecVirtual {
	one, t := l.vec(), GP64()
	MOVQ(U32(1), t)
	broadcast16(t, one)
	return one
}

// integrate16 makes y the saturated sum of v and vector k of the sums at at, and counts in equal the lanes that
// saturation did not change.
func (l level) integrate16(at reg.GPVirtual, k int, v, y, equal, one reg.VecVirtual) {
	m, z := Mem{Base: at, Disp: k * l.bytes}, l.vec()
	VPADDW(m, v, z)
	VPADDSW(m, v, y)
	if l.bytes == 64 {
		same := K()
		VPCMPEQW(z, y, same)
		VPADDW(one, equal, same, equal)
		return
	}
	VPCMPEQW(z, y, z)
	VPSUBW(z, equal, equal)
}

// integrate32 is integrate16 for sums of 32 bits.
func (l level) integrate32(at reg.GPVirtual, k int, v, y, equal, one reg.VecVirtual) {
	w := vecs(2, l.vec)
	l.widen(v, w)
	for h := range w {
		VPADDD(Mem{Base: at, Disp: (2*k + h) * l.bytes}, w[h], w[h])
	}
	if l.bytes == 64 { // narrow with saturation, in order
		VPMOVSDW(w[0], y.AsY())
		hi := ZMM()
		VPMOVSDW(w[1], hi.AsY())
		VINSERTI64X4(Imm(1), hi.AsY(), y, y)
		again := vecs(2, l.vec)
		l.widen(y, again)
		a, b := K(), K()
		VPCMPEQD(w[0], again[0], a)
		VPCMPEQD(w[1], again[1], b)
		KUNPCKWD(a, b, a)
		VPADDW(one, equal, a, equal)
		return
	}
	VPACKSSDW(w[1], w[0], y)
	VPERMQ(Imm(0xd8), y, y)
	again := vecs(2, l.vec)
	l.widen(y, again)
	VPCMPEQD(w[0], again[0], w[0])
	VPCMPEQD(w[1], again[1], w[1])
	VPACKSSDW(w[1], w[0], w[0])
	VPSUBW(w[0], equal, equal)
}

// widen extends the lanes of v to 32 bits, in two vectors.
func (l level) widen(v reg.VecVirtual, w []reg.VecVirtual) {
	if l.bytes == 64 {
		VPMOVSXWD(v.AsY(), w[0])
		VEXTRACTI64X4(Imm(1), v, w[1].AsY())
		VPMOVSXWD(w[1].AsY(), w[1])
		return
	}
	VPMOVSXWD(v.AsX(), w[0])
	VEXTRACTI128(Imm(1), v, w[1].AsX())
	VPMOVSXWD(w[1].AsX(), w[1])
}

// addSaturated adds to the field Saturated how many of the lanes of all steps are not in equal.
func (l level) addSaturated(f func(int) Mem, equal []reg.VecVirtual, one reg.VecVirtual) {
	for _, e := range equal {
		VPMADDWD(one, e, e)
	}
	sum := equal[0]
	VPADDD(equal[1], sum, sum)
	if l.bytes == 64 {
		y := YMM()
		VEXTRACTI64X4(Imm(1), sum, y)
		VPADDD(y, sum.AsY(), sum.AsY())
	}
	x, t := XMM(), XMM()
	VEXTRACTI128(Imm(1), sum.AsY(), x)
	VPADDD(sum.AsX(), x, x)
	for _, order := range []uint64{0x4e, 0xb1} {
		VPSHUFD(Imm(order), x, t)
		VPADDD(t, x, x)
	}
	n, all := GP64(), load(f(fire16Steps))
	VMOVD(x, n.As32())
	SHLQ(log2(2*l.bytes), all)
	SUBQ(n, all)
	ADDQ(all, f(fire16Saturated))
}
