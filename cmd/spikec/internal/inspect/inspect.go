// Package inspect looks at a trained network before anything is built: its layers, what each rule of the conversion
// would change, and what a target cannot hold however the conversion turns out. It needs no images, so everything that
// depends on activations is left to the build.
package inspect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"spikec/convert"
	"spikec/internal/diag"
	"spikec/models/ann"
	"spikec/models/onnx"
	"spikec/models/snn"
	"spikec/target/chip"
)

// Schema is the name and version of the JSON form.
const Schema = "spikec/inspect/v1"

// lastPass is the last pass of the conversion that looks at weights alone.
const lastPass = "zero-bias"

// Report is what there is to say about a network.
type Report struct {
	Schema   string `json:"schema"`
	Model    string `json:"model"` // path of the file
	Opset    int64  `json:"opset"`
	Producer string `json:"producer"`
	Input    Value  `json:"input"`
	Output   Value  `json:"output"`
	// InputDimensions are those of the input in the file, the batch included: numbers, symbols, or "?".
	InputDimensions []string `json:"inputDimensions"`
	// Whole: there is no batch among them, they are one image.
	Whole bool `json:"whole,omitempty"`
	// Nodes says what became of every node of the file.
	Nodes      []Node   `json:"nodes"`
	Layers     []Layer  `json:"layers"`
	Parameters int      `json:"parameters"`
	MACs       int64    `json:"macs"`
	Rules      string   `json:"rules"`
	Changes    []Change `json:"changes"`
	Target     string   `json:"target,omitempty"`
	// Partial: the file holds nodes that cannot be taken in, and Layers only those that are known. Changes are those of the
	// layers that lead to the last one.
	Partial bool `json:"partial,omitempty"`
	// Heavy: Changes and what the target cannot hold were not looked at, for the memory that this takes.
	Heavy bool `json:"heavy,omitempty"`
	// Diagnostics holds what the reader of the file noticed, and what the target cannot hold.
	Diagnostics diag.List `json:"diagnostics"`
}

// Value is an input or output of the network.
type Value struct {
	Name  string    `json:"name"`
	Shape ann.Shape `json:"shape"` // of one image
}

// Node is one node of the file.
type Node struct {
	Name string    `json:"name"`
	Op   string    `json:"op"`
	Fate onnx.Fate `json:"fate"`
	Why  string    `json:"why,omitempty"`
}

// Layer is one node of the network.
type Layer struct {
	Name       string    `json:"name"`
	Op         string    `json:"op"`
	Detail     string    `json:"detail"`
	Shape      ann.Shape `json:"shape"`
	Parameters int       `json:"parameters"`
	MACs       int64     `json:"macs"`
}

// Change is what one pass of the conversion does to one node.
type Change struct {
	Pass string `json:"pass"`
	Node string `json:"node"`
	What string `json:"what"`
}

