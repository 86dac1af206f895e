package onnx

import "runtime"

// Memory that the import of a file may take, besides the file's own bytes: per byte of the model and of what is read of its
// external data, and for any model. With Go's own memory and what it has not collected yet, a file is read within four
// times its size and 256 MiB.
const (
	memoryPerByte = 3
	memoryBase    = 176 << 20
	uncollected   = 24 << 20 // dropped numbers that may lie about
)

// Memory that the parts of a graph take here and in onnx-go, their names of usual length included. [bytes]
// Source: peaks that TestHostile measures of graphs that consist of one of them.
const (
	nodeMemory   = 3 << 10
	partMemory   = 512 // an attribute, an input or output of a node, a tensor without its numbers
	listedMemory = 32  // a number or string in a list of an attribute
)

// memory accounts for what the import of one file allocates: the tables of its graph, initialisers, folded constants,
// parameters. It is asked before they are made.
type memory struct {
	left    int64 // [bytes]
	dropped int64 // since the last collection [bytes]
}

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

// drop says that nothing holds so many bytes any more. Large ones are collected at once: Go would wait until there is as
// much of them as there is memory in use.
func (m *memory) drop(bytes int64) {
	if m.dropped += bytes; m.dropped > uncollected {
		runtime.GC()
		m.dropped = 0
	}
}

// noMemory says that numbers take more memory than the file can ask for.
func noMemory(numbers int64) *problem {
	more := ""
	if numbers >= maxProduct {
		more = " or more"
	}
	return problemf(idTooLarge, "asks for %d numbers%s, out of proportion to the size of the file", numbers, more).withRemedy("simplify the model, for example with onnxsim; store weights in float32")
}

// tables takes the memory that the tables of a graph take.
func (p *prepass) tables(wire int) bool {
	t := p.tally
	parts := t.attributes + t.ports + t.tensors + t.values
	return p.memory.take(int64(t.nodes)*nodeMemory+int64(parts)*partMemory+int64(t.listed)*listedMemory+4*int64(wire), 1)
}
