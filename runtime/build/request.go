package build

import (
	"cmp"
	"time"

	"spikec/convert"
	"spikec/internal/diag"
	"spikec/models/nir"
	"spikec/models/onnx"
	"spikec/runtime/dataset"
	"spikec/runtime/encode"
	"spikec/runtime/progress"
	"spikec/target/chip"
)

// MaxCalibration is how many calibration images a build takes at most.
const MaxCalibration = convert.MostImages

// Request is one build.
type Request struct {
	Model Model
	// Profile is the target; Convert alone does without.
	Profile *chip.Profile
	// Data are the images that accuracy is measured on: the first Len() that their spec names.
	Data *dataset.Set
	// Calibration are training images; at most Options.CalibrationLimit of them are drawn with Seed.
	Calibration   *dataset.Set
	Seed          uint64
	Preprocessing encode.Options
	Options       Options
	// Known holds scale factors to take instead of measuring them; nil: they are measured. With them, and without the
	// re-fits, Calibration may be nil. Normalization, Percentile and PerChannel are then those that they were found by; others are
	// refused.
	Known *Calibration
	// Out is the folder to write; "" keeps nothing, but what is written is still read back.
	Out string
	// LadderAlone leaves out what stands beside the ladder: the rules alone, the diagnosis, and what a report shows of some images.
	LadderAlone bool
	// Tool is the version of spikec that the manifest records.
	Tool string
	// Command is the command line that the build is made by, in words, for reports: without what changes no file.
	Command []string
	// Progress shows how far the build is; nil shows nothing.
	Progress progress.Reporter
	// DumpAfter is called after every pass of the conversion; it may be nil.
	DumpAfter func(pass string, took time.Duration, s *convert.State)
}

// Sampled returns the calibration images that are taken; nil where there are none.
func (r *Request) Sampled() *dataset.Set {
	if r.Calibration == nil {
		return nil
	}
	return r.Calibration.Sample(cmp.Or(r.Options.CalibrationLimit, MaxCalibration), r.Seed)
}

// Model is a network with its name and the digest of its file: a trained one, or a spiking one.
type Model struct {
	*onnx.Model           // the trained network; nil where Spiking is there
	Spiking     *nir.File // the spiking network; nil where it is still to be made
	found       diag.List // what its reader says of it
	Name        string    // without folder and extension
	SHA256      string    // of the file, hexadecimal
}

const (
	// AutoDelay is the delay of the read-out that is a quarter of T, rounded down.
	AutoDelay = -1
	// NoDelay is a delay of 0 that is not to be changed by trying.
	NoDelay = -2
)

// Options are the user's choices. An empty field means the default for the target (resolve).
type Options struct {
	Rules         string  // strict, best; default strict
	Pooling       string  // average, max; default average under strict rules, else max
	PoolNeurons   bool    // neurons of their own for average pools
	Biases        string  // kept, zero; default kept under best rules where the target has biases
	Auto          *bool   // what is left open of Pooling, Biases, Normalization and ReadoutDelay is chosen by trying; default under best rules
	Normalization string  // one of convert.Normalisations; default data where there is a Percentile, else the first
	Percentile    float64 // of normalisation data alone; default 99.9
	PerChannel    *bool   // default true
	Steps         int     // T; default 32
	Encoding      string  // constant, regular, or an encoder (encoder.Names); default constant where the target allows it
	Seed          uint64  // of an encoder that draws spikes
	// EncodingParameter is the number of an encoder that has one; 0: its default.
	EncodingParameter int
	Readout           string   // membrane, count, first-spike; default membrane where the target can read it
	ReadoutDelay      int      // T0, below T: only steps behind it count; AutoDelay for a quarter of T, NoDelay for 0
	EarlyExit         *float64 // nil: none; 0: once no other class can catch up; else once the lead is so many spikes
	Reset             string   // subtract, zero; default the target's first mode
	InitialPotential  string   // half, zero; default half where the target can set membranes
	Bits              int      // of a weight; default all that the target has
	Engine            string   // auto, reference, fast; default auto
	CalibrationLimit  int      // the most calibration images that are taken, up to MaxCalibration, which is the default
	Disable           []string // optional passes of the conversion that are left out
	Jobs              int      // goroutines; default one a processor
}