// Run reads the model at path as chosen. target is nil where no target is asked about. The error is about a file that cannot be
// decoded; nodes that cannot be taken in, every one of them, and what a target cannot hold are part of the report.
func Run(ctx context.Context, path string, choice onnx.Options, rules convert.Rules, target *chip.Profile) (*Report, error) {
	m, err := choice.Survey(path)
	if m == nil {
		return nil, err
	}
	r := &Report{Schema: Schema, Model: path, Opset: m.Opset, Producer: m.Producer, Rules: string(rules),
		Input: Value{Name: m.InputName, Shape: ann.Shape{}}, Output: Value{Name: m.OutputName, Shape: ann.Shape{}},
		InputDimensions: append([]string{}, m.InputDims...), Whole: m.Whole, Heavy: m.Heavy, Nodes: []Node{}, Layers: []Layer{}, Changes: []Change{},
		Diagnostics: append(diag.List{}, m.Diagnostics...)}
	for _, n := range m.Nodes {
		r.Nodes = append(r.Nodes, Node{n.Name, n.Op, n.Fate, n.Why})
	}
	if target != nil {
		r.Target = target.ID
	}
	if m.Graph != nil {
		r.Input.Shape = m.Graph.Nodes[0].Shape
		r.Parameters, r.MACs = m.Graph.Parameters(), m.Graph.MACs()
		for _, row := range onnx.Describe(m.Graph) {
			r.Layers = append(r.Layers, Layer(row))
		}
	}
	if err != nil {
		r.Partial = true
		if m.Graph != nil && !m.Heavy {
			return r, r.foresee(ctx, m.Graph, rules)
		}
		return r, nil
	}
	r.Output.Shape = m.Graph.Nodes[m.Graph.Output].Shape
	if m.Heavy {
		r.Diagnostics.Add(diag.Diagnostic{ID: idHeavy, Severity: diag.Warning, Subject: path,
			Message: "what the rules change, and what a target cannot hold, is not looked at: it would take more memory than four times the file and 256 MiB",
			Remedy:  "fold normalisations into the weights before the export, or ask spikec build"})
		return r, nil
	}
	capabilities := convert.Capabilities{Bias: true, PerNeuronThreshold: true}
	if target != nil {
		c := target.Capabilities()
		capabilities = convert.Capabilities{Bias: c.Bias, PerNeuronThreshold: c.PerNeuronThreshold, Firing: snn.Firing(c.Firing), Staggered: c.Staggered()}
	}
	student, err := r.convert(ctx, m.Graph, rules, capabilities)
	var refused *diag.Failure
	if errors.As(err, &refused) {
		for _, d := range refused.List {
			if d.Severity == diag.Error {
				r.Diagnostics.Add(d)
			}
		}
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	if target != nil {
		r.Diagnostics = append(r.Diagnostics, fit(student, target)...)
	}
	return r, nil
}

// foresee notes what the conversion would change of the layers that lead to the last known one. What it has to say against
// that piece of a network is said again, or not, about the whole one.
func (r *Report) foresee(ctx context.Context, g *ann.Graph, rules convert.Rules) error {
	piece, err := leading(g)
	if err != nil {
		return err
	}
	_, err = r.convert(ctx, piece, rules, convert.Capabilities{Bias: true, PerNeuronThreshold: true})
	if errors.As(err, new(*diag.Failure)) {
		return nil
	}
	return err
}

// leading returns the part of a graph that its last node needs.
func leading(g *ann.Graph) (*ann.Graph, error) {
	needed := make([]bool, len(g.Nodes))
	needed[len(g.Nodes)-1] = true
	for i := len(g.Nodes) - 1; i > 0; i-- {
		for _, in := range g.Nodes[i].Inputs {
			needed[in] = needed[in] || needed[i]
		}
	}
	piece := ann.NewGraph(g.Name, g.Nodes[0].Name, g.Nodes[0].Shape)
	at := make([]int, len(g.Nodes))
	for i, n := range g.Nodes[1:] {
		if !needed[i+1] {
			continue
		}
		var inputs []int
		for _, in := range n.Inputs {
			inputs = append(inputs, at[in])
		}
		var err error
		if at[i+1], err = piece.Add(n.Name, n.Op, inputs...); err != nil {
			return nil, err
		}
	}
	return piece, nil
}

// convert runs the passes that need no images, notes what each changes, and returns the student.
func (r *Report) convert(ctx context.Context, g *ann.Graph, rules convert.Rules, c convert.Capabilities) (*ann.Graph, error) {
	before, said := g, 0
	var student *ann.Graph
	note := func(pass string, _ time.Duration, s *convert.State) {
		after := s.Teacher
		if s.Graph != nil {
			after, student = s.Graph, s.Graph
		}
		for _, d := range s.Diagnostics[said:] {
			r.Changes = append(r.Changes, Change{Pass: pass, Node: d.Subject, What: d.Message})
		}
		r.Changes = append(r.Changes, r.silent(pass, before, after, s.Diagnostics[said:])...)
		before, said = after, len(s.Diagnostics)
	}
	opt := convert.Options{Rules: rules, Steps: 1, StopAfter: lastPass, DumpAfter: note}
	if rules == convert.Best {
		opt.Pooling = convert.MaxPooling // what build begins with
	}
	_, err := convert.Run(ctx, g, convert.Preprocess{}, convert.Images{}, c, opt)
	return student, err
}

// silent returns what a pass did to nodes that it took away or gave another operation, without saying so itself.
func (r *Report) silent(pass string, before, after *ann.Graph, said diag.List) []Change {
	named, kinds := map[string]bool{}, map[string]string{}
	for _, d := range said {
		named[d.Subject] = true
	}
	for _, n := range after.Nodes {
		kinds[n.Name] = n.Op.Kind()
	}
	var changes []Change
	for _, old := range before.Nodes {
		kind, there := kinds[old.Name]
		_, pool := old.Op.(*ann.MaxPool)
		switch was := old.Op.Kind(); {
		case named[old.Name]:
		case pass == "compare-pools" && pool && !there:
			changes = append(changes, Change{pass, old.Name, "max pooling stays, by comparisons with further neurons; build tries average pooling too, if --auto is on"})
		case pass == "compare-pools": // what reads the pool reads the parts of the comparison, and computes the same
		case !there:
			changes = append(changes, Change{pass, old.Name, was + " goes into the operations beside it"})
		case kind != was:
			changes = append(changes, Change{pass, old.Name, was + " becomes " + kind})
		}
	}
	return changes
}

// Unread reports whether nodes of the file are not understood, or wait for some that are not.
func (r *Report) Unread() bool {
	return slices.ContainsFunc(r.Nodes, func(n Node) bool { return n.Fate == onnx.Refused || n.Fate == onnx.Unknown })
}

// Fits reports whether nothing was found that rules the target out, or may do so.
func (r *Report) Fits() bool {
	return !slices.ContainsFunc(r.Diagnostics, func(d diag.Diagnostic) bool {
		return d.Severity == diag.Error || d.ID == idAxons
	})
}

// Diagnostics of what a target cannot hold. The numbers are stable.
const (
	idFanIn = "SPK-INSP-001" // a neuron with too many inputs
	idCores = "SPK-INSP-002" // too many neurons, inputs or outputs
	idAxons = "SPK-INSP-004" // a neuron that reads more others than a core has axons
	idHeavy = "SPK-INSP-005" // a network that is not looked at, for its weights
)

// fit returns what the target cannot hold: bounds on the neurons of every rectifier, of the relays of connections past other
// layers and of the output, and on the weights and the sources of one neuron.
func fit(g *ann.Graph, p *chip.Profile) diag.List {
	found, relays := connections(g, p)
	if p.Execution.LayersIn() == chip.LayersRecurrent {
		found = append(found, oneCore(g, p, relays)...)
	}
	cores := 0
	for i, n := range g.Nodes {
		switch op := n.Op.(type) {
		case ann.Relu, ann.Clip:
			cores += coresFor(n.Shape.Size(), p)
			pass(&found, n, p)
		case *ann.Conv:
			fanIn(&found, n.Name, op.FanIn(), p)
		case *ann.Linear:
			fanIn(&found, n.Name, op.In, p)
		}
		if i == g.Output {
			cores += coresFor(n.Shape.Size(), p)
			pass(&found, n, p)
		}
		cores += relays[i] * coresFor(n.Shape.Size(), p)
	}
	if most := p.Capacity.Cores; most != nil && cores > *most && p.Execution.LayersIn() == chip.LayersOnCores {
		found.Add(diag.Diagnostic{ID: idCores, Severity: diag.Error, Subject: cmp.Or(g.Name, "network"),
			Message: fmt.Sprintf("has more neurons than %s holds: at least so many cores of %d neurons", p.ID, *p.Capacity.Neurons),
			Value:   cores, Limit: *most, Remedy: "a smaller network, or a target with more cores"})
	}
	slices.SortStableFunc(found, func(a, b diag.Diagnostic) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

// pass reports a layer with more neurons than the one core of a chip that is programmed for one layer at a time.
func pass(found *diag.List, n ann.Node, p *chip.Profile) {
	most := p.Capacity.Neurons
	if p.Execution.LayersIn() != chip.LayersInPasses || most == nil || n.Shape.Size() <= *most {
		return
	}
	found.Add(diag.Diagnostic{ID: idCores, Severity: diag.Error, Subject: n.Name, Message: "has more neurons than the core of " + p.ID + ", which is programmed for one layer at a time",
		Value: n.Shape.Size(), Limit: *most, Remedy: "a smaller layer, or a larger target"})
}

// coresFor returns the fewest cores that so many neurons take; none where cores are not limited.
func coresFor(neurons int, p *chip.Profile) int {
	if p.Capacity.Cores == nil || p.Capacity.Neurons == nil {
		return 0
	}
	return (neurons + *p.Capacity.Neurons - 1) / *p.Capacity.Neurons
}

// fanIn reports a neuron with more synapses than the target allows.
func fanIn(found *diag.List, node string, synapses int, p *chip.Profile) {
	if most := p.Capacity.FanIn; most != nil && synapses > *most {
		found.Add(diag.Diagnostic{ID: idFanIn, Severity: diag.Error, Subject: node,
			Message: "a neuron has more inputs than one of " + p.ID + " can take", Value: synapses, Limit: *most,
			Remedy: "fewer channels, a smaller kernel, or groups"})
	}
}
