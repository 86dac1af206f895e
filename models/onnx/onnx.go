// Package onnx reads trained networks from ONNX files into ann.Graph. It owns the file's bytes, the external data
// beside them and the meaning of every operator; it refuses, by the user's own node name, whatever it cannot reproduce
// exactly, and names all such things at once. The stage before is an exporter (PyTorch, tf2onnx, …), the stage after is
// convert.
//
// A file goes through four steps: a pre-pass over the protobuf wire bytes (prepass.go) checks them, takes the numbers of
// all tensors out of them (tensor.go) and rewrites the rest into the subset that onnx-go decodes without loss; onnx-go
// decodes that into a recorder (decode.go); the live nodes are put in order (order.go); one import_<op>.go per operator
// makes the graph (build.go).
//
// Files are not trusted. What a file may hold is limited (limits.go), numbers take memory in proportion to its size
// (memory.go), what is said about it stays short (findings.go): it is read, or refused, in at most four times its size and
// 256 MiB.
package onnx

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"spikec/internal/diag"
	"spikec/models/ann"
)

// Accepted versions of the default operator set. Below version 7 broadcasting and what a missing is_test means are others than
// today; 28 is the newest that was compared with onnxruntime.
const (
	MinOpset = 1
	MaxOpset = 28
)

// maxFile is the largest file that is read: the protobuf limit. [bytes]
const maxFile = 1 << 31

// Model is a decoded network.
type Model struct {
	Graph         *ann.Graph
	IR            int64    // ir_version of the file, 0 if it has none
	Opset         int64    // version of the default operator set
	Producer      string   // producer_name and producer_version
	InputName     string   // of the one real input
	InputDims     []string // its dimensions as the file names them: numbers, symbols, "?"
	ChannelsLast  bool     // the file's input is H,W,C; Graph takes C,H,W
	Whole         bool     // no dimension of the file's input is a batch: all of it is one image
	Heavy         bool     // weights that a conversion makes anew would go beyond the memory that a file of its size may take
	OutputName    string   // of the one output, or of the one that Options chose
	ExternalFiles []string // files beside the model that hold weights, relative to its folder, sorted
	// Nodes lists the file's nodes: those that the output needs in topological order, also where they leave no trace in
	// Graph (Identity, Dropout, shape arithmetic), then the others in the file's order.
	Nodes []Origin
	// Ranges are what a quantised file records of activations, in its order; one node may have several.
	Ranges      []Range
	Diagnostics diag.List // information and warnings
}

// Options are the user's choices about a file.
type Options struct {
	// Output is the name of the output that the network is read for, where the file has several; what the others alone need
	// is dropped. "" is the only one.
	Output string
}

// Read is Options.Read without choices.
func Read(path string) (*Model, error) { return Options{}.Read(path) }

// Decode is Options.Decode without choices.
func Decode(data []byte, dir string) (*Model, error) { return Options{}.Decode(data, dir) }

// Read reads the model in the file path; weights stored outside it are looked for in its folder only. The error is a
// *diag.Failure that holds every problem found.
func (o Options) Read(path string) (*Model, error) { return complete(o.Survey(path)) }

// Survey is Read, but returns beside the error what could be made of the file: a model with the nodes that were
// understood, whose Graph is nil where not even its input was, or nil where the file cannot be decoded.
func (o Options) Survey(path string) (*Model, error) {
	data, err := readModelFile(path)
	if err != nil {
		return nil, err
	}
	return o.decodeModel(data, filepath.Dir(path), path)
}

// complete drops a model that is not complete.
func complete(m *Model, err error) (*Model, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Decode reads a model from the bytes of a file; weights stored outside it are looked for in the folder dir, and
// refused if dir is empty. The error is a *diag.Failure that holds every problem found.
func (o Options) Decode(data []byte, dir string) (*Model, error) {
	return complete(o.decodeModel(data, dir, "model"))
}

// readModelFile reads a regular file of at most maxFile bytes.
func readModelFile(path string) ([]byte, error) {
	fail := func(remedy, format string, args ...any) ([]byte, error) {
		return nil, failure(diag.Diagnostic{ID: idUnreadable, Subject: path, Message: fmt.Sprintf(format, args...), Remedy: remedy})
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail("check the path", "there is no such file")
	case err != nil:
		return fail("", "cannot be opened: %v", errors.Unwrap(err))
	case !info.Mode().IsRegular():
		return fail("name the .onnx file itself", "is not a regular file")
	case info.Size() > maxFile:
		return fail("export the weights as external data", "has %d bytes, more than the %d of the format", info.Size(), int64(maxFile))
	}
	f, err := os.Open(path)
	if err != nil {
		return fail("check the file's permissions", "cannot be opened: %v", errors.Unwrap(err))
	}
	defer f.Close()
	data := make([]byte, info.Size()) // io.ReadAll would hold it twice
	if _, err := io.ReadFull(f, data); err != nil {
		return fail("wait until it is written, then try again", "cannot be read: %v", err)
	}
	return data, nil
}

// decodeModel is Survey of bytes, with the name that messages about the whole file carry.
func (o Options) decodeModel(data []byte, dir, source string) (*Model, error) {
	if d, bad := checkHead(data, source); bad {
		return nil, failure(d)
	}
	memory := newMemory(len(data))
	p := &prepass{source: source, memory: memory, external: newExternalFiles(dir, memory)}
	defer p.external.close()
	wire, ok := p.run(data)
	if !ok {
		return nil, p.diags.diagnostics(source).Err()
	}
	memory.drop(int64(len(data))) // packed integers may keep them
	rec, err := runDecoder(wire, p.tensors)
	if err != nil {
		p.diags.Add(diag.Diagnostic{ID: idDecoder, Severity: diag.Error, Subject: source, Message: err.Error(), Remedy: "check the file with onnx.checker"})
		return nil, p.diags.diagnostics(source).Err()
	}
	m := o.build(p, rec)
	return m, m.Diagnostics.Err()
}

// failure returns one error diagnostic as an error.
func failure(d diag.Diagnostic) error {
	d.Severity = diag.Error
	return &diag.Failure{List: diag.List{d}}
}
