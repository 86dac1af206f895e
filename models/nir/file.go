package nir

import "spikec/models/snn"

// What the input of a network is, as the metadata of Write say it.
const (
	InputCodes  = "codes"  // pixels 0..255 of a picture, in every step
	InputSpikes = "spikes" // spikes that a host plays of these
)

// File is what a file of NIR holds.
type File struct {
	// Network is the spiking network; nil where the file was refused.
	Network *snn.Network
	// Input is InputCodes or InputSpikes in files of this program; "" in others: what the network was trained on, in every step.
	Input string
	// Nodes are all nodes, sources before what they lead to; those on circles are left out.
	Nodes []Node
}

// Node is a node of a file.
type Node struct {
	Name string
	Kind string
	// Shape is that of the tensor that leaves the node: C,H,W, C,L or N; nil where it is not known.
	Shape []int
	// Parameters is how many numbers of weights and biases the node has.
	Parameters int
	// To are the nodes that it leads to, in the order of the edges.
	To []string
}

// listed lists what was read.
func (r *reader) listed() []Node {
	var list []Node
	for _, n := range r.order {
		l := Node{Name: n.name, Kind: n.kind, Parameters: len(reals(n.values["weight"])) + len(reals(n.values["bias"]))}
		if n.state.rank > 0 {
			l.Shape = n.state.tensor()
		}
		for _, to := range n.out {
			l.To = append(l.To, to.name)
		}
		list = append(list, l)
	}
	return list
}
