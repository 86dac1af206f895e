package nir

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spikec/internal/diag"
	"spikec/internal/hdf5"
	"spikec/models/snn"
)

// Limits of what is read.
const (
	maxBytes   = 1 << 30 // of all parameters
	maxWeights = 1 << 28 // of all projections
	maxNeurons = 1 << 24 // of a population
	maxTerms   = 64      // ways from populations to a node without neurons between
)

// Read reads a NIR file. Nodes that are taken: Input, Output, Affine, Linear, Conv1d, Conv2d, Scale, SumPool2d, AvgPool2d, Flatten,
// IF, I, and LIF, LI, CubaLIF and CubaLI where they neither leak nor keep current. Each population has one node of neurons;
// between two of them lie at most one pool and behind it one node of weights, and scales; several edges into a node are added.
// Scales, thresholds and resistances are folded into the weights. What NIR has no words for is taken from the metadata of
// Write; without them T is 0, reset is to zero, and membranes start at 0. Neurons fire above their threshold in NIR, and here at
// it. name is the file's, for messages. The error is a *diag.Failure that names everything that is wrong; the nodes are
// returned with it as far as they are known, and nil where the file has none.
func Read(name string, data []byte) (*File, diag.List, error) {
	r := &reader{file: name, nodes: map[string]*node{}}
	root, err := hdf5.Read(data, maxBytes)
	if err != nil {
		r.errorf(idFile, name, "%s", strings.TrimPrefix(err.Error(), "hdf5: "))
		return nil, r.found, r.found.Err()
	}
	top, _ := root.Links["node"].(*hdf5.Group)
	if top == nil {
		r.errorf(idFile, name, "has no group node: not a file of NIR")
		return nil, r.found, r.found.Err()
	}
	for _, stage := range []func(*hdf5.Group){r.readNodes, r.readEdges, r.sort, r.build} {
		stage(top)
	}
	r.borderFits()
	f := &File{Input: r.takes, Nodes: r.listed()}
	if err := r.found.Err(); err != nil {
		return f, r.found, err
	}
	f.Network = &r.net
	return f, r.found, nil
}

// reader reads one file.
type reader struct {
	file  string
	nodes map[string]*node
	order []*node // sources before what they lead to
	net   snn.Network
	takes string // File.Input
	made  int    // weights, so far
	found diag.List
}

// node is a node of the graph.
type node struct {
	name, kind string
	values     map[string]hdf5.Value
	meta       map[string]hdf5.Value
	in, out    []*node
	damaged    bool // it cannot be taken, whatever arrives
	state      state
}

// fires reports whether a node is one of neurons that fire.
func (n *node) fires() bool { return slices.Contains(firing, n.kind) }

// errorf reports an error.
func (r *reader) errorf(id, subject, format string, args ...any) {
	r.found.Errorf(id, subject, format, args...)
}

// parameters are the datasets of each type of node that is read; those behind the bar may be missing.
var parameters = map[string]string{
	kindInput: "shape", kindOutput: "shape", kindAffine: "weight bias", kindLinear: "weight", kindScale: "scale",
	kindConv2d: "weight stride padding dilation groups bias | input_shape", kindConv1d: "weight stride padding dilation groups bias | input_shape",
	kindSumPool: "kernel_size stride padding", kindAvgPool: "kernel_size stride padding", kindFlatten: "start_dim end_dim | input_type",
	kindIF: "r v_threshold | v_reset", kindI: "r", kindLIF: "tau r v_leak v_threshold | v_reset",
	kindCubaLIF: "tau_syn tau_mem r v_leak v_threshold | v_reset w_in", kindLI: "tau r v_leak", kindCubaLI: "tau_syn tau_mem r v_leak | w_in",
}

// refused are the types of nodes that NIR knows and networks of integrate-and-fire neurons do not: why, and what to do.
var refused = map[string][2]string{
	"Threshold": {"fires of what arrives in one step, and keeps nothing of it", "use IF neurons in its place"},
	"Delay":     {"delays spikes, and layers here follow each other without delays", "train without delays"},
	"NIRGraph":  {"is a graph within the graph", "write its nodes into the graph above"},
}

