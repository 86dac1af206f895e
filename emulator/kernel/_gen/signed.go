package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// signedFields are the offsets of the fields of Signed32 and SignedReal.
type signedFields struct {
	v, count, sums, sumStride, spikes, negative, spikeStride, steps, words, threshold int
	low, high, most, shift                                                            int // of Signed32 only
}

// Offsets of Signed32's fields.
const (
	signed32V           = 0
	signed32Threshold   = 24
	signed32Count       = 48
	signed32Sums        = 72
	signed32SumStride   = 96
	signed32Spikes      = 104
	signed32Negative    = 128
	signed32SpikeStride = 152
	signed32Steps       = 160
	signed32Words       = 168
	signed32Low         = 176
	signed32High        = 180
	signed32Most        = 184
	signed32Shift       = 192
)

// Offsets of SignedReal's fields.
const (
	signedRealV           = 0
	signedRealCount       = 24
	signedRealSums        = 48
	signedRealSumStride   = 72
	signedRealSpikes      = 80
	signedRealNegative    = 104
	signedRealSpikeStride = 128
	signedRealSteps       = 136
	signedRealWords       = 144
	signedRealThreshold   = 152
)

var (
	signed32Fields = signedFields{
		signed32V, signed32Count, signed32Sums, signed32SumStride, signed32Spikes, signed32Negative, signed32SpikeStride,
		signed32Steps, signed32Words, signed32Threshold, signed32Low, signed32High, signed32Most, signed32Shift,
	}
	signedRealFields = signedFields{
		signedRealV, signedRealCount, signedRealSums, signedRealSumStride, signedRealSpikes, signedRealNegative, signedRealSpikeStride,
		signedRealSteps, signedRealWords, signedRealThreshold, 0, 0, 0, 0,
	}
)

// signed generates Signed32 or, for real numbers, SignedReal. It takes eight neurons at a time through all steps: their
// spikes are a byte of each step.
func signed(real bool) {
	name, o := "signed32", signed32Fields
	if real {
		name, o = "signedReal", signedRealFields
	}
	f := begin(name+"AVX2", name+"AVX2 is "+name+"Go.")
	v, count, x := load(f(o.v)), load(f(o.count)), load(f(o.sums))
	spikes, negative, left := load(f(o.spikes)), load(f(o.negative)), load(f(o.words))
	sumStride, spikeStride := load(f(o.sumStride)), load(f(o.spikeStride))
	SHLQ(Imm(2), sumStride)
	SHLQ(Imm(3), spikeStride)
	SHLQ(Imm(3), left)
	n := signedNeurons{real: real, v: YMM(), count: YMM(), thr: YMM(), none: YMM()}
	zero(n.none)
	var thr reg.GPVirtual
	if real {
		VBROADCASTSS(f(o.threshold), n.thr)
	} else {
		thr, n.low, n.high, n.most, n.ones, n.shift = load(f(o.threshold)), YMM(), YMM(), YMM(), YMM(), XMM()
		VPBROADCASTD(f(o.low), n.low)
		VPBROADCASTD(f(o.high), n.high)
		VPBROADCASTD(f(o.most), n.most)
		VPCMPEQD(n.ones, n.ones, n.ones)
		VMOVQ(f(o.shift), n.shift)
	}

	Label("neurons")
	VMOVDQU(Mem{Base: v}, n.v)
	VMOVDQU(Mem{Base: count}, n.count)
	if !real {
		VMOVDQU(Mem{Base: thr}, n.thr)
	}
	at, up, down, steps := GP64(), GP64(), GP64(), load(f(o.steps))
	MOVQ(x, at)
	MOVQ(spikes, up)
	MOVQ(negative, down)

	Label("step")
	n.step(Mem{Base: at}, Mem{Base: up}, Mem{Base: down})
	ADDQ(sumStride, at)
	ADDQ(spikeStride, up)
	ADDQ(spikeStride, down)
	DECQ(steps)
	JNZ(LabelRef("step"))

	VMOVDQU(n.v, Mem{Base: v})
	VMOVDQU(n.count, Mem{Base: count})
	for _, p := range []reg.GPVirtual{v, count, x, thr} {
		if p != nil {
			ADDQ(Imm(32), p)
		}
	}
	INCQ(spikes)
	INCQ(negative)
	DECQ(left)
	JNZ(LabelRef("neurons"))
	VZEROUPPER()
	RET()
}

// signedNeurons are eight neurons in registers.
type signedNeurons struct {
	real                   bool
	v, count, thr          reg.VecVirtual
	none, ones             reg.VecVirtual // zeros, and all bits
	low, high, most, shift reg.VecVirtual
}

// less is the predicate of a comparison: less than, ordered.
const less = 17

// step adds the sums at x to the membranes, lets the neurons fire or take back, and stores a bit a neuron at up and down.
func (n signedNeurons) step(x, up, down Mem) {
	fired, lower, positive := YMM(), YMM(), YMM()
	if n.real {
		VADDPS(x, n.v, n.v)
		VCMPPS(Imm(greaterOrEqual), n.thr, n.v, fired)
		VCMPPS(Imm(less), n.none, n.v, lower)
	} else {
		y := YMM()
		VMOVDQU(x, y)
		VPSLLD(n.shift, y, y)
		VPADDD(y, n.v, n.v)
		VPMAXSD(n.low, n.v, n.v)
		VPMINSD(n.high, n.v, n.v)
		VPCMPGTD(n.v, n.thr, fired)
		VPXOR(n.ones, fired, fired)
		VPCMPGTD(n.v, n.none, lower)
	}
	VPCMPGTD(n.none, n.count, positive)
	VPAND(positive, lower, lower)
	VPANDN(lower, fired, lower)
	VPSUBD(fired, n.count, n.count)
	VPADDD(lower, n.count, n.count)
	signBits(fired, up)
	signBits(lower, down)
	VPAND(n.thr, fired, fired)
	VPAND(n.thr, lower, lower)
	if n.real {
		VSUBPS(fired, n.v, n.v)
		VADDPS(lower, n.v, n.v)
		return
	}
	VPMINSD(n.most, n.count, n.count)
	VPSUBD(fired, n.v, n.v)
	VPADDD(lower, n.v, n.v)
}

// signBits stores the sign bits of eight numbers in a byte.
func signBits(x reg.VecVirtual, to Mem) {
	b := GP32()
	VMOVMSKPS(x, b)
	MOVB(b.As8(), to)
}
