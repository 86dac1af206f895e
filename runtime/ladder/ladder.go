// Package ladder is the result document of a build: the accuracy of every stage from the trained network to the files
// on disk, and what one image costs. Package build fills it, package report prints it; its JSON form (schema
// spikec/ladder/v1) is a promise to scripts.
package ladder

import "spikec/internal/diag"

// Schema is the name and version of the JSON form.
const Schema = "spikec/ladder/v1"

// The stages, in order.
const (
	ANN      = "ann"      // the ONNX network in float32
	Tailored = "tailored" // after the rules and the re-fit, still without time
	SNN      = "snn"      // float spikes
	Fixed    = "fixed"    // integers, without cores
	Image    = "image"    // on cores, in the emulator
	Files    = "files"    // the image read back from what was written
)

// Ladder is the result of one build or check. Everything but Timing is a function of the request: the same request
// gives the same document.
type Ladder struct {
	Schema string `json:"schema"`
	Model  string `json:"model"`
	Target string `json:"target"` // ID of the profile; "" where nothing was built for a target
	Proof  string `json:"proof"`  // class A, B, C or D of the target's profile
	// ProofClaimed: the profile is not one of those that come with spikec, so its class is what its author says.
	ProofClaimed bool `json:"proofClaimed,omitempty"`
	// ProofSource says who claims it, in words; "" where spikec itself does.
	ProofSource string `json:"proofSource,omitempty"`
	Rules       string `json:"rules"`
	Steps       int    `json:"steps"` // T
	// Duration is how many steps one image takes: T, and the target's latency for every layer behind the first; where layers
	// integrate before they fire, T more for each.
	Duration int     `json:"duration"`
	Options  Options `json:"options"`
	Data     Data    `json:"data"`
	// Calibration is nil in the document of a check: it has no use for calibration images.
	Calibration *Data `json:"calibration,omitempty"`
	// ScaleFactors says where scale factors come from that were not measured; nil where they were.
	ScaleFactors *ScaleFactors `json:"scaleFactors,omitempty"`
	// Auto says which choices were made by trying; nil where there was nothing to try.
	Auto   *Auto   `json:"auto,omitempty"`
	Stages []Stage `json:"ladder"`
	// Naive is the tailored network before its re-fit: what the rules alone do to it.
	Naive *Stage `json:"naive,omitempty"`
	// Int8 is the trained network in 8-bit integers, without spikes: what the spiking one is compared with. Nil where there
	// were no calibration images.
	Int8 *Int8 `json:"int8,omitempty"`
	// Readouts holds the accuracy of both ways to read the float spiking network, where both exist.
	Readouts map[string]float64 `json:"readouts,omitempty"`
	// Ties is how many images of the last stage the spikes of the output alone did not decide; nil where it does not fire.
	Ties *int64 `json:"ties,omitempty"`
	// Latency says when the decisions of the last stage were there; nil where that was always after T steps.
	Latency         *Latency  `json:"latency,omitempty"`
	AccuracyBySteps []AtSteps `json:"accuracyBySteps"`
	PerImage        PerImage  `json:"perImage"`
	Energy          Energy    `json:"energy"`
	Resources       Resources `json:"resources"`
	OneCore         *OneCore  `json:"oneCore,omitempty"` // nil where layers do not lie in one core
	Passes          *Passes   `json:"passes,omitempty"`  // nil where every layer has cores of its own
	Layers          []Layer   `json:"layers"`
	// Diagnosis is nil where no conversion was made, or no calibration images were there.
	Diagnosis *Diagnosis `json:"diagnosis,omitempty"`
	Engine    string     `json:"engine"` // the emulator's engine
	// Instructions is the level of vector instructions that the engine ran with, for reports of this run: what is written
	// must not depend on the machine.
	Instructions string `json:"-"`
	// CountsSHA256 is over the output counts and potentials of all images (package evaluate); "" where there are no
	// integers.
	CountsSHA256 string    `json:"countsSHA256,omitempty"`
	Check        *Check    `json:"check,omitempty"`
	Diagnostics  diag.List `json:"diagnostics"`
	// Timing is left out of what is written to a build folder.
	Timing []Timing `json:"timing,omitempty"`
}

