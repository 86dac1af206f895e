package emulator

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"spikec/target/chip"
	"spikec/target/image"
)

// maxLatency bounds the steps that a spike may travel, and with them the memory for spikes on their way.
const maxLatency = 1 << 12

// maxSteps bounds the steps of a picture, as the stored form of images does: between two checkpoints, 16 bits hold every
// count of spikes.
const maxSteps = 1 << 16

// check reports the first thing that keeps every engine from running the image: an image that breaks the promises of
// package image, or a chip that is no emulated one.
func check(img *image.Image, p *chip.Profile) error {
	switch {
	case p.Execution.Kind != "tick" && !p.Execution.Serial():
		return fmt.Errorf("emulator: profile %s: execution %q is not emulated, only tick and event are", p.ID, p.Execution.Kind)
	case p.Execution.Latency < 0 || p.Execution.Latency > maxLatency:
		return fmt.Errorf("emulator: profile %s: latency %d: want 0..%d", p.ID, p.Execution.Latency, maxLatency)
	case img.Steps < 1 || img.Steps > maxSteps:
		return fmt.Errorf("emulator: image of %d steps: want 1..%d", img.Steps, maxSteps)
	}
	for i := range img.Cores {
		if err := checkSource(img, &img.Cores[i]); err != nil {
			return fmt.Errorf("emulator: core %d (%s): %w", i, img.Cores[i].Population, err)
		}
		if err := checkCore(img, i, p); err != nil {
			return fmt.Errorf("emulator: core %d (%s): %w", i, img.Cores[i].Population, err)
		}
	}
	for i := range img.Input.Drives {
		if err := checkDrive(img, &img.Input.Drives[i]); err != nil {
			return fmt.Errorf("emulator: drive %d: %w", i, err)
		}
	}
	return checkOutput(img)
}

// checkSource checks that a core which is the host can play the picture.
func checkSource(img *image.Image, c *image.Core) error {
	coding, plays := img.Input.Coding()
	switch {
	case !c.Source:
		return nil
	case !plays:
		return fmt.Errorf("a source of spikes, which encoding %s does not play", img.Input.Encoding)
	case c.Shape != img.Input.Shape:
		return fmt.Errorf("a source of spikes of shape %v for pictures of shape %v", c.Shape, img.Input.Shape)
	}
	return coding.Validate()
}

// checkCore checks one core.
func checkCore(img *image.Image, i int, p *chip.Profile) error {
	c := &img.Cores[i]
	all := c.Shape[0] * c.Shape[1] * c.Shape[2]
	if c.Members != nil {
		if err := checkMembers(c, all); err != nil {
			return err
		}
	}
	if c.Shape[0] < 1 || c.First < 0 || c.Neurons < 1 || c.Members == nil && c.First+c.Neurons > all || c.Start < 0 {
		return fmt.Errorf("neurons %d..%d of a population %v, window from step %d", c.First, c.First+c.Neurons-1, c.Shape, c.Start)
	}
	if !c.Source {
		if err := checkComplete(c, p); err != nil {
			return err
		}
	}
	if err := checkLengths(c); err != nil {
		return err
	}
	if err := checkMemories(c, p); err != nil {
		return err
	}
	for _, r := range c.Routes {
		if r.Core <= i || r.Core >= len(img.Cores) {
			return fmt.Errorf("spikes go to core %d: want a later one of %d", r.Core, len(img.Cores))
		}
		if r.First < 0 || r.Count < 0 || r.First+r.Count > c.Neurons || r.Axon < 0 || r.Axon+r.Count > img.Cores[r.Core].Axons() {
			return fmt.Errorf("route %+v leaves %d neurons or %d axons", r, c.Neurons, img.Cores[r.Core].Axons())
		}
	}
	return nil
}

// checkMembers checks a core that holds chosen neurons of a population of so many.
func checkMembers(c *image.Core, population int) error {
	if len(c.Members) != c.Neurons || c.First != 0 || c.Source {
		return fmt.Errorf("%d members for %d neurons from %d on: want one each, from 0 on, and none on the host", len(c.Members), c.Neurons, c.First)
	}
	for _, k := range c.Members {
		if k < 0 || int(k) >= population {
			return fmt.Errorf("a neuron is number %d of a population of %d", k, population)
		}
	}
	for _, b := range c.Synapses {
		if _, conv := b.Synapses.(*image.Conv2d); conv {
			return errors.New("a convolution, which reaches stretches of a population, on a core of members")
		}
	}
	return nil
}

