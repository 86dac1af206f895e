package quantize

import (
	"testing"
)

// TestFormatOfSums: what one step may bring is limited by every variable that holds it and does not saturate, and a membrane
// that computes otherwise beyond its range is kept in it.
func TestFormatOfSums(t *testing.T) {
	for _, c := range []struct {
		id    string
		sum   int64
		exact bool
	}{
		{"loihi1", 2097151 >> 6, false}, {"loihi1-lava", 8388608 >> 6, false}, {"loihi1-nengo", 2097151 >> 6, false},
		{"spinnaker1", 32767, false}, {"spinnaker2", 1<<31 - 1, true}, {"generic8", 1<<31 - 1, false},
	} {
		f, err := FormatOf(load(t, c.id), 0)
		if err != nil || f.SumMax != c.sum || f.Exact != c.exact {
			t.Errorf("%s: sums up to %d, exact %t (%v), want %d, %t", c.id, f.SumMax, f.Exact, err, c.sum, c.exact)
		}
	}
}
