// Package chip holds chip profiles: a chip's limits, number formats and arithmetic as data. A profile is a YAML file
// (schema chip-profile/v1, profiles/README.md) that may inherit from another one; every number there carries its
// source. The stages read what they need from it, and the emulator interprets its program.
package chip

// Profile is one chip, after inheritance. Fields that a chip does not limit are nil; empty lists and maps are nil.
// It is read-only once it is loaded.
type Profile struct {
	Schema     string    `yaml:"schema"`
	ID         string    `yaml:"id"`
	Name       string    `yaml:"name"`
	Lineage    []string  `yaml:"lineage,omitempty"` // IDs of the profiles that it was derived from, the nearest first
	Revision   string    `yaml:"revision"`
	Proof      Proof     `yaml:"proof"`
	Execution  Execution `yaml:"execution"`
	Capacity   Capacity  `yaml:"capacity"`
	Weight     Weight    `yaml:"weight"`
	State      State     `yaml:"state"`
	Threshold  Threshold `yaml:"threshold"`
	Lower      Lower     `yaml:"lower"`
	Reset      Reset     `yaml:"reset"`
	Leak       Leak      `yaml:"leak"`
	Bias       Bias      `yaml:"bias"`
	Refractory Range     `yaml:"refractory"`
	Delay      Delay     `yaml:"delay"`
	Initial    Initial   `yaml:"initial"`
	Readout    Readout   `yaml:"readout"`
	Registers  Registers `yaml:"registers"`
	Layers     Layers    `yaml:"layers"`
	Program    []MicroOp `yaml:"program"`
	Cost       Costs     `yaml:"cost"`
	SOPs       string    `yaml:"sops"`
	Config     Config    `yaml:"config"`
	// Constraints are expressions that a network on the chip satisfies; target/image checks them.
	Constraints []string `yaml:"constraints"`
	// File is the name of the file that the profile was loaded from, without its folder; "" for an embedded one, and for
	// one from memory. It is no part of the profile.
	File string `yaml:"-"`
}

// Proof says with what the emulator's arithmetic was compared.
type Proof struct {
	Class     string    `yaml:"class"` // A RTL, B published emulator, C documents, D own definition
	Reference Reference `yaml:"reference"`
	Golden    *string   `yaml:"golden"` // prefix of recorded answers
}

// Reference names what a chip's rules were taken from.
type Reference struct {
	Kind       string  `yaml:"kind"` // rtl, emulator, rules, none
	Repository *string `yaml:"repository"`
	Commit     *string `yaml:"commit"`
	Licence    *string `yaml:"licence"`
}

// Execution is how time and spikes work.
type Execution struct {
	Kind    string `yaml:"kind"`    // tick, event, async
	Latency int    `yaml:"latency"` // steps from a spike to its effect at the target
	// Stages is the stages of a core's window, T steps each; 0 where the profile does not say. See StageCount.
	Stages int `yaml:"stages,omitempty"`
	Spikes struct {
		Max *int   `yaml:"max"`
		Per string `yaml:"per"` // tick, event
	} `yaml:"spikes"`
	Input struct {
		Kind string `yaml:"kind"` // bit, count, graded, current
		Bits int    `yaml:"bits"`
	} `yaml:"input"`
	Order string `yaml:"order"` // none, ascending_source, arrival
	// Layers is how the layers of a network share the chip: see LayersIn. "" where the profile does not say.
	Layers string `yaml:"layers,omitempty"`
	// Merge: spikes that arrive on one axon in one step count as one.
	Merge bool `yaml:"merge,omitempty"`
	Queue struct {
		Depth *int   `yaml:"depth"`
		Full  string `yaml:"full"` // drop, stall, none
	} `yaml:"queue"`
}

// How the layers of a network share a chip.
const (
	LayersOnCores  = "cores"  // each has cores of its own, and spikes go from core to core
	LayersInPasses = "passes" // one core is programmed for one layer after the other; the host keeps the spikes of a pass, and replays them in their order
	// LayersRecurrent: all layers lie in one core, spikes go from layer to layer through its recurrent synapses, and the outputs are
	// its accumulators. See Recurrent.
	LayersRecurrent = "recurrent"
)

// LayersIn returns LayersOnCores, LayersInPasses or LayersRecurrent.
func (e *Execution) LayersIn() string {
	if e.Layers == "" {
		return LayersOnCores
	}
	return e.Layers
}

// Serial reports whether the chip takes one event after the other: with a kind of async it does so core by core, and which core
// comes first is not determined; it is emulated in the order of cores.
func (e *Execution) Serial() bool { return e.Kind == "event" || e.Kind == "async" }

// StageCount returns in how many stages of T steps a core's window falls: 1, it integrates and fires in every step, or 2, it
// integrates for T steps and then fires for T steps.
func (e *Execution) StageCount() int { return max(1, e.Stages) }