// Options are the choices of a build, defaults filled in.
type Options struct {
	Pooling       string  `json:"pooling"`
	KeptPools     int     `json:"keptPools,omitempty"` // max pools that are kept, as comparisons
	PoolNeurons   bool    `json:"poolNeurons"`
	Biases        string  `json:"biases"` // kept or zero
	Normalization string  `json:"normalization"`
	Percentile    float64 `json:"percentile,omitempty"` // of normalisation data alone
	PerChannel    bool    `json:"perChannel"`
	Encoding      string  `json:"encoding"`
	// EncodingSeed and EncodingParameter are those of an encoder that draws numbers, and of one that has a parameter.
	EncodingSeed      *uint64  `json:"encodingSeed,omitempty"`
	EncodingParameter int      `json:"encodingParameter,omitempty"`
	Readout           string   `json:"readout"`
	ReadoutDelay      int      `json:"readoutDelay,omitempty"` // T0: what happens up to this step does not count
	SpikesOnly        bool     `json:"spikesOnly,omitempty"`   // membranes cannot be read: where spikes do not decide, the lowest class wins
	EarlyExit         *float64 `json:"earlyExit,omitempty"`    // nil: none; 0: exact; else the lead in spikes
	Reset             string   `json:"reset"`
	Initial           string   `json:"initialPotential"` // half or zero
	Bits              int      `json:"bits"`             // of a weight
	CalibrationLimit  int      `json:"calibrationLimit,omitempty"`
	Disabled          []string `json:"disabled,omitempty"`
}

// Data names a set of images.
type Data struct {
	Name   string `json:"name"`
	N      int    `json:"n"`
	SHA256 string `json:"sha256"`
	// Seed is that of the sample; nil where the images were taken as they come.
	Seed *uint64 `json:"seed,omitempty"`
}

// ScaleFactors says where scale factors come from that a conversion took from an earlier one.
type ScaleFactors struct {
	File   string `json:"file"`             // the calibration file
	Steps  int    `json:"steps"`            // T that they were found for
	Images *Data  `json:"images,omitempty"` // that they were measured on; nil where that is not known
}

// Stage is one rung.
type Stage struct {
	Stage    string     `json:"stage"`
	Accuracy float64    `json:"accuracy"` // Correct/N
	Correct  int64      `json:"correct"`
	N        int64      `json:"n"`
	CI95     [2]float64 `json:"ci95"` // Wilson's interval
	// Agreement is the share of images on which the stage decides as the first one does, the trained network or the spiking one
	// that was read; nil where that was not run.
	Agreement *float64 `json:"agreement,omitempty"`
	// SharedWith names the stage whose emulation this one shares, because what was read back equals what was written.
	SharedWith string `json:"sharedWith,omitempty"`
}

// AtSteps is the accuracy of the last stage when it is read after so many steps.
type AtSteps struct {
	Steps    int     `json:"steps"`
	Accuracy float64 `json:"accuracy"`
}

// PerImage are means over all images.
type PerImage struct {
	Cost
	MACs int64 `json:"macs"` // of the trained network
}

// Cost is what an image costs the spiking network, or a layer of it: means over all images. Each is a count over them, below
// 2^53, divided by how many they are, so that the nearest integer to the mean times the images is the count again.
type Cost struct {
	// SynapticOperations are weights added because a spike arrived: a layer's those that its neurons got.
	SynapticOperations float64 `json:"synapticOperations"`
	Spikes             float64 `json:"spikes"`
	NeuronUpdates      float64 `json:"neuronUpdates"`
	// LowerResets are neurons that fell below their lower bound and were reset without a spike: inhibition that is forgotten.
	LowerResets float64 `json:"lowerResets,omitempty"`
	// MemoryAccesses are what the chip reads and writes: a weight for every synaptic operation, a membrane read and written for
	// every neuron update. MemoryBytes is how much that is.
	MemoryAccesses float64 `json:"memoryAccesses"`
	MemoryBytes    float64 `json:"memoryBytes"`
	HostMACs       float64 `json:"hostMacs"` // that the host does for drives: a layer's those of its own
	// Events are what a chip of serial events serves: a layer's those that its cores got.
	Events float64 `json:"events,omitempty"`
}

// Int8 is the trained network in 8-bit integers (package baseline): what it decides, and what an image costs.
type Int8 struct {
	Accuracy float64    `json:"accuracy"` // Correct/N
	Correct  int64      `json:"correct"`
	N        int64      `json:"n"`
	CI95     [2]float64 `json:"ci95"` // Wilson's interval
	// Agreement is the share of images that it decides as the trained network does.
	Agreement *float64 `json:"agreement,omitempty"`
	MACs      int64    `json:"macs"`
	// MemoryBytes is what moves if nothing moves twice: a byte a weight, and a byte for every write and read of a value.
	MemoryBytes int64 `json:"memoryBytes"`
}

