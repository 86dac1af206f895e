// Package samna writes what is on the convolution cores of a Speck or DYNAP-CNN as JSON, with the names of the fields of samna's
// configuration as sinabs 904eb89 fills them (backend/dynapcnn/chips/dynapcnn.py), and reads that back. How samna itself spells the
// JSON is not verified: nothing here was read by it.
package samna

import (
	"fmt"

	"spikec/internal/diag"
)

// Diagnostics of these files. The numbers are stable.
const (
	idUnspoken = "SPK-SAMNA-001" // an image that the configuration has no fields for
	idFile     = "SPK-SAMNA-002" // not a file that Write writes
	idSpelling = "SPK-SAMNA-003" // written, in a spelling that is not verified
)

// File is the name of the one file.
const File = "samna.json"

// schema is the name and version of the part that is spikec's.
const schema = "spikec/samna/v1"

// Limits of what is read: those of the chip, and bytes.
const (
	maxBytes    = 1 << 28
	maxMap      = 128
	maxChannels = 1024
	maxKernel   = 16
)

// Registers of the profile speck2f, and the ways to reset that a bit of the configuration chooses.
const (
	registerHigh  = "threshold_high"
	registerLow   = "threshold_low"
	registerReset = "reset"
)

// configuration is the file.
type configuration struct {
	Layers []*layer `json:"cnn_layers"` // by core of the chip; null where it is not used
	Spikec own      `json:"spikec"`
}

// own is what samna does not have: which core of the chip each core of the image is, −1 for the host's.
type own struct {
	Schema string `json:"schema"`
	Chip   string `json:"chip"`
	Cores  []int  `json:"cores"`
}

// layer is the configuration of one core. Arrays have x before y.
type layer struct {
	Dimensions   dimensions    `json:"dimensions"`
	Weights      [][][][]int32 `json:"weights"` // output channel, input channel, x, y
	Biases       []int32       `json:"biases"`
	LeakEnable   bool          `json:"leak_enable"`
	ReturnToZero bool          `json:"return_to_zero"`
	High         int32         `json:"threshold_high"`
	Low          int32         `json:"threshold_low"`
	Monitor      bool          `json:"monitor_enable"`
	Initial      [][][]int32   `json:"neurons_initial_value"` // channel, x, y
	Destinations []destination `json:"destinations"`
}

type dimensions struct {
	Input   shape `json:"input_shape"`
	Output  shape `json:"output_shape"`
	Padding point `json:"padding"`
	Stride  point `json:"stride"`
	Kernel  int   `json:"kernel_size"`
}

type shape struct {
	Size     point `json:"size"`
	Features int   `json:"feature_count"`
}

type point struct {
	X int `json:"x"`
	Y int `json:"y"`
}

type destination struct {
	Layer   int  `json:"layer"`
	Enable  bool `json:"enable"`
	Pooling int  `json:"pooling"`
}

// shapeOf returns C,H,W as the configuration has it.
func shapeOf(s [3]int) shape { return shape{Size: point{X: s[2], Y: s[1]}, Features: s[0]} }

// chw is the reverse.
func (s shape) chw() [3]int { return [3]int{s.Features, s.Size.Y, s.Size.X} }

// failure is one diagnostic as an error.
func failure(id, subject, format string, args ...any) error {
	remedy := "build the folder again"
	if id == idUnspoken {
		remedy = "build for speck2f"
	}
	return (&diag.List{{ID: id, Severity: diag.Error, Subject: subject, Message: fmt.Sprintf(format, args...), Remedy: remedy}}).Err()
}
