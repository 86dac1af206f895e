//go:build !amd64 || noasm

package simd

// available: there are no kernels but those in Go.
func available() Level { return Scalar }
