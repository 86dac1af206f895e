package onnx

import (
	"fmt"
	"strings"
)

// Fate is what became of a node of the file.
type Fate string

const (
	Layer    Fate = "layer"    // it is in the graph, as one operation or several
	Constant Fate = "constant" // its result is known now, whatever the image is
	Passed   Fate = "passed"   // it leaves no trace: its result is one that was there before
	Unused   Fate = "unused"   // the output does not need it
	Refused  Fate = "refused"  // a diagnostic says why
	Unknown  Fate = "unknown"  // what it reads comes from a node that was refused
)

// Origin says what became of a node of the file.
type Origin struct {
	Name string // the node's name, made unique
	Op   string // its operator, such as Gemm
	Node int    // index of the node of Graph that holds its result, the first of several, or -1 where there is none
	Fate Fate
	// Why explains the fate where the operator alone does not: the value of a constant, the result that a node passes on,
	// sizes that the file leaves open and what they are.
	Why string
}

// origin says what became of the node that was imported, which began when the graph had before nodes.
func (c *call) origin(before int) Origin {
	o := Origin{Name: c.name, Op: c.op, Node: -1, Fate: Unknown, Why: strings.Join(c.notes, "; ")}
	v := c.firstMade()
	switch {
	case c.blamed:
		o.Fate = Refused
	case v == nil || c.failed:
	case v.constant != nil:
		o.Fate, o.Why = Constant, v.constant.String()
	case v.known:
		o.Node, o.Fate = v.node, Layer
		if g := c.b.model.Graph; len(g.Nodes) == before {
			o.Fate, o.Why = Passed, "its result is "+g.Nodes[v.node].Name
		}
	}
	return o
}

// firstMade returns the first of the node's outputs that is known or constant, or nil.
func (c *call) firstMade() *value {
	for _, v := range c.outputs {
		if v != nil && (v.known || v.constant != nil) {
			return v
		}
	}
	return nil
}

// note keeps what the import of the node found out and its operator does not say.
func (c *call) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

// maxPrinted is the largest number of elements that a constant is printed with.
const maxPrinted = 8

// String prints the elements of a small constant as [N 2 -1], a scalar as 2, and type and shape of a larger one. N is the
// number of images.
func (c *constant) String() string {
	if c.size() > maxPrinted || len(c.dims) > 1 {
		kind := "float32"
		if c.isInt {
			kind = "int64"
		}
		return kind + " " + shapeText(c.dims)
	}
	s := fmt.Sprint(c.floats)
	if c.isInt {
		s = fmt.Sprint(targetText(c.ints))
	}
	if len(c.dims) == 0 {
		s = strings.Trim(s, "[]")
	}
	return s
}