// readNodes reads all nodes and their datasets.
func (r *reader) readNodes(top *hdf5.Group) {
	r.metadata(group(top, "metadata"))
	nodes := group(top, "nodes")
	if len(nodes.Links) == 0 {
		r.errorf(idFile, r.file, "has no nodes")
	}
	for _, name := range nodes.Names() {
		g, ok := nodes.Links[name].(*hdf5.Group)
		if !ok {
			r.errorf(idNode, name, "is a dataset, not a node")
			continue
		}
		n := &node{name: name, values: datasets(g), meta: datasets(group(g, "metadata"))}
		n.kind = text(n.values["type"])
		delete(n.values, "type")
		r.nodes[name] = n
		spec, ok := parameters[n.kind]
		if n.damaged = !ok; n.damaged {
			if why, known := refused[n.kind]; known {
				r.refuse(n, why[1], "%s", why[0])
				continue
			}
			r.found.Add(diag.Diagnostic{ID: idNode, Severity: diag.Error, Subject: name, Message: fmt.Sprintf("is of type %q, which is not read", n.kind),
				Remedy: "want " + strings.Join(slices.Sorted(maps.Keys(parameters)), ", ")})
			continue
		}
		needed, optional, _ := strings.Cut(spec, "|")
		for _, key := range strings.Fields(needed) {
			if _, ok := n.values[key]; !ok {
				n.damaged = true
				r.errorf(idNode, name, "%s without %s", n.kind, key)
			}
		}
		known := append(strings.Fields(needed), strings.Fields(optional)...)
		for _, key := range g.Names() {
			if !slices.Contains(known, key) && key != "type" && key != "metadata" {
				r.errorf(idNode, name, "%s with %s, which it does not have", n.kind, key)
			}
		}
	}
}

// group returns a group in another, empty where there is none.
func group(g *hdf5.Group, name string) *hdf5.Group {
	if below, ok := g.Links[name].(*hdf5.Group); ok {
		return below
	}
	return &hdf5.Group{}
}

// datasets returns the values of all datasets of a group.
func datasets(g *hdf5.Group) map[string]hdf5.Value {
	all := map[string]hdf5.Value{}
	for name, n := range g.Links {
		if d, ok := n.(*hdf5.Dataset); ok {
			all[name] = d.Value
		}
	}
	return all
}

// metadata takes what Write wrote down of the network.
func (r *reader) metadata(g *hdf5.Group) {
	m := datasets(g)
	r.net = snn.Network{Name: r.file, Reset: snn.Zero}
	if text(m[metaSchema]) != schema {
		return
	}
	r.net.Name = text(m[metaName])
	steps, _ := integer(m[metaSteps])
	delay, _ := integer(m[metaDelay])
	initial, _ := real(m[metaInitial])
	reset, kind := snn.Reset(text(m[metaReset])), text(m[metaReadout])
	if steps < 1 || steps > 1<<16 || delay < 0 || delay >= steps || initial != 0 && initial != 0.5 || reset != snn.Subtract && reset != snn.Zero ||
		kind != snn.Membrane && kind != snn.Count && kind != snn.FirstSpike {
		r.errorf(idNode, "metadata", "T = %d, reset %q, start %g, read-out %q from step %d: not what this program writes", steps, reset, initial, kind, delay)
		return
	}
	r.takes = text(m[metaInput])
	if r.takes != InputCodes && r.takes != InputSpikes {
		r.errorf(idNode, "metadata", "input %q: not what this program writes", r.takes)
	}
	r.net.Border = r.border(m)
	r.net.Steps, r.net.Reset, r.net.Initial, r.net.Readout = steps, reset, initial, snn.Readout{Kind: kind, Delay: delay}
}

