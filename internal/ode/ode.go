// Package ode takes steps of differential equations: one file a method. A system is what its equations are, a method is
// how a step is taken; what a method needs beyond the derivative (coefficients, a matrix, noise) is an interface of its own,
// and a method refuses systems that lack it. What drives a system from outside is constant during a step.
package ode

import (
	"fmt"
	"slices"
)

// System is dy/dt = f(y).
type System interface {
	// Dim is the length of y.
	Dim() int
	// Derivative sets dy to f(y). It keeps neither slice.
	Derivative(dy, y []float64)
}

// Affine is a system each of whose equations is linear in its own variable: dy[i]/dt = a[i]·y[i] + b[i], where a[i] and b[i]
// may depend on the other variables.
type Affine interface {
	System
	// Coefficients sets a and b to those at y.
	Coefficients(a, b, y []float64)
}

// Linear is a system dy/dt = A·y + b whose A and b do not depend on y.
type Linear interface {
	System
	// Matrix returns A, row by row, and b.
	Matrix() (a [][]float64, b []float64)
}

// Noisy is a system dy = f(y) dt + g(y) dW, where each variable has a Wiener process of its own.
type Noisy interface {
	System
	// Diffusion sets g to g(y).
	Diffusion(g, y []float64)
}

// Stepper takes steps of one system with one step size. It owns memory, so one goroutine may use it at a time.
type Stepper interface {
	// Step takes y from t to t+dt. The noise dw holds the increments of the Wiener processes, of variance dt; it is nil
	// where there is none. The system is asked anew, so that its inputs may change from step to step.
	Step(y, dw []float64)
}

// Method is a way to take steps.
type Method struct {
	Name  string
	About string // the formula in a line
	Order int    // of the error at a fixed time against the step size; 0: exact. Without noise.
	// New prepares steps of size dt > 0, or says why the method does not suit the system.
	New func(s System, dt float64) (Stepper, error)
}

// methods are filled by the files of the methods.
var methods []Method

// register adds a method; two of one name are a mistake in this package.
func register(m Method) {
	if slices.ContainsFunc(methods, func(o Method) bool { return o.Name == m.Name }) {
		panic("ode: method " + m.Name + " registered twice")
	}
	methods = append(methods, m)
}

// Names returns the names of all methods.
func Names() []string {
	var names []string
	for _, m := range methods {
		names = append(names, m.Name)
	}
	return names
}

// Named returns the method of that name.
func Named(name string) (Method, error) {
	for _, m := range methods {
		if m.Name == name {
			return m, nil
		}
	}
	return Method{}, fmt.Errorf("there is no method %q: one of %v", name, Names())
}

// New prepares steps of a system with the method of that name.
func New(name string, s System, dt float64) (Stepper, error) {
	m, err := Named(name)
	if err != nil {
		return nil, err
	}
	if !(dt > 0) {
		return nil, fmt.Errorf("step size %v: want more than 0", dt)
	}
	return m.New(s, dt)
}

// needs returns the error of a method for a system that lacks something.
func needs(method, what string) error {
	return fmt.Errorf("method %s needs %s", method, what)
}

// noiseless refuses systems with noise.
func noiseless(method string, s System) error {
	if _, ok := s.(Noisy); ok {
		return needs(method, "equations without noise")
	}
	return nil
}
