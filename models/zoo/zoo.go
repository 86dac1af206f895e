// Package zoo holds the trained networks that come with spikec, and what is known about each: how it was trained and
// exported, and which accuracy it reached. It hands out bytes; what they mean is for models/onnx to say.
//
// The files are made by train.py, which writes the .onnx, the .json and the .io.npz (eight inputs with the logits of
// onnxruntime, for tests) of each network in one run.
package zoo

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

//go:embed *.onnx *.json
var files embed.FS

// Model is one bundled network.
type Model struct {
	Name string // "mnist_cnn_plain"
	ONNX []byte // the file as exported, parameters included; a copy of the caller's own
	Info Info
}

// Info is the .json file beside a network.
type Info struct {
	Name          string        `json:"name"`
	File          string        `json:"file"`         // name of the ONNX file
	SHA256        string        `json:"sha256"`       // of the ONNX file, hexadecimal
	Architecture  string        `json:"architecture"` // the layers in order, in words
	Dataset       string        `json:"dataset"`      // "MNIST"
	Data          string        `json:"data"`         // data spec of its images; "" where they are the bundled ones as stored
	Target        string        `json:"target"`       // ID of the chip whose limits chose the layers; "" where none did
	InputShape    [3]int        `json:"inputShape"`   // C, H, W
	Classes       int           `json:"classes"`
	Preprocessing Preprocessing `json:"preprocessing"`
	Exporter      Exporter      `json:"exporter"`
	// Versions of the programs that took part: "torch", "onnxruntime", …
	Versions map[string]string `json:"versions"`
	Training Training          `json:"training"`
	Accuracy Accuracy          `json:"accuracy"`
	IO       IO                `json:"io"`
}

// Preprocessing turns stored pixels 0..255 into the network's input: (pixel*PixelScale - Mean)/Std, per channel.
type Preprocessing struct {
	PixelScale float64   `json:"pixelScale"`
	Mean       []float64 `json:"mean"` // one per channel
	Std        []float64 `json:"std"`  // one per channel
	Formula    string    `json:"formula"`
}

// Exporter tells how the ONNX file was written and what is in it.
type Exporter struct {
	Name       string         `json:"name"` // the call, with its options
	Producer   string         `json:"producer"`
	Opset      map[string]int `json:"opset"` // by domain; "ai.onnx" is the default one
	IRVersion  int            `json:"irVersion"`
	Operators  map[string]int `json:"operators"`  // how many nodes of each type
	Parameters int            `json:"parameters"` // numbers in all initialisers
}

// Training is the recipe. The test images had no part in it.
type Training struct {
	Data         string `json:"data"`
	Optimizer    string `json:"optimizer"`
	Loss         string `json:"loss"`
	Batch        int    `json:"batch"` // images per step
	Epochs       int    `json:"epochs"`
	Augmentation string `json:"augmentation"`
	Seed         int    `json:"seed"`
	Selection    string `json:"selection"` // how the weights were chosen
}

// Accuracy is the recorded accuracy of the exported file.
type Accuracy struct {
	Top1     float64 `json:"top1"` // Correct/N
	Correct  int     `json:"correct"`
	N        int     `json:"n"` // images
	Data     string  `json:"data"`
	Measured string  `json:"measured"` // with what, and how ties are settled
}

// IO describes NAME.io.npz: arrays `x` (N,C,H,W), the network's input, and `y` (N,Classes), the logits, both float32.
type IO struct {
	File            string  `json:"file"`
	TestIndex       []int   `json:"testIndex"` // places of the N images in the test set
	Labels          []int   `json:"labels"`
	MaxAbsDiffTorch float64 `json:"maxAbsDiffTorch"` // largest difference of any logit from PyTorch's, all test images
}

// Names lists the bundled networks, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the embedded folder is part of the program
	}
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".onnx"); ok {
			names = append(names, name)
		}
	}
	return names
}

// All returns the bundled networks, sorted by name.
func All() []Model {
	var all []Model
	for _, name := range Names() {
		all = append(all, load(name))
	}
	return all
}

// Whole returns those of them that take the bundled images as they are stored, not smaller ones, and were made for no chip.
func Whole() []Model {
	return slices.DeleteFunc(All(), func(m Model) bool { return m.Info.Data != "" || m.Info.Target != "" })
}

// Get returns the network of that name, with or without the ending ".onnx". The error lists the names there are.
func Get(name string) (Model, error) {
	base, names := strings.TrimSuffix(name, ".onnx"), Names()
	if !slices.Contains(names, base) {
		return Model{}, fmt.Errorf("zoo: no bundled network %q; want one of %s", name, strings.Join(names, ", "))
	}
	return load(base), nil
}

// load reads the two files of a network that is there; anything wrong with them is a bug, and tests look at all.
func load(name string) Model {
	model, err := decode(name)
	if err != nil {
		panic(fmt.Sprintf("zoo: %s: %v", name, err))
	}
	return model
}

func decode(name string) (Model, error) {
	onnx, err := files.ReadFile(name + ".onnx")
	if err != nil {
		return Model{}, err
	}
	text, err := files.ReadFile(name + ".json")
	if err != nil {
		return Model{}, err
	}
	model := Model{Name: name, ONNX: onnx}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&model.Info); err != nil {
		return Model{}, err
	}
	return model, nil
}
