//go:build !amd64 || noasm

package columns

// scalar runs f.
func scalar[T any](f func() T) T { return f() }
