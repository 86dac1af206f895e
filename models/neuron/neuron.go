// Package neuron holds neuron models as the literature gives them, one file each: equations, source, units and usual values are
// in the file. A neuron is a system of differential equations (package ode), a rule that says when it has spiked and, for
// most, one that resets it. Units are those of each model; times are in the model's unit, ms where it has one.
package neuron

import (
	"fmt"
	"slices"

	"spikec/internal/ode"
)

// Neuron is one neuron. Its parameters may be changed between steps; its state is the caller's.
type Neuron interface {
	ode.System
	// Parameters returns names, units and places of the parameters.
	Parameters() []Parameter
	// Variables names the state; the first is the membrane potential.
	Variables() []string
	// Start sets y to the state from which the neuron starts by itself, with the parameters as they are now.
	Start(y []float64)
	// Drive sets the current into the neuron until it is set again.
	Drive(current float64)
	// Spikes reports whether a step that led from one state to another held a spike.
	Spikes(before, after []float64) bool
}

// Resetting is a neuron whose state jumps when it spikes.
type Resetting interface {
	Neuron
	// Reset changes the state after a spike.
	Reset(y []float64)
	// Refractory returns for how long the state is held after a reset; 0: it goes on at once.
	Refractory() float64
}

// Parameter is a parameter of a neuron.
type Parameter struct {
	Name, Unit string
	Value      *float64
}

// Model is a kind of neuron.
type Model struct {
	Name  string
	About string
	// New returns a neuron with the usual parameters.
	New func() Neuron
}

// models are filled by the files of the models.
var models []Model

// register adds a model; two of one name are a mistake in this package.
func register(m Model) {
	if slices.ContainsFunc(models, func(o Model) bool { return o.Name == m.Name }) {
		panic("neuron: model " + m.Name + " registered twice")
	}
	models = append(models, m)
}

// Models returns all models.
func Models() []Model { return slices.Clone(models) }

// New returns a neuron of the model of that name, with the usual parameters.
func New(name string) (Neuron, error) {
	var names []string
	for _, m := range models {
		if m.Name == name {
			return m.New(), nil
		}
		names = append(names, m.Name)
	}
	return nil, fmt.Errorf("there is no neuron model %q: one of %v", name, names)
}

// Set changes a parameter by its name.
func Set(n Neuron, name string, value float64) error {
	var names []string
	for _, p := range n.Parameters() {
		if p.Name == name {
			*p.Value = value
			return nil
		}
		names = append(names, p.Name)
	}
	return fmt.Errorf("there is no parameter %q: one of %v", name, names)
}

// rises reports whether a value goes upwards through a level: before < level ≤ after.
func rises(before, after, level float64) bool { return before < level && level <= after }
