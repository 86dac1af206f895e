package image

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// Limits of what an image may describe.
const (
	maxSteps  = 1 << 16   // steps of a picture
	maxStart  = 1 << 20   // the step at which a core's window opens
	maxSize   = 1<<31 - 1 // axons of a core, elements of an array
	maxMap    = 1 << 26   // elements of a map, and neurons of all cores: shapes take no bytes in a file, but memory to run
	maxClass  = 1 << 16   // classes
	maxRecord = 1 << 24   // classes times steps, where the output is looked at in every step
	maxExact  = 1 << 12   // classes of an exact early exit, which compares each with each
	maxWindow = 1 << 15   // taps, stride, dilation and padding of a window
	maxText   = 1000      // bytes of a name
	maxPlace  = 1<<15 - 1 // columns and rows of a grid of cores
)

// Validate reports the first thing that would lead an emulator out of bounds: indices out of range, register lengths,
// routes to earlier cores, shapes beyond 2^26 elements, and the like. Whether the image fits a chip is said by Check.
func (m *Image) Validate() error {
	if err := m.validate(); err != nil {
		return fmt.Errorf("image: %w", err)
	}
	return nil
}

func (m *Image) validate() error {
	if err := validText(m.Chip); err != nil {
		return fmt.Errorf("chip: %w", err)
	}
	if m.Steps < 1 || m.Steps > maxSteps {
		return fmt.Errorf("%d steps, want 1..%d", m.Steps, maxSteps)
	}
	if len(m.Cores) == 0 {
		return errors.New("no cores")
	}
	for i := range m.Cores {
		if err := m.Cores[i].validate(); err != nil {
			return fmt.Errorf("core %d (%s): %w", i, m.Cores[i].Population, err)
		}
	}
	neurons := 0
	for i := range m.Cores {
		if neurons += m.Cores[i].Neurons; neurons > maxMap {
			return fmt.Errorf("more than %d neurons", maxMap)
		}
	}
	if err := m.validatePlaces(); err != nil {
		return err
	}
	axons := make([]int, len(m.Cores))
	for i := range m.Cores {
		axons[i] = m.Cores[i].Axons()
	}
	for i := range m.Cores {
		if err := m.validateRoutes(i, axons); err != nil {
			return fmt.Errorf("core %d (%s): %w", i, m.Cores[i].Population, err)
		}
	}
	if err := m.validateInput(); err != nil {
		return fmt.Errorf("input: %w", err)
	}
	if err := m.validateOutput(); err != nil {
		return fmt.Errorf("output: %w", err)
	}
	return nil
}

// validShape refuses shapes without elements, or with more than maxMap.
func validShape(s [3]int) error {
	n := int64(1)
	for _, d := range s {
		if d < 1 || d > maxMap || n*int64(d) > maxMap {
			return fmt.Errorf("shape %v: want 1 to %d elements", s, maxMap)
		}
		n *= int64(d)
	}
	return nil
}

// validText refuses names that are empty, long or not valid UTF-8, which JSON could not hold as they are.
func validText(s string) error {
	if s == "" || len(s) > maxText || strings.ToValidUTF8(s, "") != s {
		return fmt.Errorf("name %.40q: want 1 to %d bytes of UTF-8", s, maxText)
	}
	return nil
}

// size returns the number of elements of a valid shape.
func size(s [3]int) int { return s[0] * s[1] * s[2] }

// validate checks everything about a core but its routes.
func (c *Core) validate() error {
	if err := validText(c.Population); err != nil {
		return err
	}
	if err := validShape(c.Shape); err != nil {
		return err
	}
	n := size(c.Shape)
	if err := c.validateMembers(n); err != nil {
		return err
	}
	switch {
	case c.Members != nil: // validateMembers has looked at them
	case c.First < 0 || c.Neurons < 1 || c.First > n || c.Neurons > n-c.First:
		return fmt.Errorf("%d neurons from %d on of a population of %d", c.Neurons, c.First, n)
	}
	switch {
	case c.Start < 0 || c.Start > maxStart:
		return fmt.Errorf("start at step %d, want 0..%d", c.Start, maxStart)
	case len(c.InitialV) > 0 && !c.fits(c.InitialV):
		return fmt.Errorf("initial membranes: %d values, %s", len(c.InitialV), c.lengths())
	}
	for _, name := range sortedKeys(c.Registers) {
		if err := validText(name); err != nil {
			return fmt.Errorf("register: %w", err)
		}
		if v := c.Registers[name]; !c.fits(v) {
			return fmt.Errorf("register %s: %d values, %s", name, len(v), c.lengths())
		}
	}
	for i, b := range c.Synapses {
		if err := validSynapses(b.Synapses, target{shape: c.Shape, first: c.First, neurons: c.Neurons}); err != nil {
			return fmt.Errorf("synapses %d: %w", i, err)
		}
		if _, conv := b.Synapses.(*Conv2d); conv && c.Members != nil {
			return fmt.Errorf("synapses %d: a convolution, which reaches stretches of a population, on a core of members", i)
		}
		if b.Name != "" {
			if err := validText(b.Name); err != nil {
				return fmt.Errorf("synapses %d: memory: %w", i, err)
			}
		}
		if b.FirstAxon < 0 || b.FirstAxon > maxSize-b.Synapses.Axons() {
			return fmt.Errorf("synapses %d: %d axons from %d on", i, b.Synapses.Axons(), b.FirstAxon)
		}
	}
	return nil
}

