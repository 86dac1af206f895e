package simd

import "testing"

// TestChoose names every level under every limit.
func TestChoose(t *testing.T) {
	for _, c := range []struct {
		name  string
		limit Level
		want  Level
		err   string
	}{
		{"", AVX512, AVX512, ""},
		{"", Scalar, Scalar, ""},
		{"scalar", AVX512, Scalar, ""},
		{"avx2", AVX512, AVX2, ""},
		{"avx2", AVX2, AVX2, ""},
		{"avx512", AVX2, AVX2, "SPIKEC_SIMD=avx512: this program on this processor has avx2 at most"},
		{"sse", AVX2, AVX2, `SPIKEC_SIMD="sse": want one of scalar, avx2, avx512`},
	} {
		got, err := choose(c.name, c.limit)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if got != c.want || text != c.err {
			t.Errorf("choose(%q, %v) = %v, %q; want %v, %q", c.name, c.limit, got, text, c.want, c.err)
		}
	}
}
