package reckon

import (
	"fmt"

	"spikec/target/image"
)

// Synapse memories and registers of a core, as the profile reckon names them; reset chooses between the modes subtract (0) and
// zero (1).
const (
	memoryInput     = "winp"
	memoryRecurrent = "wrec"
	memoryOutput    = "wout"

	regThreshold = "thr"
	regAlpha     = "alpha"
	regKappa     = "kappa"
	regReset     = "reset"
)

// shiftRegisters are the shifts of the three memories.
var shiftRegisters = [3]string{"s_inp", "s_rec", "s_out"}

// Axons of the core. Input i is axon i; a spike of neuron i is axon FirstRecurrent+i, of the recurrent and of the output memory.
const FirstRecurrent = Neurons

// noSpike is a threshold that no membrane of 16 bits reaches.
const noSpike = 1 << 15

// Core returns the network as a core of 256 neurons at the start of a sample, as the profile reckon runs it: a step is PROP of
// a tick and STEP of the next one. The accumulators of the outputs are the variable o of neurons 0..15. What PROP leaves out —
// inputs, spikes and targets beyond the last indices — has no weights; a neuron that STEP leaves out does not leak, and its
// threshold is out of reach. Settings that are not emulated are reported at once, as a *diag.Failure.
func (c *Chip) Core() (*image.Core, error) {
	k := newChecker()
	s := c.settings(k)
	if err := k.err(); err != nil {
		return nil, err
	}
	core := &image.Core{Population: "reckon", Shape: [3]int{Neurons, 1, 1}, Neurons: Neurons, InitialV: make([]int32, Neurons),
		Registers: map[string][]int32{regThreshold: make([]int32, Neurons), regAlpha: make([]int32, Neurons), regKappa: {s.kappa}, regReset: {0}},
		Routes:    []image.Route{{Count: Neurons, Axon: FirstRecurrent}}}
	for i, name := range shiftRegisters {
		core.Registers[name] = []int32{s.shifts[i]}
	}
	if s.toZero {
		core.Registers[regReset] = []int32{1}
	}
	for j := range Neurons {
		pair := c.Pair(j / 2)
		core.Registers[regThreshold][j], core.Registers[regAlpha][j] = int32(pair.Threshold), int32(pair.Alpha)
		if j|1 > s.stepped() {
			core.Registers[regThreshold][j], core.Registers[regAlpha][j] = noSpike, alphaHigh
		}
		if c.Written[j/2] {
			core.InitialV[j] = int32(pair.U[j%2])
		}
	}
	core.Synapses = []image.Block{
		{Name: memoryInput, Synapses: matrix(Neurons, s.propagated(), s.rec|1, func(i, j int) int8 { return c.Input[i][j] })},
		{Name: memoryRecurrent, FirstAxon: FirstRecurrent, Synapses: matrix(Neurons, s.propagated(), s.rec|1, func(i, j int) int8 { return c.Recurrent[i][j] })},
		{Name: memoryOutput, FirstAxon: FirstRecurrent, Synapses: matrix(Outputs, s.propagated(), s.out, func(i, j int) int8 { return c.Output[i][j] })},
	}
	return core, nil
}

// matrix returns a matrix of 256 sources and so many targets, with weights up to the last source and target.
func matrix(targets, lastSource, lastTarget int, weight func(i, j int) int8) *image.Dense {
	d := &image.Dense{Inputs: Neurons, Neurons: targets, Weight: make([]int32, Neurons*targets)}
	for i := 0; i <= lastSource; i++ {
		for j := 0; j <= lastTarget; j++ {
			d.Weight[i*targets+j] = int32(weight(i, j))
		}
	}
	return d
}

