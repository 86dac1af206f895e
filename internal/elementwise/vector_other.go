//go:build !amd64 || noasm

package elementwise

// Without kernels, the Go loops do everything.

func addVector(_, _, _ []float64) int           { return 0 }
func subVector(_, _, _ []float64) int           { return 0 }
func mulVector(_, _, _ []float64) int           { return 0 }
func divVector(_, _, _ []float64) int           { return 0 }
func greaterVector(_, _, _ []float64) int       { return 0 }
func atLeastVector(_, _, _ []float64) int       { return 0 }
func nonzeroVector(_ []uint64, _ []float64) int { return 0 }
