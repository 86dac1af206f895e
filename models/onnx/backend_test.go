package onnx

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/models/ann"
)

// backendVariable names the folder onnx/backend/test/data of the unpacked package onnx 1.16.2.
const backendVariable = "SPIKEC_ONNX_TESTS"

// backendTest is one of the ONNX project's own tests: a model, and sets of inputs with the outputs that belong to them.
type backendTest struct {
	folder, name string // such as node and test_relu
	model        []byte
	ops          []string // operators of its nodes, each once
	inputs       []valueInfo
	outputs      []valueInfo
	sets         []backendSet
}

// backendSet holds the tensors of one set; nil where the file is no tensor of numbers.
type backendSet struct{ inputs, outputs []*wireTensor }

// verdict is what became of a test: passed, or refused with a reason, or wrong.
type verdict struct {
	passed bool
	reason string // of a refusal
	wrong  error
}

// readBackendTest reads the model and the recorded tensors of one folder.
func readBackendTest(path string) (*backendTest, error) {
	b := &backendTest{folder: filepath.Base(filepath.Dir(path)), name: filepath.Base(path)}
	model, err := os.ReadFile(filepath.Join(path, "model.onnx"))
	if err != nil {
		return nil, err
	}
	if err := b.setModel(model); err != nil {
		return nil, err
	}
	sets, err := filepath.Glob(filepath.Join(path, "test_data_set_*"))
	if err != nil {
		return nil, err
	}
	for _, dir := range sets {
		b.sets = append(b.sets, backendSet{readTensors(dir, "input", b.inputs), readTensors(dir, "output", b.outputs)})
	}
	return b, nil
}

// setModel notes the model's operators, its inputs that are no initialisers, and its outputs.
func (b *backendTest) setModel(model []byte) error {
	b.model = model
	stored := map[string]bool{}
	return fields(model, func(x field) error {
		if x.num != 7 {
			return nil
		}
		return fields(x.val, func(x field) error {
			switch x.num {
			case 1:
				return fields(x.val, func(x field) error {
					if x.num == 4 && !slices.Contains(b.ops, string(x.val)) {
						b.ops = append(b.ops, string(x.val))
					}
					return nil
				})
			case 5:
				t, err := parseTensor(x.val)
				stored[t.name] = true
				return err
			case 11:
				v, err := parseValueInfo(x.val)
				if !stored[v.name] { // initialisers stand before inputs
					b.inputs = append(b.inputs, v)
				}
				return err
			case 12:
				v, err := parseValueInfo(x.val)
				b.outputs = append(b.outputs, v)
				return err
			}
			return nil
		})
	})
}

// readTensors reads the files <kind>_0.pb, <kind>_1.pb, … of a folder, the tensors of the given values; nil stands for what is
// no tensor of numbers. bfloat16 is recorded as if it were uint16.
func readTensors(dir, kind string, values []valueInfo) []*wireTensor {
	list := make([]*wireTensor, len(values))
	for i, v := range values {
		data, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%s_%d.pb", kind, i)))
		if err != nil || !v.tensor {
			continue
		}
		t, err := parseTensor(data)
		if err != nil {
			continue
		}
		if v.elemType == 16 {
			t.dtype = 16
		}
		elem, numbers := elementTypes[t.dtype]
		if n, p := t.count(); !numbers || p != nil || t.stored(elem) != n {
			continue
		}
		list[i] = t
	}
	return list
}

// run reads the model with every input but one bound to its recorded value, for each of its outputs, and compares.
func (b *backendTest) run() (v verdict) {
	defer func() {
		if r := recover(); r != nil {
			v = verdict{wrong: fmt.Errorf("panic: %v", r)}
		}
	}()
	if len(b.sets) == 0 {
		return verdict{reason: "no recorded tensors"}
	}
	for _, set := range b.sets {
		image := b.image()
		model := b.bound(set, image)
		for i, out := range b.outputs {
			o := Options{}
			if len(b.outputs) > 1 {
				o.Output = out.name
			}
			m, err := o.Decode(model, "")
			var refused *diag.Failure
			if errors.As(err, &refused) {
				return verdict{reason: reasonOf(refused.List)}
			}
			if err != nil {
				return verdict{wrong: err}
			}
			if i >= len(set.outputs) || set.outputs[i] == nil || image >= len(set.inputs) || set.inputs[image] == nil {
				return verdict{wrong: fmt.Errorf("a model for tensors that are not numbers was taken")}
			}
			if beyond(set.inputs[image]) {
				return verdict{reason: "recorded values are beyond float32, in which float64 is computed"}
			}
			if slices.ContainsFunc(m.Diagnostics, func(d diag.Diagnostic) bool { return d.ID == idWholeOutput }) {
				return verdict{reason: "ends in whole numbers, and the network in what they stand for"}
			}
			if err := sameAnswers(m.Graph, set.inputs[image], set.outputs[i]); err != nil {
				return verdict{wrong: fmt.Errorf("output %q: %w\n%s", out.name, err, m.Graph)}
			}
		}
	}
	return verdict{passed: true}
}

