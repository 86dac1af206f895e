// Package nir writes spiking networks as files of the Neuromorphic Intermediate Representation (Pedersen et al., Nature
// Communications 15:8122, 2024), in the dialects of the programs that read them, and reads such files. It comes beside
// models/onnx: bytes to a network, and back; what is read goes on to a chip without a conversion. The layout is that of the Python package nir, versions 1.0.4 to 1.0.8, in the
// container HDF5.
//
// NIR describes neurons in continuous time: it has no word for a step of time, for soft reset, for the membrane at the start,
// or for integers. A NIR file is a real-valued network, and no reader of it is bit-exact. What NIR cannot say stands in
// metadata, which other readers keep or drop.
package nir

import (
	"maps"
	"slices"

	"spikec/models/snn"
)

// Diagnostics of NIR files. The numbers are stable.
const (
	idFile     = "SPK-NIR-001" // not a file of NIR
	idNode     = "SPK-NIR-002" // a node that is damaged, or of an unknown type
	idEdge     = "SPK-NIR-003" // edges that lead nowhere, or in a circle
	idShape    = "SPK-NIR-004" // tensors that do not fit each other
	idInexact  = "SPK-NIR-005" // a node that a network of integrate-and-fire neurons cannot be
	idUnspoken = "SPK-NIR-006" // a network that NIR has no words for
	idReader   = "SPK-NIR-007" // something that the reader does otherwise
	idTaken    = "SPK-NIR-008" // something that was taken as something else
)

// The types of nodes that are read, and most of them written.
const (
	kindInput   = "Input"
	kindOutput  = "Output"
	kindAffine  = "Affine"
	kindConv2d  = "Conv2d"
	kindConv1d  = "Conv1d"
	kindSumPool = "SumPool2d"
	kindAvgPool = "AvgPool2d"
	kindFlatten = "Flatten"
	kindIF      = "IF"
	kindLIF     = "LIF"
	kindI       = "I"
	kindLI      = "LI"
	kindCubaLI  = "CubaLI"
	kindLinear  = "Linear"
	kindScale   = "Scale"
	kindCubaLIF = "CubaLIF"
)

// Dialect is how a program reads NIR, and so how a file for it is written.
type Dialect struct {
	Name   string
	Reader string // the program, with its version where docs/interop.md has what it did
	// Neuron is the type that integrate-and-fire neurons are written as, and R their resistance.
	Neuron string
	R      float64
	// Average says that pools are AvgPool2d, and the weights behind them larger; else they are SumPool2d.
	Average bool
	// Integrator says that the reader has neurons that never fire; else the output is their current, to be summed up.
	Integrator bool
	Rules      Rules
}

// Rules are those of a reader's neurons. All start at 0.
type Rules struct {
	Reset  snn.Reset
	Strict bool // fires above the threshold, not at it
	// Several spikes of one neuron in one step, as many as thresholds fit the membrane.
	Several bool
	Floor   bool // no membrane is below minus the threshold
}

// forever is a time constant so long that no leak is left in a number of 32 bits, and step the step of time of snnTorch and
// SpikingJelly. [s]
const (
	forever = 1e10
	step    = 1e-4
)

// Dialects are those that can be written, by name. Source: the readers' own sources.
var Dialects = map[string]Dialect{
	"generic": {Name: "generic", Reader: "nir 1.0.8", Neuron: kindIF, R: 1, Integrator: true, Rules: Rules{Reset: snn.Zero, Strict: true}},
	"sinabs":  {Name: "sinabs", Reader: "sinabs 3.1.3", Neuron: kindIF, R: 1, Rules: Rules{Reset: snn.Subtract, Several: true, Floor: true}},
	// Its IF is a leaky neuron with β = 0.9 in this version; a LIF without leak is the one neuron that keeps what it has.
	"snntorch":     {Name: "snntorch", Reader: "snntorch 1.0.0", Neuron: kindLIF, R: forever / step, Average: true, Rules: Rules{Reset: snn.Zero, Strict: true}},
	"norse":        {Name: "norse", Reader: "norse", Neuron: kindIF, R: 1, Rules: Rules{Reset: snn.Zero, Strict: true}},
	"spikingjelly": {Name: "spikingjelly", Reader: "spikingjelly", Neuron: kindIF, R: 1 / step, Average: true, Rules: Rules{Reset: snn.Zero}},
}

// DialectNames returns the names of all dialects, generic first.
func DialectNames() []string {
	names := slices.Sorted(maps.Keys(Dialects))
	i := slices.Index(names, "generic")
	return slices.Insert(slices.Delete(names, i, i+1), 0, "generic")
}

// schema is the name and version of the metadata of a whole file.
const schema = "spikec/nir/v1"

// Names of metadata. None is the name of a parameter of a node.
const (
	metaSchema  = "spikec_schema"
	metaName    = "spikec_name"    // of the network, or of a population
	metaSteps   = "spikec_steps"   // T
	metaReset   = "spikec_reset"   // subtract or zero
	metaInitial = "spikec_v_init"  // membranes at the start, as a fraction of the threshold
	metaReadout = "spikec_readout" // membrane, count or first-spike
	metaDelay   = "spikec_readout_delay"
	metaInput   = "spikec_input"        // InputCodes or InputSpikes
	metaBorder  = "spikec_border"       // of pictures: rows above, columns left, rows below, columns right; missing: none
	metaCodes   = "spikec_border_codes" // one a channel
	metaScale   = "spikec_scale"        // of a population, a channel
	metaRange   = "spikec_range"        // of an integrator
)
