//go:build amd64 && !noasm

package columns

// scalar runs f without kernels.
func scalar[T any](f func() T) T {
	defer func(v bool) { vector = v }(vector)
	vector = false
	return f()
}
