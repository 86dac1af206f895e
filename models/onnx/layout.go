package onnx

import "slices"

// turned returns the nodes that turn the network's input v, a picture H,W,C, to C,H,W, where nothing reads it otherwise:
// then the graph can take C,H,W, and these nodes do nothing. Before them may stand what does the same to every element.
// Exporters from Keras write it so.
func (b *builder) turned(v *value) map[*node]bool {
	found, readers := map[*node]bool{}, map[*value][]*node{}
	for _, n := range b.order {
		for _, in := range n.inputs {
			readers[in] = append(readers[in], n)
		}
	}
	open := []*value{v}
	for len(open) > 0 {
		v, open = open[0], open[1:]
		if len(readers[v]) == 0 { // an output of the network
			return nil
		}
		for _, n := range readers[v] {
			switch {
			case !defaultDomain(n.domain) || len(n.outputs) == 0 || n.outputs[0] == nil || n.inputs[0] != v && !n.hasNumber():
				return nil
			case n.op == "Transpose" && turnsToChannels(n.attrs):
				found[n] = true
			case slices.Contains(pointwise, n.op), slices.Contains(arithmetic, n.op) && n.hasNumber():
				open = append(open, n.outputs[0])
			default:
				return nil
			}
		}
	}
	return found
}

// Operators that do the same to every element: always, or where the other operand is one number.
var (
	pointwise  = []string{"Cast", "Identity", "QuantizeLinear", "DequantizeLinear"}
	arithmetic = []string{"Add", "Sub", "Mul", "Div"}
)

// turnsToChannels reports whether a Transpose makes N,C,H,W of N,H,W,C.
func turnsToChannels(attrs map[string]any) bool {
	perm, _ := attrs["perm"].([]int64)
	return slices.Equal(perm, []int64{0, 3, 1, 2})
}

// hasNumber reports whether one of two inputs is a single number that the file holds.
func (n *node) hasNumber() bool {
	return len(n.inputs) == 2 && slices.ContainsFunc(n.inputs, func(v *value) bool { return v != nil && v.constant != nil && v.constant.size() == 1 })
}

// turnedTranspose imports a node of builder.turned.
var turnedTranspose = importer{op: "Identity", attributes: []string{"perm"}, run: (*call).pass}
