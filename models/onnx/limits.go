package onnx

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of what a file may hold besides the numbers of its weights. They are far above any network that was trained
// for a chip, and keep a damaged or hostile file from taking memory and time out of proportion to its size: a node or a
// tensor can be written in two bytes, and takes some hundreds of bytes here.
const (
	maxNodes      = 1 << 15 // nodes of the graph
	maxTensors    = 1 << 15 // initialisers and tensors in attributes
	maxValues     = 1 << 16 // inputs of the graph, and its outputs
	maxPieces     = 1 << 10 // pieces in which the graph is written
	maxPorts      = 1 << 10 // inputs of a node, and its outputs
	maxAllPorts   = 1 << 17 // inputs and outputs of all nodes
	maxEdges      = 1 << 19 // pairs of an input and an output of the same node, over all nodes
	maxAttributes = 1 << 17 // attributes of all nodes
	maxListed     = 1 << 20 // numbers and strings in lists of attributes
	maxName       = 1 << 12 // length of a name [bytes]
	maxWire       = 1 << 24 // the graph without the numbers of its weights [bytes]
)

// tally counts what a file holds against the limits.
type tally struct{ nodes, tensors, values, ports, edges, attributes, listed int }

// count adds n to a number of things and fails where that is more than most.
func count(have *int, n, most int, what string) error {
	if *have += n; *have > most {
		return tooMany(what, most)
	}
	return nil
}

// tooMany says that there is more of something than is taken.
func tooMany(what string, most int) *problem {
	return problemf(idTooLarge, "holds more than %d %s", most, what).withRemedy("simplify the model, for example with onnxsim; a network for a chip is far smaller")
}

// nameOf reads a name, which must be text.
func nameOf(b []byte) (string, error) {
	if len(b) > maxName {
		return "", problemf(idTooLarge, "holds a name of %d bytes, more than %d: %s", len(b), maxName, quoted(b)).withRemedy("export the model again; the file is damaged")
	}
	if !utf8.Valid(b) {
		return "", problemf(idDamaged, "the bytes are not an ONNX model: a name in it is not text: %s", quoted(b)).withRemedy("export or download the model again")
	}
	return string(b), nil
}

// shownName is the longest part of a name that messages show. [bytes]
const shownName = 200

// beginning returns s, or its first n bytes but for a character that is cut through.
func beginning[T string | []byte](s T, n int) string {
	if len(s) <= n {
		return string(s)
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return string(s[:n])
}

// cut returns s, or its beginning of at most n bytes and an ellipsis.
func cut[T string | []byte](s T, n int) string {
	b := beginning(s, n)
	if len(b) < len(s) {
		b += "…"
	}
	return b
}

// quoted prints a name in quotation marks, and only the beginning of a very long one.
func quoted[T string | []byte](name T) string {
	b := beginning(name, shownName)
	if len(b) < len(name) {
		return fmt.Sprintf("%q…", b)
	}
	return fmt.Sprintf("%q", b)
}

// listedNames is the largest number of names that a message lists.
const listedNames = 10

// listNames prints names as "a", "b"; of a long list the beginning, and how many there are more.
func listNames(names []string) string { return listOf(names, len(names)) }

// listOf is listNames of n names of which the first are given.
func listOf(names []string, n int) string {
	var b strings.Builder
	for i, name := range names[:min(len(names), listedNames)] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quoted(name))
	}
	if more := n - min(len(names), listedNames); more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}
