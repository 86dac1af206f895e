package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// fireFields are the offsets of the fields of Fire32 and FireReal.
type fireFields struct {
	v, sums, sumStride, spikes, spikeStride, steps, words int
	threshold                                             int
	low, high, shift                                      int // of Fire32 only
}

// Offsets of Fire32's fields.
const (
	fire32V           = 0
	fire32Threshold   = 24
	fire32Sums        = 48
	fire32SumStride   = 72
	fire32Spikes      = 80
	fire32SpikeStride = 104
	fire32Steps       = 112
	fire32Words       = 120
	fire32Low         = 128
	fire32High        = 132
	fire32Shift       = 136
)

// Offsets of FireReal's fields.
const (
	fireRealV           = 0
	fireRealSums        = 24
	fireRealSumStride   = 48
	fireRealSpikes      = 56
	fireRealSpikeStride = 80
	fireRealSteps       = 88
	fireRealWords       = 96
	fireRealThreshold   = 104
)

var (
	fire32Fields = fireFields{
		fire32V, fire32Sums, fire32SumStride, fire32Spikes, fire32SpikeStride, fire32Steps, fire32Words,
		fire32Threshold, fire32Low, fire32High, fire32Shift,
	}
	fireRealFields = fireFields{
		fireRealV, fireRealSums, fireRealSumStride, fireRealSpikes, fireRealSpikeStride, fireRealSteps, fireRealWords,
		fireRealThreshold, 0, 0, 0,
	}
)

// fire32 generates Fire32 or, for real numbers, FireReal, for a reset to zero or by subtraction. It takes 64 neurons at a
// time through all steps.
func fire32(l level, toZero, real bool) {
	name, o := "fire32", fire32Fields
	if real {
		name, o = "fireReal", fireRealFields
	}
	doc := name + "Go"
	name += l.name
	if toZero {
		name += "Zero"
	}
	f := begin(name, name+" is "+doc+".")
	v, x, spikes, left := load(f(o.v)), load(f(o.sums)), load(f(o.spikes)), load(f(o.words))
	sumStride, spikeStride := load(f(o.sumStride)), load(f(o.spikeStride))
	SHLQ(Imm(2), sumStride)
	SHLQ(Imm(3), spikeStride)
	n := neurons32{level: l, toZero: toZero, real: real}
	if real {
		n.thr = l.vec()
		VBROADCASTSS(f(o.threshold), n.thr)
	} else {
		n.thrP, n.low, n.high, n.shift = load(f(o.threshold)), l.vec(), l.vec(), XMM()
		VPBROADCASTD(f(o.low), n.low)
		VPBROADCASTD(f(o.high), n.high)
		VMOVQ(f(o.shift), n.shift)
	}

	Label("neurons")
	vs := vecs(256/l.bytes, l.vec)
	for k, y := range vs {
		move(l.bytes, Mem{Base: v, Disp: k * l.bytes}, y)
	}
	at, out, steps := GP64(), GP64(), load(f(o.steps))
	MOVQ(x, at)
	MOVQ(spikes, out)

	Label("step")
	for k, y := range vs {
		n.step(y, Mem{Base: at, Disp: k * l.bytes}, Mem{Base: out, Disp: k * l.bytes / 32}, k*l.bytes)
	}
	ADDQ(sumStride, at)
	ADDQ(spikeStride, out)
	DECQ(steps)
	JNZ(LabelRef("step"))

	for k, y := range vs {
		move(l.bytes, y, Mem{Base: v, Disp: k * l.bytes})
	}
	ADDQ(I32(256), v)
	ADDQ(I32(256), x)
	if !real {
		ADDQ(I32(256), n.thrP)
	}
	ADDQ(Imm(8), spikes)
	DECQ(left)
	JNZ(LabelRef("neurons"))
	VZEROUPPER()
	RET()
}

// neurons32 is what a step of a vector of neurons needs.
type neurons32 struct {
	level
	toZero, real     bool
	thr              reg.VecVirtual // of all neurons, real
	thrP             reg.GPVirtual  // of the first neuron, whole
	low, high, shift reg.VecVirtual
}

// step adds the sums at x to v, lets it fire and reset, and stores a bit a neuron at out. disp leads to the thresholds.
func (n neurons32) step(v reg.VecVirtual, x, out Mem, disp int) {
	var thr Op = n.thr
	if n.real {
		VADDPS(x, v, v)
	} else {
		y := n.vec()
		move(n.bytes, x, y)
		VPSLLD(n.shift, y, y)
		VPADDD(y, v, v)
		VPMAXSD(n.low, v, v)
		VPMINSD(n.high, v, v)
		thr = Mem{Base: n.thrP, Disp: disp}
	}
	if n.bytes == 64 {
		n.fire512(v, thr, out)
	} else {
		n.fire256(v, thr, out)
	}
}

// Predicates of comparisons: not less than, ordered or not; and greater or equal, ordered.
const (
	notLess        = 5
	greaterOrEqual = 13
)

// fire512 compares and resets with masks.
func (n neurons32) fire512(v reg.VecVirtual, thr Op, out Mem) {
	m := K()
	if n.real {
		VCMPPS(Imm(greaterOrEqual), thr, v, m)
	} else {
		VPCMPD(Imm(notLess), thr, v, m)
	}
	KMOVW(m, out)
	switch {
	case n.toZero:
		VPSUBD(v, v, m, v)
	case n.real:
		VSUBPS(thr, v, m, v)
	default:
		VPSUBD(thr, v, m, v)
	}
}

// fire256 compares and resets with vectors of ones and zeros.
func (n neurons32) fire256(v reg.VecVirtual, thr Op, out Mem) {
	m, b := YMM(), GP32()
	if n.real {
		VCMPPS(Imm(greaterOrEqual), thr, v, m)
		VMOVMSKPS(m, b)
		MOVB(b.As8(), out)
		if n.toZero {
			VPANDN(v, m, v)
		} else {
			VPAND(thr, m, m)
			VSUBPS(m, v, v)
		}
		return
	}
	t := YMM()
	VMOVDQU(thr, t)
	VPCMPGTD(v, t, m)
	VMOVMSKPS(m, b)
	NOTL(b)
	MOVB(b.As8(), out)
	if n.toZero {
		VPAND(m, v, v)
	} else {
		VPANDN(t, m, m)
		VPSUBD(m, v, v)
	}
}