// OneCore is how a chip with one recurrent core computes a network whose layers all lie in it.
type OneCore struct {
	Inputs  int `json:"inputs"`  // that are used
	Neurons int `json:"neurons"` // of hidden layers; a layer of an odd number takes one more
	Outputs int `json:"outputs"` // accumulators
	Ticks   int `json:"ticks"`   // an image: of T steps, of those that spikes travel through the layers, and of the end
	// Active is how many spikes of inputs and neurons the core takes an image, in the windows of their layers; of an input and the
	// neuron of its number in one tick it may take both at once.
	Active float64 `json:"active"`
	// Cycles and Operations are the chip's an image, at most: every spike walks all neurons, whether a synapse is stored or not.
	Cycles     float64 `json:"cycles"`
	Operations float64 `json:"operations"`
	// Of these a tick without spikes has TickCycles, every spike adds SpikeCycles and SpikeOperations, and one of a neuron
	// NeuronOperations besides. All are 0 where the profile has no such figures.
	TickCycles       float64 `json:"tickCycles"`
	SpikeCycles      float64 `json:"spikeCycles"`
	SpikeOperations  float64 `json:"spikeOperations"`
	NeuronOperations float64 `json:"neuronOperations"`
	Source           string  `json:"source"` // of the figures
}

// Passes is how a chip with one core computes a network: programmed for one layer after the other, for as many images as the host
// keeps the spikes of. Membranes are set anew for every image.
type Passes struct {
	Count  int     `json:"count"`  // how often the core is programmed
	Events float64 `json:"events"` // an image: events that the host sends in all passes
	// RowCycles are the chip's cycles for one event, and Cycles those of an image, without what the receiver of the chip's own
	// events makes it wait, nor programming; nil where the profile has no figure.
	RowCycles *float64 `json:"rowCycles"`
	Cycles    *float64 `json:"cycles"`
	Source    string   `json:"source"` // of RowCycles
	// RowOperations is how many synaptic operations the chip does for one event, as figures of energy count them; nil: those of
	// stored synapses.
	RowOperations *float64 `json:"rowOperations"`
}

// Energy is an estimate of one image. Fields are nil where there is no figure.
type Energy struct {
	SNNNanojoule *float64    `json:"snnNanojoule"`       // from the profile's figures
	SNNRange     *[2]float64 `json:"snnRange,omitempty"` // the least and the most, where sources disagree
	Source       *string     `json:"source"`             // the figures in words, with what they are quoted from
	Terms        []Term      `json:"terms,omitempty"`
	// ANNInt8Nanojoule is that of Int8, on no chip in particular, and ANNInt8Range the least and the most that it may be.
	ANNInt8Nanojoule *float64    `json:"annInt8Nanojoule"`
	ANNInt8Range     *[2]float64 `json:"annInt8Range,omitempty"`
	ANNInt8Source    string      `json:"annInt8Source,omitempty"`
}

// LayerEnergy is what Energy says of the spiking network, for one layer.
type LayerEnergy struct {
	SNNNanojoule *float64    `json:"snnNanojoule"`
	SNNRange     *[2]float64 `json:"snnRange,omitempty"`
}

// Term is one summand of the energy of an image.
type Term struct {
	Name      string  `json:"name"` // the profile's name for the figure
	Count     float64 `json:"count"`
	Picojoule float64 `json:"picojoule"` // of one
	Source    string  `json:"source"`
	Status    string  `json:"status"` // published, secondary, memory or derived
	// Others is what other sources say of the same thing.
	Others []Figure `json:"others,omitempty"`
}

// Figure is what a source says of the energy of one operation.
type Figure struct {
	Picojoule float64 `json:"picojoule"`
	Source    string  `json:"source"`
	Status    string  `json:"status"`
}

// Resources is what the network takes on the chip.
type Resources struct {
	Cores       int   `json:"cores"`
	CoresThere  int   `json:"coresThere,omitempty"` // that the chip has; 0 where layers have no cores of their own, or any number
	Neurons     int   `json:"neurons"`
	Synapses    int64 `json:"synapses"`    // logical: each use of a shared weight counts
	WeightBytes int64 `json:"weightBytes"` // of the stored weights: a shared kernel counts once a core
	SynapseBits int64 `json:"synapseBits"` // of synapse memory, with indices and headers where the chip has them
	HostWeights int64 `json:"hostWeights"` // weights that the host keeps for the first layer's drive
	WeightBits  int   `json:"weightBits"`  // of one weight, as the chip stores it
	StateBits   int   `json:"stateBits"`   // of one membrane
	// Traffic is nil where CoresThere is 0.
	Traffic *Traffic `json:"traffic,omitempty"`
}

