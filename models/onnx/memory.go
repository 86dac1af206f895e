package onnx

// Memory that the import of a file may take for numbers, besides the file's own bytes: per byte of the model and of what
// is read of its external data, and for any model. With the tables of a graph as large as its limits allow, and Go's
// own memory, a file is read within four times its size and 256 MiB.
const (
	memoryPerByte = 3
	memoryBase    = 64 << 20
)

// memory accounts for the numbers that the import of one file makes: initialisers, folded constants, parameters. It is
// asked before they are allocated.
type memory struct{ left int64 } // [bytes]

// newMemory returns the account of a model file of so many bytes.
func newMemory(file int) *memory { return &memory{left: int64(file)*memoryPerByte + memoryBase} }

// has reports whether there is room for so many numbers of size bytes.
func (m *memory) has(numbers, size int64) bool { return numbers <= m.left/size }

// take takes room for so many numbers of size bytes and reports whether there was.
func (m *memory) take(numbers, size int64) bool {
	if !m.has(numbers, size) {
		return false
	}
	m.left -= numbers * size
	return true
}

// give adds room for so many numbers of size bytes.
func (m *memory) give(numbers, size int64) { m.left += numbers * size }

// noMemory says that numbers take more memory than the file can ask for.
func noMemory(numbers int64) *problem {
	return problemf(idTooLarge, "asks for %d numbers, out of proportion to the size of the file", numbers).withRemedy("simplify the model, for example with onnxsim; store weights in float32")
}