// border reads the border of pictures; that it fits the input is checked once that is known (borderFits).
func (r *reader) border(m map[string]hdf5.Value) *snn.Border {
	if _, there := m[metaBorder]; !there {
		return nil
	}
	width, _ := integers(m[metaBorder])
	codes, _ := integers(m[metaCodes])
	wrong := func(x, most int) bool { return x < 0 || x > most }
	if len(width) != 4 || slices.ContainsFunc(width, func(x int) bool { return wrong(x, snn.MaxBorder) }) || slices.ContainsFunc(codes, func(x int) bool { return wrong(x, 255) }) {
		r.errorf(idNode, "metadata", "a border of %v with codes %v: not what this program writes", width, codes)
		return nil
	}
	b := &snn.Border{Begin: [2]int{width[0], width[1]}, End: [2]int{width[2], width[3]}}
	for _, c := range codes {
		b.Codes = append(b.Codes, uint8(c))
	}
	return b
}

// borderFits checks the border against the shape of the input.
func (r *reader) borderFits() {
	b := r.net.Border
	if b == nil || len(r.net.Populations) == 0 {
		return
	}
	in := r.net.Populations[0].Shape
	if p := b.Within(in); b.Validate(in[0]) != nil || min(p[1], p[2]) < 1 {
		r.errorf(idNode, "metadata", "a border of %v and %v with %d codes around pictures of %v: not what this program writes", b.Begin, b.End, len(b.Codes), in)
	}
}

// readEdges reads the edges.
func (r *reader) readEdges(top *hdf5.Group) {
	v := datasets(top)["edges"]
	names, ok := v.Data.([]string)
	if !ok || len(v.Dims) != 2 || v.Dims[1] != 2 {
		r.errorf(idEdge, r.file, "has no edges: want a list of pairs of names")
		r.nodes = nil // of which there is nothing more to say
		return
	}
	seen := map[[2]string]bool{}
	for i := 0; i < len(names); i += 2 {
		from, to := r.nodes[names[i]], r.nodes[names[i+1]]
		e := [2]string{names[i], names[i+1]}
		switch {
		case from == nil || to == nil:
			r.errorf(idEdge, e[0], "an edge to %s: there are no such nodes", e[1])
		case seen[e]:
			r.errorf(idEdge, e[0], "two edges to %s", e[1])
		default:
			from.out, to.in = append(from.out, to), append(to.in, from)
		}
		seen[e] = true
	}
}

// sort brings the nodes into an order, and reports those that nothing leads to or that lead nowhere.
func (r *reader) sort(*hdf5.Group) {
	if r.nodes == nil {
		return // its edges are not known
	}
	ends := map[string]int{}
	missing := map[*node]int{}
	var ready []*node
	for _, name := range slices.Sorted(maps.Keys(r.nodes)) {
		n := r.nodes[name]
		ends[n.kind]++
		missing[n] = len(n.in)
		if len(n.in) == 0 {
			ready = append(ready, n)
		}
		if (len(n.in) == 0) != (n.kind == kindInput) {
			r.errorf(idEdge, name, "%s with %d edges to it", n.kind, len(n.in))
		}
		if (len(n.out) == 0) != (n.kind == kindOutput) {
			r.errorf(idEdge, name, "%s with %d edges from it", n.kind, len(n.out))
		}
	}
	for _, kind := range []string{kindInput, kindOutput} {
		if ends[kind] != 1 {
			r.errorf(idEdge, r.file, "has %d nodes of type %s, want one", ends[kind], kind)
		}
	}
	for len(ready) > 0 {
		n := ready[0]
		ready = ready[1:]
		r.order = append(r.order, n)
		for _, m := range n.out {
			if missing[m]--; missing[m] == 0 {
				ready = append(ready, m)
			}
		}
	}
	if len(r.order) < len(r.nodes) {
		for _, name := range slices.Sorted(maps.Keys(r.nodes)) {
			if missing[r.nodes[name]] > 0 {
				r.errorf(idEdge, name, "lies on a circle, or behind one: networks are feed-forward")
			}
		}
	}
}
