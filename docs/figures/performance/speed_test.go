package main

import (
	"strings"
	"testing"

	"spikec/internal/simd"
)

// TestRatios checks the ratios by hand: an engine of 20 µs where the anchor's takes 10, and its scalar one 100.
func TestRatios(t *testing.T) {
	all := []*competitor{
		{program: "anchor", engine: "scalar-dense", level: simd.Scalar, images: 32, seconds: []float64{100e-6, 101e-6, 120e-6}},
		{program: "spikec", engine: "fast", level: simd.Scalar, images: 32, seconds: []float64{80e-6}},
		{program: "anchor", engine: "avx2-gather8", level: simd.AVX2, images: 32, seconds: []float64{12e-6, 10e-6, 11e-6}},
		{program: "spikec", engine: "fast", level: simd.AVX2, images: 32, seconds: []float64{20e-6, 30e-6, 25e-6}},
	}
	var b strings.Builder
	speedTable(&b, all)
	ratioTable(&b, all, []simd.Level{simd.Scalar, simd.AVX2}, 32)
	for _, line := range []string{
		"| scalar | spikec | fast | 32 | 12500 | 80 | 80 | 0.80 |",
		"| avx2 | anchor | avx2-gather8 | 32 | 100000 | 10 | 11 | 1.00 |",
		"| avx2 | spikec | fast | 32 | 50000 | 20 | 25 * | 2.00 |",
		"| the anchor's best engine of the same instructions | 1.25 | 0.5 |",
		"| the anchor's best AVX2 engine (avx2-gather8) | 0.125 | 0.5 |",
		"| the definition in C (scalar-dense) | 1.25 | 5 |",
		"| itself without vectors (SPIKEC_SIMD=scalar) | 1 | 4 |",
		"| plain PyTorch loop, measured elsewhere (311 images/s where the anchor's AVX2 engine did 7675) | 3.08 | 12.3 |",
	} {
		if !strings.Contains(b.String(), line+"\n") {
			t.Errorf("missing: %s\n%s", line, b.String())
		}
	}
}

// TestBest checks which engines a level is compared with: the anchor's may be of a lower level.
func TestBest(t *testing.T) {
	low := &competitor{program: "anchor", level: simd.AVX2, seconds: []float64{1}}
	high := &competitor{program: "anchor", level: simd.AVX512, seconds: []float64{2}}
	mine := &competitor{program: "spikec", level: simd.AVX2, seconds: []float64{3}}
	all := []*competitor{low, high, mine}
	if best(all, "anchor", simd.AVX512) != low || best(all, "spikec", simd.AVX2) != mine || best(all, "spikec", simd.AVX512) != nil || best(all, "anchor", simd.Scalar) != nil {
		t.Error("the best engine of a level is not the one that it should be")
	}
}
