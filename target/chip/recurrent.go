package chip

import (
	"errors"
	"fmt"
	"slices"
)

// Recurrent are the synapse memories of a chip whose layers lie in one core (LayersRecurrent), by what they lead from and to.
type Recurrent struct {
	Input     string // inputs → neurons
	Recurrent string // neurons → neurons
	Output    string // neurons → accumulators
}

// Recurrent returns the memories of such a chip, or says why its program is none of one: it must integrate one memory into v that
// emit does not name, one into v that it names, and one into o that it names, and spikes must arrive in the step behind the one
// in which they were sent, so that those of a layer do not meet those of the layer before.
func (p *Profile) Recurrent() (Recurrent, error) {
	var r Recurrent
	var emitted []string
	for _, m := range p.Program {
		if m.Op == "emit" {
			emitted = append(emitted, List(m.To)...)
		}
	}
	set := func(role *string, name string) error {
		if *role != "" {
			return fmt.Errorf("chip: %s: memories %s and %s lead the same way", p.ID, *role, name)
		}
		*role = name
		return nil
	}
	for _, m := range p.Program {
		if m.Op != "integrate" {
			continue
		}
		for _, name := range List(m.From) {
			var err error
			switch sent := slices.Contains(emitted, name); {
			case m.Into == "v" && !sent:
				err = set(&r.Input, name)
			case m.Into == "v":
				err = set(&r.Recurrent, name)
			case m.Into == "o" && sent:
				err = set(&r.Output, name)
			default:
				err = fmt.Errorf("chip: %s: memory %s leads into %s", p.ID, name, m.Into)
			}
			if err != nil {
				return r, err
			}
		}
	}
	switch {
	case r.Input == "" || r.Recurrent == "" || r.Output == "":
		return r, fmt.Errorf("chip: %s: want memories for inputs, spikes and outputs, got %q, %q and %q", p.ID, r.Input, r.Recurrent, r.Output)
	case p.Execution.Latency != 1:
		return r, fmt.Errorf("chip: %s: a latency of %d, want 1", p.ID, p.Execution.Latency)
	case p.State.V == nil || p.State.O == nil:
		return r, errors.New("chip: " + p.ID + ": no format of v or o in the state")
	}
	return r, nil
}

// Memory returns the memory of the synapses from a source to a target: from the host's inputs or from neurons, to accumulators or
// to neurons; "" where there is none, from inputs to accumulators.
func (r Recurrent) Memory(fromInput, toOutput bool) string {
	switch {
	case fromInput && toOutput:
		return ""
	case fromInput:
		return r.Input
	case toOutput:
		return r.Output
	}
	return r.Recurrent
}
