// Package encoder turns the codes of a picture into spikes: the published input codes, one file each, of which every
// simulator and the emulator use this one definition. A train is a function of the coding, the picture's index and the
// neuron's number alone (random.go): it is the same whatever thread, shard or order it is played in, and its first steps
// do not depend on how many follow.
//
// A code c of 0..255 stands for x = c/255. Every encoder but those that say otherwise fires x·Peak spikes a step on
// average, Peak being 1 but for refractory neurons, and none for code 0. A neuron fires at most once a step: what lands in
// one step is one spike.
package encoder

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Coding says how codes become spikes. It is all that the trains of a set of pictures depend on, besides the codes.
type Coding struct {
	Name string // one of Names
	Seed uint64 // of the random encoders
	// Parameter is the encoder's one number, see Default; 0 where it has none.
	Parameter int
}

// encoder is one way to make spikes. Each file of an encoder adds its own to encoders.
type encoder struct {
	about  string // one line
	random bool   // it draws numbers
	times  bool   // codes are told by times, not by rates
	// parameter is the default of Coding.Parameter, between least and most; 0 where there is none.
	parameter, least, most int
	// peak returns how many spikes a step code 255 stands for; nil: one.
	peak func(parameter int) float64
	// begin sets the state of a train before its first step, beyond code, parameter and draws; nil: it has none.
	begin func(t *train)
	// next returns the first step from t.from on that has a spike. Where that is limit or later it may return any step from
	// limit on, and is asked again with t.from = limit.
	next func(t *train, limit int) int
}

// train is the spike train of one neuron on its way.
type train struct {
	code      uint8 // 1..255
	parameter int
	draws     draws
	from      int     // the first step that is not played yet
	state     int     // an encoder's own
	at        float64 // for encoders that draw intervals: the time of the next spike, in steps
}

// encoders are the encoders by name.
var encoders = map[string]*encoder{}

// register adds an encoder.
func register(name string, e encoder) {
	if encoders[name] != nil {
		panic("encoder: " + name + " registered twice")
	}
	encoders[name] = &e
}

// Names returns the names of all encoders: bernoulli and poisson, then the others in alphabetical order.
func Names() []string {
	first := []string{"bernoulli", "poisson"}
	rest := slices.DeleteFunc(slices.Sorted(maps.Keys(encoders)), func(n string) bool { return slices.Contains(first, n) })
	return append(first, rest...)
}

// Default returns the coding of that name with its default parameter. The seed of an encoder without random numbers
// is 0, so that one coding has one form.
func Default(name string, seed uint64) (Coding, error) {
	e := encoders[name]
	if e == nil {
		return Coding{}, unknown(name)
	}
	if !e.random {
		seed = 0
	}
	return Coding{Name: name, Seed: seed, Parameter: e.parameter}, nil
}

// About says in a line what an encoder of Names does.
func About(name string) string { return encoders[name].about }

// Validate reports a coding that does not exist.
func (c Coding) Validate() error {
	e := encoders[c.Name]
	switch {
	case e == nil:
		return unknown(c.Name)
	case c.Seed != 0 && !e.random:
		return fmt.Errorf("encoder %s draws no numbers, seed %d has no use", c.Name, c.Seed)
	case e.parameter == 0 && c.Parameter != 0:
		return fmt.Errorf("encoder %s has no parameter, got %d", c.Name, c.Parameter)
	case e.parameter != 0 && (c.Parameter < e.least || c.Parameter > e.most):
		return fmt.Errorf("parameter %d of encoder %s, want %d..%d", c.Parameter, c.Name, e.least, e.most)
	}
	return nil
}

// Draws reports whether the encoder draws numbers, with the coding's seed. c must be valid.
func (c Coding) Draws() bool { return encoders[c.Name].random }

// Rates reports whether codes are told by rates of spikes, which networks of rates need. c must be valid.
func (c Coding) Rates() bool { return !encoders[c.Name].times }

// Peak returns the spikes a step that code 255 stands for: a code c stands for c/255·Peak. c must be valid.
func (c Coding) Peak() float64 {
	e := encoders[c.Name]
	if e.peak == nil {
		return 1
	}
	return e.peak(c.Parameter)
}

func unknown(name string) error {
	return fmt.Errorf("encoder %q, want one of %s", name, strings.Join(Names(), ", "))
}