// validateMembers checks the members of a core of a population of so many neurons.
func (c *Core) validateMembers(population int) error {
	switch {
	case c.Members == nil:
		return nil
	case c.First != 0 || c.Source || len(c.Members) != c.Neurons || c.Neurons > maxMap:
		return fmt.Errorf("%d members for %d neurons from %d on: want one each, from 0 on, and none on the host", len(c.Members), c.Neurons, c.First)
	}
	for n, k := range c.Members {
		if k < 0 || int(k) >= population {
			return fmt.Errorf("neuron %d is number %d of a population of %d", n, k, population)
		}
	}
	return nil
}

// validatePlaces checks that no two cores stand at one place.
func (m *Image) validatePlaces() error {
	taken := map[[2]int]int{}
	for i := range m.Cores {
		p := m.Cores[i].Place
		if p == nil {
			continue
		}
		if p[0] < 0 || p[1] < 0 || p[0] > maxPlace || p[1] > maxPlace {
			return fmt.Errorf("core %d stands at column %d, row %d: want 0..%d", i, p[0], p[1], maxPlace)
		}
		if k, ok := taken[*p]; ok {
			return fmt.Errorf("cores %d and %d both stand at column %d, row %d", k, i, p[0], p[1])
		}
		taken[*p] = i
	}
	return nil
}

// fits reports whether values are one for the core, one a channel, or one a neuron.
func (c *Core) fits(values []int32) bool {
	return len(values) == 1 || len(values) == c.Shape[0] || len(values) == c.Neurons
}

// lengths says what fits wants.
func (c *Core) lengths() string {
	return fmt.Sprintf("want 1, one a channel (%d) or one a neuron (%d)", c.Shape[0], c.Neurons)
}

// validSynapses checks a synapse memory that reaches t.
func validSynapses(s Synapses, t target) error {
	m, err := storedForm(s)
	if err != nil {
		return err
	}
	if err := m.validate(t); err != nil {
		return fmt.Errorf("%s: %w", m.Kind(), err)
	}
	return nil
}

// validateRoutes checks the routes of core i: to later cores only, so that a step can be computed core by core. axons
// counts those of every core.
func (m *Image) validateRoutes(i int, axons []int) error {
	c := &m.Cores[i]
	for k, r := range c.Routes {
		switch {
		case r.Core <= i || r.Core >= len(m.Cores):
			return fmt.Errorf("route %d goes to core %d, want a later one of %d", k, r.Core, len(m.Cores))
		case r.First < 0 || r.Count < 1 || r.First > c.Neurons || r.Count > c.Neurons-r.First:
			return fmt.Errorf("route %d takes %d neurons from %d on, the core has %d", k, r.Count, r.First, c.Neurons)
		}
		if r.Delay != 0 {
			return fmt.Errorf("route %d with a delay of %d, want none", k, r.Delay)
		}
		if n := axons[r.Core]; r.Axon < 0 || r.Axon > n || r.Count > n-r.Axon {
			return fmt.Errorf("route %d takes %d axons from %d on, core %d has %d", k, r.Count, r.Axon, r.Core, n)
		}
	}
	return nil
}

// validateInput checks the picture and the drives.
func (m *Image) validateInput() error {
	in := &m.Input
	if err := validShape(in.Shape); err != nil {
		return err
	}
	if !(in.Step > 0) || math.IsInf(in.Step, 0) {
		return fmt.Errorf("step %v, want a positive number", in.Step)
	}
	if err := m.validateCoding(); err != nil {
		return err
	}
	for i := range in.Drives {
		if err := m.validateDrive(&in.Drives[i]); err != nil {
			return fmt.Errorf("drive %d: %w", i, err)
		}
	}
	return nil
}