// Capacity counts what there is, per core unless said; nil = not limited.
type Capacity struct {
	Cores              *int  `yaml:"cores"`
	Neurons            *int  `yaml:"neurons"`
	Inputs             *int  `yaml:"inputs"`
	Outputs            *int  `yaml:"outputs"`
	AxonsIn            *int  `yaml:"axons_in"`
	AxonsOut           *int  `yaml:"axons_out"`
	FanIn              *int  `yaml:"fan_in"`
	FanOut             *int  `yaml:"fan_out"`
	Targets            *int  `yaml:"targets"`
	SynapseBits        *int  `yaml:"synapse_bits"`
	NeuronMemory       []int `yaml:"neuron_memory,omitempty"` // words, a core
	KernelMemory       []int `yaml:"kernel_memory,omitempty"` // words, a core
	BiasMemory         []int `yaml:"bias_memory,omitempty"`   // words, a core
	CompartmentConfigs *int  `yaml:"compartment_configs"`
	ThresholdConfigs   *int  `yaml:"threshold_configs"`
	SynapseFormats     *int  `yaml:"synapse_formats"`
}

// Weight is the format of a stored weight; its value is mantissa × 2^exponent.
type Weight struct {
	Bits     int    `yaml:"bits"`
	Sign     string `yaml:"sign"` // twos, unsigned_per_receptor, sign_per_source, mixed_even, none
	Min      int32  `yaml:"min"`
	Max      int32  `yaml:"max"`
	Step     int32  `yaml:"step"` // usable mantissas are multiples of it
	Exponent struct {
		Min   int    `yaml:"min"`
		Max   int    `yaml:"max"`
		Scope string `yaml:"scope"` // none, matrix, layer, core, synapse_format, receptor
	} `yaml:"exponent"`
	Distinct *int    `yaml:"distinct"`
	Select   *string `yaml:"select"` // nil or axon_type
	Round    string  `yaml:"round"`  // rne, floor, toward_zero
}

// State holds the formats of the chip's variables; one that the chip does not have is nil.
type State struct {
	V    *Variable `yaml:"v"`           // membrane
	U    *Variable `yaml:"u"`           // synaptic current
	O    *Variable `yaml:"o"`           // output accumulator
	Ring *Variable `yaml:"ring"`        // delayed input buffer
	A    *Variable `yaml:"a"`           // sum of one step
	N    *Variable `yaml:"n,omitempty"` // spikes so far, negative ones taken off
}

// Variable is the format of one state variable.
type Variable struct {
	Bits     int    `yaml:"bits"`
	Signed   bool   `yaml:"signed"`
	Min      int64  `yaml:"min"`
	Max      int64  `yaml:"max"`
	Overflow string `yaml:"overflow"` // saturate, wrap, wrap_once, clamp, forbid, float32
}

// Threshold is the format of the threshold and how it is tested: compared value = mantissa << Shift.
type Threshold struct {
	Bits    int    `yaml:"bits"`
	Signed  bool   `yaml:"signed"`
	Min     int32  `yaml:"min"`
	Max     int32  `yaml:"max"`
	Shift   uint   `yaml:"shift"`
	Scope   string `yaml:"scope"`   // neuron, pair, layer, core
	Compare string `yaml:"compare"` // ge, gt
	When    string `yaml:"when"`    // tick, event
	Tests   string `yaml:"tests"`   // v, v_before_leak
}

// Lower is what happens at a negative bound of the membrane.
type Lower struct {
	Kind string `yaml:"kind"` // none, clamp, reset, spike
	Bits *int   `yaml:"bits"`
}

// Reset lists what a neuron can do after a spike; the first mode is the default.
type Reset struct {
	Modes []string `yaml:"modes"` // subtract, zero, value
	Scope string   `yaml:"scope"` // chip, core, layer, neuron, pair
}

// Leak is the membrane's leak.
type Leak struct {
	Kind string `yaml:"kind"` // none, factor, const_to_zero, const_to_floor, signed_const
	Bits *int   `yaml:"bits"`
	When string `yaml:"when"` // tick, event
}

// Bias is the constant that a neuron adds to itself.
type Bias struct {
	Kind     string `yaml:"kind"` // none, add, leak, current
	Bits     *int   `yaml:"bits"` // of the signed mantissa
	Exponent struct {
		Min int `yaml:"min"`
		Max int `yaml:"max"`
	} `yaml:"exponent"`
	When    string  `yaml:"when"`    // tick, slow_clock
	Emulate *string `yaml:"emulate"` // always_on_input or nil
}

// Range is an inclusive range of steps.
type Range struct {
	Min int `yaml:"min"`
	Max int `yaml:"max"`
}

// Delay is the programmable delay beyond Execution.Latency.
type Delay struct {
	Min   int    `yaml:"min"`
	Max   int    `yaml:"max"`
	Scope string `yaml:"scope"` // none, neuron, synapse
}

