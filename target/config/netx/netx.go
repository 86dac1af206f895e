// Package netx writes what is on a Loihi as a file of lava-dl's netx, and reads such a file back to the image. It comes after
// target/place. The layout is that of lava-dl d825ac5 (netx/hdf5.py, netx/utils.py, netx/blocks/process.py): layers under /layer, in
// the container HDF5.
//
// netx knows layers, not cores: a convolution is written as its kernel, and the chip's tables come back by placing it again. What
// the host does, and T, stand in the group /spikec beside it, which netx does not look at: with the input code constant or
// regular the host computes the drive of the first layer, and feeds it to the bias mantissas of the layer input.
package netx

import (
	"fmt"

	"spikec/internal/diag"
	"spikec/internal/hdf5"
)

// Diagnostics of netx files. The numbers are stable.
const (
	idUnspoken = "SPK-NETX-001" // an image that netx has no words for
	idFile     = "SPK-NETX-002" // not a file that Write writes
	idOther    = "SPK-NETX-003" // something that netx does otherwise
)

// Registers of the profile loihi1, and the values that netx gives those that it has no words for.
const (
	registerThreshold = "vth"
	registerBias      = "bias_mant"
)

var fixedRegisters = map[string]int32{"weight_exp": 0, "du": 4095, "dv": 0, "bias_exp": 6}

// Limits of netx and of what is read.
const (
	maxBytes     = 1 << 30
	maxLayers    = 1 << 10
	maxSize      = 1 << 24 // neurons of a layer
	maxSynapses  = 1 << 27 // of a layer, zeros included: several times what the chip holds
	maxThreshold = 1<<17 - 1
	maxBias      = 1<<12 - 1
)

// schema is the name and version of the group /spikec.
const schema = "spikec/netx/v1"

// Kinds of layers.
const (
	kindInput   = "input"
	kindConv    = "conv"
	kindDense   = "dense"
	kindFlatten = "flatten"
)

// failure is one diagnostic as an error.
func failure(id, subject, remedy, format string, args ...any) error {
	return (&diag.List{{ID: id, Severity: diag.Error, Subject: subject, Message: fmt.Sprintf(format, args...), Remedy: remedy}}).Err()
}

// params are the datasets and groups of a group.
type params = map[string]hdf5.Node
