//go:build !amd64 || noasm

package elementwise

// scalar runs f.
func scalar(f func()) { f() }
