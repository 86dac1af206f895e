package enginetest

import "spikec/target/image"

// styleRegisters draw the registers of a core whose neurons receive up to most in a step.
var styleRegisters = map[string]func(g *generator, c *image.Core, most int32){
	"reckon-style": (*generator).reckonStyle,
	"ranc-style":   (*generator).rancStyle,
	"ranc":         (*generator).ranc,
	"loihi-style":  (*generator).loihiStyle,
	"leak-style":   (*generator).leakStyle,
	"signed-style": (*generator).signedStyle,
}

// reckonStyle: factors from 0x7000 to 0x8FFF as the chip has them, or none, and shifted weights.
func (g *generator) reckonStyle(c *image.Core, most int32) {
	c.Registers = map[string][]int32{
		"thr": g.values(c, 1, most+1), "bias": g.values(c, -most/8-1, most/4),
		"alpha": {0x8000}, "s_w": {g.between(0, 2)},
	}
	if g.intn(3) > 0 {
		c.Registers["alpha"] = g.values(c, 0x7000, 0x8FFF)
	}
	if g.extreme {
		c.Registers["s_w"], c.Registers["bias"] = g.values(c, 0, 7), g.values(c, -32767, 32767)
	}
	g.chooseReset(c, 0, 1)
	g.start(c)
}

// rancStyle: 9 bits for everything.
func (g *generator) rancStyle(c *image.Core, _ int32) {
	c.Registers = map[string][]int32{
		"pos": g.values(c, 20, 255), "leak": g.values(c, -10, 20), "neg": g.values(c, -256, -1), "to": g.values(c, -20, 19),
	}
	if g.extreme {
		c.Registers["leak"], c.Registers["to"] = g.values(c, -255, 255), g.values(c, -256, 255)
	}
	g.chooseReset(c, 0, 2)
	g.start(c)
}

// ranc: the same under the names of the chip's own registers.
func (g *generator) ranc(c *image.Core, most int32) {
	g.rancStyle(c, most)
	c.Registers["reset_value"] = c.Registers["to"]
	delete(c.Registers, "to")
}

// loihiStyle: currents and membranes with any memory.
func (g *generator) loihiStyle(c *image.Core, _ int32) {
	g.loihi(c)
	c.Registers["du"], c.Registers["dv"] = g.values(c, 0, 4095), g.values(c, 0, 4096)
	if g.intn(3) == 0 {
		c.Registers["weight_exp"] = g.values(c, 0, 2)
	}
	if g.intn(3) == 0 {
		c.Registers["vth"] = g.values(c, 1000, 131071)
	}
	g.start(c)
}

// leakStyle: a generic core that leaks.
func (g *generator) leakStyle(c *image.Core, most int32) {
	c.Registers = map[string][]int32{"thr": g.values(c, 1, most+1), "bias": g.values(c, -most/8-1, most/4), "leak": g.values(c, 0, 127)}
	if g.extreme {
		c.Registers["bias"] = g.values(c, -32767, 32767)
	}
	g.chooseReset(c, 0, 1)
	g.start(c)
}

// signedStyle: a lower bound anywhere around zero.
func (g *generator) signedStyle(c *image.Core, most int32) {
	most = min(most, 4000)
	c.Registers = map[string][]int32{"thr": g.values(c, 1, most+1), "bias": g.values(c, -most/8-1, most/4), "low": g.values(c, -20, 20)}
	if g.extreme {
		c.Registers["bias"], c.Registers["low"] = g.values(c, -4000, 4000), g.values(c, -4096, 4095)
	}
	g.chooseReset(c, 0, 1)
	g.start(c)
}

// chooseReset sets the register reset to one of two modes, for the core or for each neuron, or leaves it out.
func (g *generator) chooseReset(c *image.Core, a, b int32) {
	switch g.intn(3) {
	case 0:
		c.Registers["reset"] = []int32{[]int32{a, b}[g.intn(2)]}
	case 1:
		for range c.Neurons {
			c.Registers["reset"] = append(c.Registers["reset"], []int32{a, b}[g.intn(2)])
		}
	}
}

// start sets the membranes at the start of a picture, or leaves them at zero.
func (g *generator) start(c *image.Core) {
	v := g.profile.State.V
	switch {
	case g.extreme:
		c.InitialV = g.values(c, int32(v.Min), int32(v.Max))
	case g.intn(3) > 0:
		c.InitialV = g.values(c, -100, 100)
	}
}
