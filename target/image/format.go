package image

import (
	"encoding/json"
	"fmt"

	"spikec/internal/window"
)

// The stored form of an image. docs/formats.md describes it for other readers; in short:
//
//	magic, version, length of the header
//	header    JSON
//	padding   to a multiple of 8 bytes from the start of the file
//	arrays    little-endian, each from a multiple of 8 bytes on, in the order in which the header names them
//	checksum  SHA-256 of everything before
const (
	magic      = "SPIKECIM"
	version    = 1
	fixedBytes = len(magic) + 4 + 8
	align      = 8
)

// The header's objects. Fields stand in the order of their keys, so that encoding/json writes sorted keys.
type (
	header struct {
		Chip   string       `json:"chip"`
		Cores  []coreHeader `json:"cores"`
		Input  inputHeader  `json:"input"`
		Output outputHeader `json:"output"`
		Steps  int          `json:"steps"`
	}
	coreHeader struct {
		First      int                 `json:"first"`
		InitialV   *arrayRef           `json:"initialV,omitempty"`
		Members    *arrayRef           `json:"members,omitempty"`
		Neurons    int                 `json:"neurons"`
		Place      *[2]int             `json:"place,omitempty"`
		Population string              `json:"population"`
		Registers  map[string]arrayRef `json:"registers"`
		Routes     arrayRef            `json:"routes"` // four numbers a route: first, count, core, axon
		Shape      [3]int              `json:"shape"`
		Source     bool                `json:"source,omitempty"`
		Start      int                 `json:"start"`
		Synapses   []blockHeader       `json:"synapses"`
	}
	blockHeader struct {
		FirstAxon int             `json:"firstAxon"`
		Memory    json.RawMessage `json:"memory"`
		Name      string          `json:"name,omitempty"`
	}
	inputHeader struct {
		Drives    []driveHeader `json:"drives"`
		Encoding  string        `json:"encoding"`
		Parameter int           `json:"parameter,omitempty"`
		Seed      uint64        `json:"seed,omitempty"`
		Shape     [3]int        `json:"shape"`
		Step      float64       `json:"step"`
	}
	driveHeader struct {
		Cores    []int           `json:"cores"`
		Register string          `json:"register"`
		Shift    uint            `json:"shift"`
		Synapses json.RawMessage `json:"synapses"`
	}
	outputHeader struct {
		Classes    int    `json:"classes"`
		Cores      []int  `json:"cores"`
		Delay      int    `json:"delay,omitempty"`
		EarlyExit  string `json:"earlyExit,omitempty"`
		Margin     int32  `json:"margin,omitempty"`
		Readout    string `json:"readout"`
		SpikesOnly bool   `json:"spikesOnly,omitempty"`
	}
	windowHeader struct {
		Dilation [2]int `json:"dilation"`
		Kernel   [2]int `json:"kernel"`
		PadBegin [2]int `json:"padBegin"`
		PadEnd   [2]int `json:"padEnd"`
		Stride   [2]int `json:"stride"`
	}
)

// stored is a kind of synapse memory that has a stored form. Each codec_*.go adds one.
type stored interface {
	Synapses
	// weights returns the stored weights.
	weights() []int32
	// header returns the JSON object of the memory, whose key kind is Kind(); put stores its arrays.
	header(put func([]int32) arrayRef) any
	// validate reports the first thing that would lead a reader of the memory out of bounds, or to neurons beyond
	// the target.
	validate(t target) error
}

// target is what a synapse memory reaches.
type target struct {
	source         [3]int // C, H, W of a picture, for the memory of a drive; zero for the memory of a core
	shape          [3]int // C, H, W of the population
	first, neurons int    // neurons of the population that the memory may reach
}

// decoder reads the JSON object of a synapse memory; take returns its arrays.
type decoder func(raw json.RawMessage, take func(arrayRef) ([]int32, error)) (stored, error)

// decoders holds the decoder of every kind.
var decoders = map[string]decoder{}

// registerKind adds a kind of synapse memory.
func registerKind(kind string, d decoder) {
	if decoders[kind] != nil {
		panic("image: kind " + kind + " registered twice")
	}
	decoders[kind] = d
}

// storedForm returns the stored form of synapses, or an error where their kind has none.
func storedForm(s Synapses) (stored, error) {
	m, ok := s.(stored)
	if !ok || decoders[m.Kind()] == nil {
		return nil, fmt.Errorf("synapses of type %T cannot be stored", s)
	}
	return m, nil
}

// windowFields and window translate between a window and its header.
func windowFields(w window.Window2d) windowHeader {
	return windowHeader{Dilation: w.Dilation, Kernel: w.Kernel, PadBegin: w.PadBegin, PadEnd: w.PadEnd, Stride: w.Stride}
}

func (h windowHeader) window() window.Window2d {
	return window.Window2d{Kernel: h.Kernel, Stride: h.Stride, Dilation: h.Dilation, PadBegin: h.PadBegin, PadEnd: h.PadEnd}
}