// image returns which input the network is given image by image: the first one of floats, or the first one.
func (b *backendTest) image() int {
	return max(0, slices.IndexFunc(b.inputs, func(v valueInfo) bool { return elementTypes[v.elemType].float }))
}

// bound returns the model with the other inputs as initialisers, in a second piece of the graph: protobuf joins the pieces.
func (b *backendTest) bound(set backendSet, image int) []byte {
	var more []byte
	for i, in := range b.inputs {
		if i != image && i < len(set.inputs) && set.inputs[i] != nil {
			t := set.inputs[i]
			more = appendBytes(more, 5, t.encode(in.name))
		}
	}
	if more == nil {
		return b.model
	}
	// The initialisers must stand before the inputs that they are for, as the pre-pass reads them all first.
	return appendBytes(slices.Clone(b.model), 7, more)
}

// encode returns the tensor as a TensorProto of the given name: of a field that stands twice the last counts.
func (t *wireTensor) encode(name string) []byte {
	return appendVarint(appendBytes(slices.Clone(t.body), 8, name), 2, t.dtype)
}

// numbers returns the elements as float64.
func (t *wireTensor) numbers() []float64 {
	n, _ := t.count()
	v := make([]float64, n)
	if t.dtype == typeFloat64 && t.hasRaw {
		for i := range v {
			v[i] = math.Float64frombits(binary.LittleEndian.Uint64(t.raw[8*i:]))
		}
		return v
	}
	elem := elementTypes[t.dtype]
	k := &constant{isInt: !elem.float}
	k.fill(t, elem, n)
	for i, f := range k.floats {
		v[i] = float64(f)
	}
	for i, q := range k.ints {
		v[i] = float64(q)
	}
	return v
}

// beyond reports whether a tensor holds finite values that float32 cannot hold.
func beyond(t *wireTensor) bool {
	return slices.ContainsFunc(t.numbers(), func(v float64) bool { return math.Abs(v) > math.MaxFloat32 && !math.IsInf(v, 0) })
}

// Tolerances of the ONNX project's own runner.
const (
	backendRelative = 1e-3
	backendAbsolute = 1e-7
)

// sameAnswers runs the graph, image by image, and compares with what was recorded.
func sameAnswers(g *ann.Graph, in, out *wireTensor) error {
	x, want := in.numbers(), out.numbers()
	size, results := g.Nodes[0].Shape.Size(), g.Nodes[g.Output].Shape.Size()
	if len(x)%size != 0 || len(want) != len(x)/size*results {
		return fmt.Errorf("%d inputs and %d outputs are recorded; the graph takes %d and gives %d an image", len(x), len(want), size, results)
	}
	relative := backendRelative
	if t := out.dtype; t == 16 { // bfloat16 is computed in float32: what is recorded was cut off behind 8 bits
		relative = 1.0 / 128
	}
	e := ann.NewExecutor(g)
	image := make([]float32, size)
	for i := range len(x) / size {
		for k := range image {
			image[k] = float32(x[i*size+k])
		}
		got, err := e.Run(image)
		if err != nil {
			return err
		}
		for k, v := range got {
			w := want[i*results+k]
			if d := math.Abs(float64(v) - w); !(d <= backendAbsolute+relative*math.Abs(w)) && float64(v) != w && !(v != v && w != w) {
				return fmt.Errorf("image %d, element %d is %v, recorded is %v", i, k, v, w)
			}
		}
	}
	return nil
}

// reasonOf returns the first error of a list, without the node's name.
func reasonOf(list diag.List) string {
	for _, d := range list {
		if d.Severity == diag.Error {
			return d.Message
		}
	}
	return ""
}

// subject returns what a test is about: its operator, or that it has several.
func (b *backendTest) subject() string {
	switch {
	case b.folder == "light":
		return "whole networks (light)"
	case len(b.ops) == 1:
		return b.ops[0]
	case strings.Contains(b.name, "_expanded"):
		return "operators expanded into others"
	}
	return "several operators"
}

