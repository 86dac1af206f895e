// Package divisor has common divisors and multiples of whole numbers.
package divisor

// Greatest returns the greatest common divisor of a and b (Euclid), neither below 0: of a and 0 it is a.
func Greatest(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Multiple returns the least common multiple of a and b, both above 0; it is not guarded against overflow.
func Multiple(a, b int) int { return a / Greatest(a, b) * b }