// FromCore returns the chip that runs a core with so many inputs and outputs, ready to run. The core has up to 256 neurons with
// the registers, memories and axons of Core, and sends all spikes to its own recurrent axons. Neurons that share a pair have one
// threshold and one leak; those that the core does not use get no weights and the highest threshold. What the chip cannot hold is
// reported at once, as a *diag.Failure.
func FromCore(core *image.Core, inputs, outputs int) (*Chip, error) {
	k := newChecker()
	within := func(what string, value int32, lo, hi int32) int32 {
		if value < lo || value > hi {
			k.Errorf(idCore, core.Population, "%s is %d, want %d..%d", what, value, lo, hi)
			return lo
		}
		return value
	}
	within("the number of neurons", int32(core.Neurons), 1, Neurons)
	within("the number of inputs", int32(inputs), 1, Neurons)
	within("the number of outputs", int32(outputs), 1, Outputs)
	if len(core.Routes) != 1 || core.Routes[0] != (image.Route{Count: core.Neurons, Axon: FirstRecurrent}) {
		k.Errorf(idCore, core.Population, "routes are %+v, want one of all neurons to its own axons from %d on", core.Routes, FirstRecurrent)
	}
	if err := k.err(); err != nil {
		return nil, err
	}
	c := New()
	c.Inference()
	single := func(name string, hi int32) uint32 {
		values := core.Registers[name]
		if len(values) != 1 {
			k.Errorf(idCore, core.Population, "register %s has %d values, want one", name, len(values))
			return 0
		}
		return uint32(within("register "+name, values[0], 0, hi))
	}
	for i, r := range []Register{ShiftInput, ShiftRecurrent, ShiftOutput} {
		c.Set(r, single(shiftRegisters[i], 7))
	}
	c.Set(Kappa, single(regKappa, 255))
	c.Set(RstMode, single(regReset, 1))
	c.Set(SendLabelOnly, 0)
	c.Set(NumInp, uint32(inputs-1))
	c.Set(NumRec, uint32(core.Neurons-1|1)) // of an even last index the last neuron would never fire
	c.Set(NumOut, uint32(outputs-1))
	for p := range Pairs {
		pair := Pair{Threshold: noSpike - 1, Alpha: alphaHigh}
		for h := range 2 {
			j := 2*p + h
			if j >= core.Neurons {
				break
			}
			subject := fmt.Sprintf("neuron %d: ", j)
			thr := int16(within(subject+"threshold", core.Channel(core.Registers[regThreshold], j), -1<<15, 1<<15-1))
			alpha := uint16(within(subject+"leak factor", core.Channel(core.Registers[regAlpha], j), alphaLow, alphaHigh|alphaMask))
			if h == 1 && (thr != pair.Threshold || alpha != pair.Alpha) {
				k.Errorf(idCore, core.Population, "neurons %d and %d share threshold and leak, which are %d, %#x and %d, %#x", j-1, j, pair.Threshold, pair.Alpha, thr, alpha)
			}
			pair.Threshold, pair.Alpha = thr, alpha
			pair.U[h] = int16(within(subject+"membrane", core.Channel(core.InitialV, j), -1<<15, 1<<15-1))
		}
		c.SetPair(p, pair)
	}
	for _, b := range core.Synapses {
		c.takeBlock(k, core, b, inputs, outputs)
	}
	if err := k.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// takeBlock puts the weights of a block into the memory of its name.
func (c *Chip) takeBlock(k *checker, core *image.Core, b image.Block, inputs, outputs int) {
	var set func(i, j int) *int8
	first, sources, targets := FirstRecurrent, core.Neurons, core.Neurons
	switch b.Name {
	case memoryInput:
		set, first, sources = func(i, j int) *int8 { return &c.Input[i][j] }, 0, inputs
	case memoryRecurrent:
		set = func(i, j int) *int8 { return &c.Recurrent[i][j] }
	case memoryOutput:
		set, targets = func(i, j int) *int8 { return &c.Output[i][j] }, outputs
	default:
		k.Errorf(idCore, core.Population, "synapses in a memory %q, want %s, %s or %s", b.Name, memoryInput, memoryRecurrent, memoryOutput)
		return
	}
	for a := range b.Synapses.Axons() {
		b.Synapses.Each(a, func(j int, w int32) {
			i := b.FirstAxon + a - first
			if w == 0 {
				return
			}
			if i < 0 || i >= sources || j < 0 || j >= targets {
				k.Errorf(idCore, core.Population, "memory %s: a weight from %d to %d of %d and %d", b.Name, i, j, sources, targets)
				return
			}
			at := set(i, j)
			if sum := int32(*at) + w; sum < -128 || sum > 127 {
				k.Errorf(idCore, core.Population, "memory %s: the weight from %d to %d is %d, want -128..127", b.Name, i, j, sum)
			} else {
				*at = int8(sum)
			}
		})
	}
}
