//go:build !amd64 || noasm

package columns

// Without kernels, the Go loops do everything.

func addVector(_, _, _ []int32) int                                         { return 0 }
func add3Vector(_, _, _, _ []int32) int                                     { return 0 }
func addProductVector(_, _, _, _ []int32) int                               { return 0 }
func mulVector(_, _, _ []int32) int                                         { return 0 }
func addGuardedVector(_, _, _, _, _ []int32, _ []uint64) int                { return 0 }
func scaleVector(_, _, _ []int32, _ uint, _ Rounding) int                   { return 0 }
func clampVector(_, _, _, _ []int32) (n, changed int)                       { return 0, 0 }
func addSaturatedVector(_, _, _ []int32) (n, changed int)                   { return 0, 0 }
func wrapVector(_ []int32, _ int) (n, changed int)                          { return 0, 0 }
func leakToZeroVector(_, _, _ []int32) int                                  { return 0 }
func aboveVector(_, _, _ []int32) int                                       { return 0 }
func notBelowVector(_, _, _ []int32) int                                    { return 0 }
func andNotVector(_, _ []int32) int                                         { return 0 }
func resetVector(_, _, _, _, _ []int32) int                                 { return 0 }
func packVector(_ []uint64, _ []int32) int                                  { return 0 }
func fireVector(_, _, _, _, _ []int32, _ []uint64, _ Rule) (n, changed int) { return 0, 0 }
func fireSignedVector(_, _, _, _, _, _ []int32, _, _ []uint64, _ Signed) (k, changed int) {
	return 0, 0
}