// readLight reads the light models: networks whose weights are all made by ConstantOfShape. The input is a ramp from 0 to 1, as
// the ONNX project's runner makes it.
func readLight(dir string) ([]*backendTest, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.onnx"))
	if err != nil {
		return nil, err
	}
	var tests []*backendTest
	for _, path := range files {
		b := &backendTest{folder: "light", name: strings.TrimSuffix(filepath.Base(path), ".onnx")}
		model, err := os.ReadFile(path)
		if err == nil {
			err = b.setModel(model)
		}
		if err != nil {
			return nil, err
		}
		var set backendSet
		for _, in := range b.inputs {
			n := 1
			for _, d := range in.sizes {
				n *= int(d)
			}
			ramp := make([]float32, n)
			for i := range ramp {
				ramp[i] = float32(float64(i) / float64(n))
			}
			x, err := parseTensor(wireFloats(in.name, in.sizes, ramp...))
			if err != nil {
				return nil, err
			}
			set.inputs = append(set.inputs, x)
		}
		data, err := os.ReadFile(strings.TrimSuffix(path, ".onnx") + "_output_0.pb")
		if err != nil {
			return nil, err
		}
		y, err := parseTensor(data)
		if err != nil {
			return nil, err
		}
		set.outputs = []*wireTensor{y}
		b.sets = []backendSet{set}
		tests = append(tests, b)
	}
	return tests, nil
}

// readBackendTests reads all tests below the folder.
func readBackendTests(root string) ([]*backendTest, error) {
	tests, err := readLight(filepath.Join(root, "light"))
	if err != nil {
		return nil, err
	}
	for _, folder := range []string{"node", "pytorch-converted", "pytorch-operator", "simple"} {
		models, err := filepath.Glob(filepath.Join(root, folder, "*", "model.onnx"))
		if err != nil {
			return nil, err
		}
		for _, m := range models {
			b, err := readBackendTest(filepath.Dir(m))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m, err)
			}
			tests = append(tests, b)
		}
	}
	if len(tests) == 0 {
		return nil, fmt.Errorf("no tests below %s", root)
	}
	slices.SortStableFunc(tests, func(a, b *backendTest) int { return cmp.Compare(a.name, b.name) })
	return tests, nil
}

// subjectRow is what became of all tests of one subject.
type subjectRow struct {
	passed, total int
	refused       map[string][]string // names of tests, by reason
}

// backendTable writes the outcome of all tests: for every subject how many passed, and by name what was refused and why. Of
// operators of which nothing passed it says only how many tests there are, and one reason.
func backendTable(rows map[string]*subjectRow) string {
	var b strings.Builder
	all := subjectRow{}
	for _, r := range rows {
		all.passed, all.total = all.passed+r.passed, all.total+r.total
	}
	fmt.Fprintf(&b, "%d of %d tests pass, %d are refused, none gives another answer.\n\n", all.passed, all.total, all.total-all.passed)
	b.WriteString("| operator | passed | refused, because |\n|---|---|---|\n")
	var none []string
	for _, subject := range slices.Sorted(maps.Keys(rows)) {
		r := rows[subject]
		if r.passed == 0 {
			none = append(none, subject)
			continue
		}
		var why []string
		for _, reason := range slices.Sorted(maps.Keys(r.refused)) {
			why = append(why, fmt.Sprintf("%s: %s", cell(reason), strings.Join(r.refused[reason], ", ")))
		}
		fmt.Fprintf(&b, "| %s | %d/%d | %s |\n", subject, r.passed, r.total, strings.Join(why, "<br>"))
	}
	b.WriteString("\nNo test of these passes:\n\n| operator | tests | the first is refused, because |\n|---|---|---|\n")
	for _, subject := range none {
		r := rows[subject]
		fmt.Fprintf(&b, "| %s | %d | %s |\n", subject, r.total, cell(slices.Min(slices.Collect(maps.Keys(r.refused)))))
	}
	return b.String()
}

// cell returns text that can stand in a cell of a table, on one line.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;").Replace(s)
}

// TestBackend runs the tests of the ONNX project: each passes or is refused, none is wrong, and what passes is what
// docs/onnx.md says.
func TestBackend(t *testing.T) {
	root := os.Getenv(backendVariable)
	if root == "" {
		t.Skipf("skipped: %s does not name the folder onnx/backend/test/data of onnx 1.16.2", backendVariable)
	}
	tests, err := readBackendTests(root)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]*subjectRow{}
	for _, b := range tests {
		r := rows[b.subject()]
		if r == nil {
			r = &subjectRow{refused: map[string][]string{}}
			rows[b.subject()] = r
		}
		r.total++
		switch v := b.run(); {
		case v.wrong != nil:
			t.Errorf("%s/%s (%s): %v", b.folder, b.name, strings.Join(b.ops, ", "), v.wrong)
		case v.passed:
			r.passed++
		default:
			r.refused[v.reason] = append(r.refused[v.reason], strings.TrimPrefix(b.name, "test_"))
		}
	}
	table := backendTable(rows)
	t.Log("\n" + table)
	document(t, "backend", table)
}
