// Package simd says which vector instructions the program uses: the best that the processor has, unless the environment
// variable SPIKEC_SIMD names a lower level. Results never depend on it where integers are computed; packages that hold
// kernels choose among them once, at start, by Best.
package simd

import (
	"fmt"
	"os"
	"strings"
)

// Level is a set of instructions; a higher level includes the lower ones.
type Level int

const (
	Scalar Level = iota // plain Go
	AVX2                // AVX2, FMA, BMI1, BMI2, POPCNT
	AVX512              // AVX-512 F, BW, DQ, VL, VBMI, VBMI2, VNNI
)

// Variable is the environment variable that names a level.
const Variable = "SPIKEC_SIMD"

var names = [...]string{"scalar", "avx2", "avx512"}

// String returns the level's name, as Variable takes it.
func (l Level) String() string { return names[l] }

// best and bestError are what Best and Err return.
var best, bestError = choose(os.Getenv(Variable), available())

// Best returns the level in use.
func Best() Level { return best }

// Available returns the highest level that the processor and the build have.
func Available() Level { return available() }

// Err reports a value of Variable that names no level, or one that the processor does not have. Best is then the level
// that would be in use without it.
func Err() error { return bestError }

// choose returns the named level, or limit if there is no name.
func choose(name string, limit Level) (Level, error) {
	if name == "" {
		return limit, nil
	}
	for l, n := range names {
		if n != name {
			continue
		}
		if Level(l) > limit {
			return limit, fmt.Errorf("%s=%s: this program on this processor has %s at most", Variable, name, limit)
		}
		return Level(l), nil
	}
	return limit, fmt.Errorf("%s=%q: want one of %s", Variable, name, strings.Join(names[:], ", "))
}
