package image

import (
	"fmt"

	"spikec/internal/diag"
	"spikec/target/chip"
)

// Diagnostics of images on chips. The numbers are stable.
const (
	idInvalid          = "SPK-IMG-001" // Validate refuses the image
	idChip             = "SPK-IMG-002" // built for another chip
	idCores            = "SPK-IMG-003"
	idNeurons          = "SPK-IMG-004"
	idAxonsIn          = "SPK-IMG-005"
	idAxonsOut         = "SPK-IMG-006"
	idSynapseBits      = "SPK-IMG-007"
	idFanIn            = "SPK-IMG-008"
	idFanOut           = "SPK-IMG-009"
	idTargets          = "SPK-IMG-010"
	idNative           = "SPK-IMG-011" // a kind of synapses that the chip does not compute
	idWeightRange      = "SPK-IMG-012"
	idWeightStep       = "SPK-IMG-013"
	idRegister         = "SPK-IMG-014" // a register that the chip lacks, or that the image lacks
	idThresholdRange   = "SPK-IMG-015"
	idThresholdScope   = "SPK-IMG-016" // neurons differ that share a threshold
	idThresholdConfigs = "SPK-IMG-017"
	idBiasRange        = "SPK-IMG-018"
	idDrive            = "SPK-IMG-019" // a drive, or spikes of the host, where the chip takes none
	idInitialV         = "SPK-IMG-020" // preset membranes where the chip has none
	idInitialRange     = "SPK-IMG-021"
	idReset            = "SPK-IMG-022"
	idStart            = "SPK-IMG-023" // windows that do not follow the chip's latency
	idReadout          = "SPK-IMG-024"
	idSum32            = "SPK-IMG-025" // constraints, see constraints.go
	idEvenWeights      = "SPK-IMG-026"
	idLoihiSum         = "SPK-IMG-027"
	idLoihiCurrent     = "SPK-IMG-028"
	idNoRefractory     = "SPK-IMG-029"
	idRowSign          = "SPK-IMG-030" // weights of both signs on one axon, of which the chip has one
	idMemory           = "SPK-IMG-031" // a synapse memory that the chip does not have, or that leads elsewhere
	idOneCore          = "SPK-IMG-032" // layers that lie in one core and do not fit it
	idExact24          = "SPK-IMG-035"
	idConvMemory       = "SPK-IMG-036" // memories of convolution cores
	idClasses          = "SPK-IMG-037" // more classes than the chip can read
)

// Resources is what an image takes of a chip.
type Resources struct {
	Cores          int   `json:"cores"`
	Neurons        int   `json:"neurons"`
	Synapses       int64 `json:"synapses"`      // logical: each use of a shared weight counts
	StoredWeights  int64 `json:"storedWeights"` // numbers in synapse memories
	WeightBytes    int64 `json:"weightBytes"`   // of the stored weights, in the chip's width, rounded up core by core
	SynapseBits    int64 `json:"synapseBits"`   // of synapse memory, with indices and headers where the chip has them
	MaxNeurons     int   `json:"maxNeurons"`    // the most of any core, here and below
	MaxAxonsIn     int   `json:"maxAxonsIn"`
	MaxAxonsOut    int   `json:"maxAxonsOut"`
	MaxSynapseBits int64 `json:"maxSynapseBits"`
}

// Check compares an image with a chip's limits and reports everything that does not fit: for each layer and kind of
// problem the worst place, with its value, the limit and what to do. It also returns what the image takes; that is
// complete unless Validate refuses the image.
func Check(img *Image, p *chip.Profile) (diag.List, Resources) {
	k := &checker{img: img, p: p, fans: map[int]*coreFan{}, found: map[findingKey]*finding{}}
	if err := img.validate(); err != nil {
		var l diag.List
		l.Errorf(idInvalid, "image", "%v", err)
		return l, Resources{}
	}
	if id := img.Chip; id != p.ID {
		k.report(idChip, "image", 0, 0, diag.Diagnostic{Message: fmt.Sprintf("built for %s, not for %s", id, p.ID), Remedy: "build it for this target"})
	}
	k.checkOutput()
	k.checkSources()
	r := k.checkCapacity()
	k.checkConvCores()
	for i := range img.Cores {
		if !img.Cores[i].Source {
			k.checkRegisters(i)
		}
		k.checkThresholds(i)
		k.checkBias(i)
		k.checkInitialV(i)
		k.checkMemories(i)
		k.checkWeights(i)
		k.checkStarts(i)
	}
	for i := range img.Input.Drives {
		k.checkDrive(&img.Input.Drives[i])
	}
	for _, text := range p.Constraints {
		constraintChecks[text](k) // chip refuses profiles with other texts
	}
	return k.list(), r
}

// checker collects findings. Of those with the same ID in the same layer it keeps the one farthest beyond its limit.
type checker struct {
	img   *Image
	p     *chip.Profile
	fans  map[int]*coreFan
	found map[findingKey]*finding
	order []findingKey
}

type findingKey struct{ id, subject string }

type finding struct {
	diag   diag.Diagnostic
	excess int64
	cores  map[int]bool // where it was found
}

// coreFan is what can arrive at a core's neurons in one step: over its axons, and from the host.
type coreFan struct {
	Fan
	driveLo, driveHi []int64
}

// fan returns what can arrive at a core.
func (k *checker) fan(core int) *coreFan {
	if k.fans[core] == nil {
		f := &coreFan{Fan: k.img.Fan(core)}
		f.driveLo, f.driveHi = k.img.DriveRange(core)
		k.fans[core] = f
	}
	return k.fans[core]
}

// report adds a finding about a subject on a core; excess says how bad it is.
func (k *checker) report(id, subject string, core int, excess int64, d diag.Diagnostic) {
	key := findingKey{id, subject}
	f := k.found[key]
	if f == nil {
		f = &finding{excess: -1, cores: map[int]bool{}}
		k.found[key] = f
		k.order = append(k.order, key)
	}
	f.cores[core] = true
	if excess > f.excess {
		d.ID, d.Severity, d.Subject = id, diag.Error, subject
		f.diag, f.excess = d, excess
	}
}

// over reports a value of a core, or of one of its neurons unless that is negative, that is beyond a limit.
func (k *checker) over(id string, core, neuron int, what string, value, limit int64, remedy string) {
	c := &k.img.Cores[core]
	place := fmt.Sprintf("core %d: ", core)
	if neuron >= 0 {
		place = fmt.Sprintf("core %d, neuron %d: ", core, c.Index(neuron))
	}
	k.report(id, c.Population, core, max(value-limit, limit-value),
		diag.Diagnostic{Message: place + what, Value: value, Limit: limit, Remedy: remedy})
}

// list returns the findings in the order in which they were first made.
func (k *checker) list() diag.List {
	var l diag.List
	for _, key := range k.order {
		f := k.found[key]
		switch n := len(f.cores) - 1; {
		case n == 1:
			f.diag.Message += "; one more core has this"
		case n > 1:
			f.diag.Message += fmt.Sprintf("; %d more cores have this", n)
		}
		l.Add(f.diag)
	}
	return l
}
