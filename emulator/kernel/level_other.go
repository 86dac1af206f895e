//go:build !amd64 || noasm

package kernel

// addLevels adds nothing: there are no kernels but those in Go.
func addLevels() {}
