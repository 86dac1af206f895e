package quantize

import (
	"context"
	"slices"
	"strings"

	"spikec/internal/diag"
	"spikec/models/snn"
	"spikec/target/chip"
)

// Options say how a network is quantised.
type Options struct {
	Bits int // narrows the weights; 0 takes what the chip has
	Jobs int // goroutines; as many as Go may use processors if not positive
}

// Run quantises net for a chip. Thresholds are rounded first; weights are then rounded in units of 1/threshold, so that
// only weights carry an error. The error is a *diag.Failure where the network does not fit the formats.
func Run(ctx context.Context, net *snn.Network, p *chip.Profile, o Options) (*Network, diag.List, error) {
	q, found, err := intoIntegers(ctx, net, net.Output(), p, o)
	if err != nil {
		return nil, nil, err
	}
	return q, found, found.Err()
}

// intoIntegers is Run for a network that may not be complete: output is the population that is the output, or −1.
func intoIntegers(ctx context.Context, net *snn.Network, output int, p *chip.Profile, o Options) (*Network, diag.List, error) {
	f, err := FormatOf(p, o.Bits)
	if err != nil {
		return nil, nil, err
	}
	found := neuronsFit(net, p)
	q := &Network{Name: net.Name, Chip: p.ID, Steps: net.Steps, Reset: net.Reset, Firing: net.Firing, Readout: net.Readout, Format: f}
	q.Projections = make([]Projection, len(net.Projections))
	for i, s := range net.Projections {
		q.Projections[i] = Projection{Source: s.Source, Target: s.Target, Pool: s.Pool, Window: s.Window, Groups: s.Groups, Identity: s.Identity}
	}
	for i := range net.Populations {
		if err := context.Cause(ctx); err != nil {
			return nil, nil, err
		}
		s := &net.Populations[i]
		if s.Neuron == snn.Input || s.Neuron == snn.Source {
			q.Populations = append(q.Populations, Population{Name: s.Name, Shape: s.Shape, Neuron: s.Neuron, Coding: s.Coding})
			continue
		}
		l := newLayer(net, i, f, i == output, o.Jobs)
		l.quantise()
		l.store(q, &found)
	}
	return q, found, nil
}

// neuronsFit reports what the network's neurons do and the chip's do not.
func neuronsFit(net *snn.Network, p *chip.Profile) diag.List {
	var found diag.List
	if !slices.Contains(p.Reset.Modes, string(net.Reset)) {
		found.Add(diag.Diagnostic{ID: "SPK-QUANT-005", Severity: diag.Error, Subject: net.Name, Message: "the chip's neurons have another reset",
			Value: net.Reset, Limit: strings.Join(p.Reset.Modes, ", "), Remedy: "convert for a reset of the chip"})
	}
	if chip := snn.Firing(p.Capabilities().Firing); net.Firing != chip {
		found.Add(diag.Diagnostic{ID: "SPK-QUANT-007", Severity: diag.Error, Subject: net.Name, Message: "the chip's neurons fire in another way",
			Value: firingName(net.Firing), Limit: firingName(chip), Remedy: "convert for this chip"})
	}
	if net.Initial != 0 && !p.Initial.V {
		found.Add(diag.Diagnostic{ID: "SPK-QUANT-006", Severity: diag.Error, Subject: net.Name, Message: "the chip's membranes start at zero",
			Value: net.Initial, Limit: 0, Remedy: "convert with membranes that start at zero"})
	}
	return found
}

// firingName names a kind of firing.
func firingName(f snn.Firing) string {
	if f == snn.Plain {
		return "plain"
	}
	return string(f)
}
