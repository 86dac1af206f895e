//go:build !amd64 || noasm

package gemm

import "spikec/internal/simd"

// of returns the kernels of a level: there are none but those in Go.
func of(simd.Level) set { return plainSet() }