// validateCoding checks the encoding, and that there are sources iff it plays spikes.
func (m *Image) validateCoding() error {
	in := &m.Input
	coding, plays := in.Coding()
	switch err := coding.Validate(); {
	case plays && err != nil:
		return fmt.Errorf("encoding %q: constant and regular play no spikes, and: %w", in.Encoding, err)
	case !plays && (in.Seed != 0 || in.Parameter != 0):
		return fmt.Errorf("encoding %s with seed %d and parameter %d, which it does not have", in.Encoding, in.Seed, in.Parameter)
	}
	sources := false
	for i := range m.Cores {
		c := &m.Cores[i]
		if !c.Source {
			continue
		}
		sources = true
		switch {
		case !plays:
			return fmt.Errorf("core %d is a source of spikes, which encoding %s does not play", i, in.Encoding)
		case c.Shape != in.Shape:
			return fmt.Errorf("core %d is a source of shape %v for a picture of shape %v", i, c.Shape, in.Shape)
		case len(c.Registers) > 0 || len(c.InitialV) > 0 || len(c.Synapses) > 0:
			return fmt.Errorf("core %d is a source of spikes and has registers, membranes or synapses", i)
		}
	}
	if plays && !sources {
		return fmt.Errorf("encoding %s without a source of spikes", in.Encoding)
	}
	return nil
}

// validateDrive checks that a drive reads the picture and reaches cores of one population.
func (m *Image) validateDrive(d *Drive) error {
	if err := validText(d.Register); err != nil {
		return fmt.Errorf("register: %w", err)
	}
	if d.Shift > 31 {
		return fmt.Errorf("shift %d, want 0..31", d.Shift)
	}
	if len(d.Cores) == 0 {
		return errors.New("it reaches no core")
	}
	for k, i := range d.Cores {
		if i < 0 || i >= len(m.Cores) {
			return fmt.Errorf("core %d of %d", i, len(m.Cores))
		}
		c, first := &m.Cores[i], &m.Cores[d.Cores[0]]
		if c.Shape != first.Shape || c.Population != first.Population {
			return fmt.Errorf("core %d holds %s %v and core %d holds %s %v", d.Cores[0], first.Population, first.Shape, i, c.Population, c.Shape)
		}
		if c.Source {
			return fmt.Errorf("core %d is a source of spikes and takes no current", i)
		}
		if k > 0 && i <= d.Cores[k-1] {
			return fmt.Errorf("cores %d and %d are not in ascending order", d.Cores[k-1], i)
		}
	}
	shape := m.Cores[d.Cores[0]].Shape
	if err := validSynapses(d.Synapses, target{source: m.Input.Shape, shape: shape, neurons: size(shape)}); err != nil {
		return err
	}
	if n := d.Synapses.Axons(); n != size(m.Input.Shape) {
		return fmt.Errorf("%d axons for a picture of %d codes", n, size(m.Input.Shape))
	}
	return nil
}

// validateOutput checks that the neurons of the output cores are the classes.
func (m *Image) validateOutput() error {
	o := &m.Output
	if err := o.validateReadout(m.Steps); err != nil {
		return err
	}
	seen := map[int]bool{}
	neurons := 0
	for _, i := range o.Cores {
		if i < 0 || i >= len(m.Cores) || seen[i] {
			return fmt.Errorf("core %d of %d, want each once", i, len(m.Cores))
		}
		if m.Cores[i].Source {
			return fmt.Errorf("core %d is a source of spikes, not an answer", i)
		}
		if m.Cores[i].Members != nil {
			return fmt.Errorf("core %d holds chosen neurons of a population: classes are all of one, in order", i)
		}
		seen[i] = true
		neurons += m.Cores[i].Neurons
	}
	if neurons < 1 || neurons > maxClass || neurons != o.Classes {
		return fmt.Errorf("%d neurons for %d classes", neurons, o.Classes)
	}
	return nil
}

// validateReadout checks how the answer is read of a picture of so many steps.
func (o *Output) validateReadout(steps int) error {
	exact, margin := o.EarlyExit == ExitExact, o.EarlyExit == ExitMargin
	switch {
	case o.Readout != Membrane && o.Readout != Count && o.Readout != FirstSpike:
		return fmt.Errorf("readout %q, want membrane, count or first-spike", o.Readout)
	case o.SpikesOnly && o.Readout == Membrane:
		return errors.New("read from membranes, which the host does not see")
	case o.Delay < 0 || o.Delay >= steps:
		return fmt.Errorf("read from step %d on, want 0..%d", o.Delay, steps-1)
	case o.EarlyExit != "" && !exact && !margin:
		return fmt.Errorf("early exit %q, want exact or margin", o.EarlyExit)
	case margin != (o.Margin > 0) || o.Margin < 0:
		return fmt.Errorf("early exit %q with a margin of %d", o.EarlyExit, o.Margin)
	case o.EarlyExit != "" && o.Readout == FirstSpike:
		return errors.New("early exit: the first spike decides already")
	case o.EveryStep() && o.Classes > maxRecord/steps:
		return fmt.Errorf("%d classes in each of %d steps: want at most %d in all where every step is looked at", o.Classes, steps, maxRecord)
	case exact && o.Classes > maxExact:
		return fmt.Errorf("%d classes: want at most %d for an exact early exit", o.Classes, maxExact)
	}
	return nil
}
