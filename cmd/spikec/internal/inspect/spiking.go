package inspect

import (
	"context"

	"spikec/internal/diag"
	"spikec/models/nir"
	"spikec/models/snn"
	"spikec/runtime/build"
	"spikec/target/chip"
)

// SpikingSchema is the name and version of the JSON form of what there is to say about a spiking network.
const SpikingSchema = "spikec/inspect-nir/v1"

// Spiking is what there is to say about a file of NIR.
type Spiking struct {
	Schema string        `json:"schema"`
	Model  string        `json:"model"` // path of the file
	Nodes  []SpikingNode `json:"nodes"` // sources before what they lead to
	// Populations of the spiking network; empty where the file is refused.
	Populations []Population `json:"populations"`
	Parameters  int          `json:"parameters"`
	// What the file says beyond NIR, where spikec wrote it.
	Steps   int    `json:"steps,omitempty"`
	Reset   string `json:"reset,omitempty"`
	Initial string `json:"initialPotential,omitempty"`
	Readout string `json:"readout,omitempty"`
	Input   string `json:"input,omitempty"` // codes or spikes
	Target  string `json:"target,omitempty"`
	// Diagnostics holds what is refused, what was taken as something else, and what the target cannot keep.
	Diagnostics diag.List `json:"diagnostics"`
}

// SpikingNode is a node of the file.
type SpikingNode struct {
	Name       string   `json:"name"`
	Kind       string   `json:"kind"`
	Shape      []int    `json:"shape"` // of the tensor that leaves it: C,H,W, C,L or N; empty where it is not known
	Parameters int      `json:"parameters"`
	To         []string `json:"to"`
}

// Population is a population of the network.
type Population struct {
	Name   string     `json:"name"`
	Neuron snn.Neuron `json:"neuron"`
	Shape  [3]int     `json:"shape"` // C, H, W
	Bias   bool       `json:"bias"`
	From   []string   `json:"from"` // populations
}

// RunSpiking reads the file of NIR at path. target is nil where no target is asked about. The error is about a file that has no
// nodes; nodes that are refused, every one of them, and what a target cannot keep are part of the report.
func RunSpiking(ctx context.Context, path string, target *chip.Profile) (*Spiking, error) {
	m, f, found, err := build.SurveySpiking(path)
	if f == nil {
		return nil, err
	}
	r := &Spiking{Schema: SpikingSchema, Model: path, Nodes: []SpikingNode{}, Populations: []Population{}, Diagnostics: append(diag.List{}, found...)}
	for _, n := range f.Nodes {
		r.Nodes = append(r.Nodes, SpikingNode{Name: n.Name, Kind: n.Kind, Shape: append([]int{}, n.Shape...), Parameters: n.Parameters, To: append([]string{}, n.To...)})
		r.Parameters += n.Parameters
	}
	if target != nil {
		r.Target = target.ID
	}
	if err != nil {
		return r, nil
	}
	r.network(f)
	if target == nil {
		return r, nil
	}
	found, err = build.Foresee(ctx, m, target)
	r.Diagnostics = append(r.Diagnostics, found...)
	return r, err
}

// network lists what the nodes become.
func (r *Spiking) network(f *nir.File) {
	net := f.Network
	for i := range net.Populations {
		p := &net.Populations[i]
		l := Population{Name: p.Name, Neuron: p.Neuron, Shape: p.Shape, Bias: p.Bias != nil, From: []string{}}
		for _, j := range net.Incoming(i) {
			l.From = append(l.From, net.Populations[net.Projections[j].Source].Name)
		}
		r.Populations = append(r.Populations, l)
	}
	if r.Input = f.Input; f.Input != "" {
		r.Steps, r.Reset, r.Readout, r.Initial = net.Steps, string(net.Reset), net.Readout.Kind, "zero"
		if net.Initial > 0 {
			r.Initial = "half"
		}
	}
}
