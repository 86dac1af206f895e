//go:build amd64 && !noasm

package simd

import "golang.org/x/sys/cpu"

// available asks the processor.
func available() Level {
	x := &cpu.X86
	switch {
	case !(x.HasAVX2 && x.HasFMA && x.HasBMI1 && x.HasBMI2 && x.HasPOPCNT):
		return Scalar
	case !(x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasAVX512VBMI && x.HasAVX512VBMI2 && x.HasAVX512VNNI):
		return AVX2
	default:
		return AVX512
	}
}
