package equation

import (
	"strconv"
	"strings"
)

// Written returns a text that Parse reads as this expression. Every operation stands in parentheses.
func (e *Expression) Written() string {
	var out strings.Builder
	e.root.write(&out)
	return out.String()
}

// write is Written for a part.
func (n *node) write(out *strings.Builder) {
	switch n.op {
	case "number":
		out.WriteString(strconv.FormatFloat(n.value, 'g', -1, 64))
	case "name":
		out.WriteString(n.name)
	case "call":
		out.WriteString(n.name + "(")
		for k, a := range n.args {
			if k > 0 {
				out.WriteString(", ")
			}
			a.write(out)
		}
		out.WriteString(")")
	case "neg", "not":
		out.WriteString(map[string]string{"neg": "(-", "not": "(not "}[n.op])
		n.args[0].write(out)
		out.WriteString(")")
	default:
		out.WriteString("(")
		n.args[0].write(out)
		out.WriteString(" " + n.op + " ")
		n.args[1].write(out)
		out.WriteString(")")
	}
}
