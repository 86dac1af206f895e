//go:build !noasm

package elementwise

// scalar runs f without kernels.
func scalar(f func()) {
	defer func(v bool) { vector = v }(vector)
	vector = false
	f()
}