// checkComplete checks that a core has the registers that the profile names.
func checkComplete(c *image.Core, p *chip.Profile) error {
	for _, name := range append(slices.Sorted(maps.Keys(p.Registers.Constants)), p.Registers.Threshold, p.Registers.Lower) {
		if name != "" && len(c.Registers[name]) == 0 {
			return fmt.Errorf("register %s is missing", name)
		}
	}
	return nil
}

// checkMemories checks that the profile's program has the core's synapse memories: of a program that tells several apart, each
// by its name, all of one core integrated into one variable.
func checkMemories(c *image.Core, p *chip.Profile) error {
	known := p.Memories()
	for _, b := range c.Synapses {
		if b.Name != "" && !slices.Contains(known, b.Name) || b.Name == "" && known != nil {
			return fmt.Errorf("synapses in a memory %q: the chip has %q", b.Name, known)
		}
		if into := intoOf(p, b.Name); into != intoOf(p, c.Synapses[0].Name) {
			return fmt.Errorf("memories %q and %q lead into different variables", c.Synapses[0].Name, b.Name)
		}
	}
	return nil
}

// intoOf returns the variable that synapses of a memory are integrated into: v where the memory has no name.
func intoOf(p *chip.Profile, memory string) string {
	for _, m := range p.Program {
		if m.Op == "integrate" && memory != "" && slices.Contains(chip.List(m.From), memory) {
			return m.Into
		}
	}
	return "v"
}

// checkLengths checks the lengths of a core's registers and of its initial membranes.
func checkLengths(c *image.Core) error {
	for name, values := range c.Registers {
		if err := checkLength(c, values); err != nil {
			return fmt.Errorf("register %s: %w", name, err)
		}
	}
	if err := checkLength(c, c.InitialV); err != nil {
		return fmt.Errorf("initial membranes: %w", err)
	}
	return nil
}

// checkLength checks that values are none, one, one a channel or one a neuron.
func checkLength(c *image.Core, values []int32) error {
	switch len(values) {
	case 0, 1, c.Shape[0], c.Neurons:
		return nil
	}
	return fmt.Errorf("%d values: want 1, one a channel (%d) or one a neuron (%d)", len(values), c.Shape[0], c.Neurons)
}

// checkDrive checks that a drive reads the picture and reaches cores of one population.
func checkDrive(img *image.Image, d *image.Drive) error {
	codes := img.Input.Shape[0] * img.Input.Shape[1] * img.Input.Shape[2]
	if d.Synapses == nil || d.Synapses.Axons() != codes || d.Shift > 31 {
		return fmt.Errorf("it does not read a picture of %v codes, or shifts by %d: want 0..31", img.Input.Shape, d.Shift)
	}
	if len(d.Cores) == 0 {
		return errors.New("it reaches no core")
	}
	for _, i := range d.Cores {
		if i < 0 || i >= len(img.Cores) {
			return fmt.Errorf("core %d: there are %d", i, len(img.Cores))
		}
		if img.Cores[i].Shape != img.Cores[d.Cores[0]].Shape {
			return fmt.Errorf("cores %d and %d hold different populations", d.Cores[0], i)
		}
	}
	return nil
}

// checkOutput checks that the neurons of the output cores are the classes.
func checkOutput(img *image.Image) error {
	n := 0
	for k, i := range img.Output.Cores {
		if i < 0 || i >= len(img.Cores) || slices.Contains(img.Output.Cores[:k], i) {
			return fmt.Errorf("emulator: output core %d: want each of %d cores at most once", i, len(img.Cores))
		}
		n += img.Cores[i].Neurons
	}
	if n != img.Output.Classes || n == 0 {
		return fmt.Errorf("emulator: output of %d neurons for %d classes", n, img.Output.Classes)
	}
	if d := img.Output.Delay; d < 0 || d >= img.Steps {
		return fmt.Errorf("emulator: output read from step %d on: want 0..%d", d, img.Steps-1)
	}
	return nil
}

// checkCodes checks that a picture has as many codes as the image wants.
func checkCodes(img *image.Image, codes []uint8) error {
	if want := img.Input.Shape[0] * img.Input.Shape[1] * img.Input.Shape[2]; len(codes) != want {
		return fmt.Errorf("emulator: picture of %d codes: want %d (C, H, W = %v)", len(codes), want, img.Input.Shape)
	}
	return nil
}