// Initial says whether membranes can be preset, and whether the preset survives the end of a picture.
type Initial struct {
	V        bool `yaml:"v"`
	Persists bool `yaml:"persists"`
}

// Readout says what the host can read at the end of a picture besides output spikes.
type Readout struct {
	Potential bool `yaml:"potential"` // membranes of neurons
}

// Registers binds the roles that the compiler fills to the names that the program uses.
type Registers struct {
	Threshold string `yaml:"threshold"` // register of the threshold's mantissa
	Bias      string `yaml:"bias"`      // register of the bias's mantissa; empty where there is none
	// Lower is the register of the bound below which a neuron is reset without a spike; empty where no network sets one.
	Lower     string           `yaml:"lower,omitempty"`
	Constants map[string]int32 `yaml:"constants"` // registers that an integrate-and-fire network sets to one value
}

// Layers is what the chip computes natively; nil = unrolled or folded by the compiler.
type Layers struct {
	Dense bool        `yaml:"dense"`
	Conv  *ConvLayers `yaml:"conv"`
	Pool  *PoolLayers `yaml:"pool"`
}

// ConvLayers limits native convolution.
type ConvLayers struct {
	KernelMax   *int  `yaml:"kernel_max"`
	Square      bool  `yaml:"square"`
	Stride      []int `yaml:"stride"` // allowed strides; empty = any
	PadMax      *int  `yaml:"pad_max"`
	Groups      bool  `yaml:"groups"`
	InputMax    []int `yaml:"input_max,omitempty"`  // rows, columns
	OutputMax   []int `yaml:"output_max,omitempty"` // rows, columns
	ChannelsMax *int  `yaml:"channels_max,omitempty"`
}

// PoolLayers limits native pooling.
type PoolLayers struct {
	Kind  string `yaml:"kind"`  // sum, average
	Sizes []int  `yaml:"sizes"` // allowed sizes; empty = any
	At    string `yaml:"at"`    // input, output
}

// MicroOp is one step of a chip's program (profiles/README.md, micro-operations). A parameter that takes several
// names or expressions holds them with commas between them; List takes them apart.
type MicroOp struct {
	Op      string    `yaml:"op"`
	Var     string    `yaml:"var,omitempty"`
	From    string    `yaml:"from,omitempty"`
	Into    string    `yaml:"into,omitempty"`
	Order   string    `yaml:"order,omitempty"`
	Combine string    `yaml:"combine,omitempty"`
	Term    string    `yaml:"term,omitempty"`
	By      string    `yaml:"by,omitempty"`
	Mul     string    `yaml:"mul,omitempty"`
	Shift   string    `yaml:"shift,omitempty"`
	Round   string    `yaml:"round,omitempty"`
	Arith   string    `yaml:"arith,omitempty"`
	Min     string    `yaml:"min,omitempty"`
	Max     string    `yaml:"max,omitempty"`
	Value   string    `yaml:"value,omitempty"`
	While   string    `yaml:"while,omitempty"`
	Compare string    `yaml:"compare,omitempty"`
	Against string    `yaml:"against,omitempty"`
	Also    string    `yaml:"also,omitempty"`
	Mode    string    `yaml:"mode,omitempty"`
	To      string    `yaml:"to,omitempty"`
	Toward  string    `yaml:"toward,omitempty"`
	Event   string    `yaml:"event,omitempty"`
	Target  string    `yaml:"target,omitempty"`
	Upto    string    `yaml:"upto,omitempty"`
	Do      []MicroOp `yaml:"do,omitempty"`
	Lower   string    `yaml:"lower,omitempty"`
	Stage   string    `yaml:"stage,omitempty"` // of the window: integrate, fire; empty: both

	Serve    string `yaml:"serve,omitempty"`    // how an event of for_each is served: queued, at_once
	Announce string `yaml:"announce,omitempty"` // where the chip reports the source of an event that was served
}

// Costs are published figures by name, such as sop or neuron_update; a nil entry is a figure that is not known.
type Costs map[string]*Cost

// Cost is a figure, and what other sources say of the same thing: where there are some, estimates are ranges.
type Cost struct {
	Figure `yaml:",inline"`
	Others []Figure `yaml:"others,omitempty"`
}

// Figure is one published figure.
type Figure struct {
	Value  any    `yaml:"value"` // float64, or a string with an expression
	Unit   string `yaml:"unit"`  // pJ, nJ, ns, mW, cycles
	Source string `yaml:"source"`
	Status string `yaml:"status"` // published, secondary, memory, derived
}

// Picojoule returns an energy in pJ; ok is false where the figure is another quantity, or an expression.
func (f *Figure) Picojoule() (pj float64, ok bool) {
	v, ok := f.Value.(float64)
	switch f.Unit {
	case "pJ":
		return v, ok
	case "nJ":
		return 1000 * v, ok
	}
	return 0, false
}

// Config names the export formats and the order of programming.
type Config struct {
	Formats []string `yaml:"formats"`
	Order   []string `yaml:"order"`
}
