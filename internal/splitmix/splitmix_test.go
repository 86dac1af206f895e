package splitmix

import "testing"

// TestScramble compares the first outputs for a seed with those that users of the reference implementation quote.
func TestScramble(t *testing.T) {
	z := uint64(1234567)
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		z += Weyl
		if got := Scramble(z); got != want {
			t.Errorf("output %d is %d, want %d", i, got, want)
		}
	}
}
