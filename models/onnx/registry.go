package onnx

import "fmt"

// importer is how one operator of ONNX becomes operations of ann.
type importer struct {
	op         string   // after its domain and a point where it is not ONNX's own (operatorKey)
	about      string   // what is taken of it, for docs/onnx.md
	attributes []string // those it knows; others are refused
	old        []string // those that it knows below opset 7
	outputs    int      // how many outputs it makes, where that is not 1
	integers   bool     // it takes values of the network that are whole numbers
	streams    bool     // it reads the integers of input 0 one by one (constant.eachInteger)
	run        func(*call)
}

// importers holds every operator that is supported, by name; each import_<op>.go registers its own.
var importers = map[string]importer{}

// register adds an importer; two of one name are a mistake in this package.
func register(i importer) {
	if _, ok := importers[i.op]; ok {
		panic(fmt.Sprintf("onnx: operator %s is registered twice", i.op))
	}
	importers[i.op] = i
}
