package divisor

import "testing"

// TestByDefinition compares with all numbers that divide, or are divided by, both.
func TestByDefinition(t *testing.T) {
	for a := 1; a <= 40; a++ {
		for b := 1; b <= 40; b++ {
			greatest, least := 1, a*b
			for k := 1; k <= a*b; k++ {
				if a%k == 0 && b%k == 0 {
					greatest = k
				}
				if k%a == 0 && k%b == 0 {
					least = min(least, k)
				}
			}
			if g, m := Greatest(a, b), Multiple(a, b); g != greatest || m != least {
				t.Errorf("%d and %d: %d and %d, want %d and %d", a, b, g, m, greatest, least)
			}
		}
		if Greatest(a, 0) != a || Greatest(0, a) != a {
			t.Errorf("of %d and 0", a)
		}
	}
}