// Traffic is what travels between cores, on the first images. Numbers are means an image.
type Traffic struct {
	Grid        *[2]int `json:"grid,omitempty"` // columns, rows; nil where cores have no places on one
	N           int     `json:"n"`              // images
	Packets     float64 `json:"packets"`        // from core to core
	Hops        float64 `json:"hops,omitempty"` // columns and rows that these cross; 0 without a grid
	HostPackets float64 `json:"hostPackets"`    // from the host to cores
}

// Layer is one population.
type Layer struct {
	Name    string `json:"name"`
	Shape   [3]int `json:"shape"` // C, H, W
	Neurons int    `json:"neurons"`
	Cores   []int  `json:"cores"`
	Host    bool   `json:"host,omitempty"` // they are the host's, which plays the layer's spikes
	// Rate is spikes a neuron and step, mean over all images.
	Rate        float64 `json:"rate"`
	Saturations int64   `json:"saturations"` // over all images
	PerImage    Cost    `json:"perImage"`    // all layers together are what the whole has
	// Energy is the layer's share of that of the whole; its fields are nil where there is no figure.
	Energy LayerEnergy `json:"energy"`
	// Use is nil where Resources.CoresThere is 0, and for layers of the host.
	Use *Use `json:"use,omitempty"`
	// Quantisation is nil where nothing was quantised.
	Quantisation *Quantisation `json:"quantisation,omitempty"`
	Engine       []string      `json:"engine"` // how each core is emulated, and why
}

// Use is how much of its cores a layer takes: shares of what all of them have, 0 where there is no limit.
type Use struct {
	Copies        int     `json:"copies"` // neurons of the chip beyond one for each of the layer
	Neurons       float64 `json:"neurons"`
	Axons         float64 `json:"axons"` // for input
	AxonsOut      float64 `json:"axonsOut,omitempty"`
	SynapseMemory float64 `json:"synapseMemory,omitempty"`
	Bound         string  `json:"bound"` // the largest share, which decides how many cores it takes
}

// The bounds.
const (
	Neurons       = "neurons"
	Axons         = "axons"
	AxonsOut      = "output axons"
	SynapseMemory = "synapse memory"
)

// Quantisation is what rounding to the chip's formats did to a layer.
type Quantisation struct {
	Bits            int     `json:"bits"`
	Host            bool    `json:"host,omitempty"` // the weights are the host's, which computes the layer's drive
	SQNR            float64 `json:"sqnrDecibel"`
	Clipped         float64 `json:"clipped"`
	Zeroed          float64 `json:"zeroed"`
	ThresholdMin    int32   `json:"thresholdMin"`
	ThresholdMax    int32   `json:"thresholdMax"`
	SumMax          int64   `json:"sumMax"`
	SumMin          int64   `json:"sumMin"`
	AccumulatorBits int     `json:"accumulatorBits"`
}

// Check says how what was emulated from a build folder compares with what its manifest records.
type Check struct {
	Folder   string   `json:"folder"`
	Recorded Recorded `json:"recorded"`
	// CountsCompared is false where other images were emulated than those of the manifest (--limit, --data): then there
	// is nothing to compare with. Where it is true, every count and potential is what was recorded.
	CountsCompared bool `json:"countsCompared"`
	// FirstOnly: it is false because only the first of the manifest's images were emulated.
	FirstOnly bool `json:"firstOnly,omitempty"`
}

// Recorded is what a manifest expects.
type Recorded struct {
	N            int64   `json:"n"`
	Accuracy     float64 `json:"accuracy"`
	CountsSHA256 string  `json:"countsSHA256"`
}

// Timing is how long a stage took.
type Timing struct {
	Stage   string  `json:"stage"`
	Seconds float64 `json:"seconds"`
}

// Stage returns the rung of a name.
func (l *Ladder) Stage(name string) (Stage, bool) {
	for _, s := range l.Stages {
		if s.Stage == name {
			return s, true
		}
	}
	return Stage{}, false
}

// Last returns the last rung: the accuracy that counts.
func (l *Ladder) Last() Stage {
	if len(l.Stages) == 0 {
		return Stage{}
	}
	return l.Stages[len(l.Stages)-1]
}

// OnChip reports whether the network was put on a chip: it is not where only a conversion was made, for a target or for none.
func (l *Ladder) OnChip() bool { return l.Target != "" && l.Last().Stage != SNN }
