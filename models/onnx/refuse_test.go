package onnx

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/golden"
)

// sentences prints every diagnostic of a refusal.
func sentences(t *testing.T, err error) string {
	t.Helper()
	var failure *diag.Failure
	if !errors.As(err, &failure) {
		t.Fatalf("got %v, want a *diag.Failure", err)
	}
	var b strings.Builder
	for _, d := range failure.List {
		b.WriteString(d.String() + "\n")
	}
	return filepath.ToSlash(b.String())
}

// TestRefusedModels compares every message about the models of testdata/refused.
func TestRefusedModels(t *testing.T) {
	files, err := filepath.Glob("../../testdata/onnx/refused/*.onnx")
	if err != nil || len(files) == 0 {
		t.Fatalf("no models: %v", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			_, err := Read(f)
			golden.File(t, "refused/"+strings.TrimSuffix(filepath.Base(f), ".onnx")+".txt", sentences(t, err))
		})
	}
}

// called adds a name to a node.
func called(name string, node []byte) []byte { return appendBytes(node, 3, name) }

// chained joins operators to a model, each of which reads the one before.
func chained(ops ...string) wireModel {
	m := chainOf(len(ops), func(i int) string { return ops[i] }, before)
	for i, op := range ops {
		m.nodes[i] = called("block"+fmt.Sprint(i)+"/"+strings.ToLower(op), m.nodes[i])
	}
	return m
}

// wireGraph encodes an attribute that is a sub-graph.
func wireGraph(name string) []byte {
	return appendVarint(appendBytes(appendBytes(nil, 1, name), 6, appendBytes(nil, 1, relu)), 20, attrGraph)
}

// TestRefusalTexts compares every message about models that are wrong in one way each.
func TestRefusalTexts(t *testing.T) {
	fifty := chainOf(100, func(i int) string { return []string{"MaxPool", "LeakyRelu"}[i%2] }, before)
	fifty.inputs = [][]byte{wireInput("x", 1, "N", 3, 8, 8)}
	for i := range fifty.nodes {
		if fifty.nodes[i] = called(fmt.Sprintf("layers.%d.act", i/2), fifty.nodes[i]); i%2 == 0 {
			fifty.nodes[i] = called(fmt.Sprintf("layers.%d.pool", i/2), wireNode("MaxPool", []string{before(i)}, []string{fmt.Sprint(i + 1)}, wireString("auto_pad", "SAME"), wireInts("kernel_shape", 2, 2)))
		}
	}
	control := chained("If", "Loop", "Scan", "LSTM", "GRU", "RNN")
	control.nodes[0] = appendBytes(appendBytes(control.nodes[0], 5, wireGraph("then_branch")), 5, wireGraph("else_branch"))
	control.nodes[1] = appendBytes(control.nodes[1], 5, wireGraph("body"))
	control.nodes[2] = appendBytes(control.nodes[2], 5, wireGraph("body"))
	tensors := oneNode(wireNode("Sum", []string{"x", "nan", "text", "complex", "short", "negative", "endless", "huge", "elsewhere", "sparse"}, []string{"y"}), "N", 4).with(
		wireFloats("nan", []int64{1}, float32(math.NaN())), wireHead("text", typeString, 1), wireHead("complex", 14, 1), wireFloats("short", []int64{4}, 1),
		wireHead("negative", 1, 4, -1), wireHead("endless", 1, 1<<40, 1<<40), wireHead("huge", 1, 1<<30), wireExternal("elsewhere", 4, "location", "../secret.bin"))
	tensors.sparse = [][]byte{appendBytes(nil, 1, wireFloats("sparse", []int64{1}, 1))}
	graph := oneNode(relu, "N", 4)
	graph.inputs = append(graph.inputs, wireInput("label", 1, "N", 4))
	graph.outputs = append(graph.outputs, appendBytes(nil, 1, "aux"), appendBytes(nil, 1, "nobody"))
	graph.nodes = [][]byte{named("Add", "y", "x label"), named("Relu", "y", "x"), named("Add", "aux", "y later"), named("Relu", "later", "aux"), named("Relu", "unused", "x")}
	for name, m := range map[string]wireModel{
		"activations": chained("Sigmoid", "Tanh", "Gelu", "Elu", "Selu", "Celu", "Mish", "HardSwish", "HardSigmoid", "Softplus", "PRelu", "Erf"),
		"layers":      chained("LayerNormalization", "InstanceNormalization", "GroupNormalization", "LRN", "ConvTranspose", "MaxUnpool", "Einsum", "Attention", "TopK", "NonMaxSuppression", "RandomNormalLike", "Unheard"),
		"fifty":       fifty,
		"control":     control,
		"tensors":     tensors,
		"graph":       graph,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Options{}.decodeModel(m.bytes(), t.TempDir(), "model.onnx")
			golden.File(t, "refusals/"+name+".txt", sentences(t, err))
		})
	}
}

// TestReasons checks that no operator which is taken is said not to be supported, but for those that are folded alone.
func TestReasons(t *testing.T) {
	for op := range reasons {
		if _, taken := importers[op]; taken && unary[op] == nil && op != "ReduceProd" {
			t.Errorf("%s is supported, and there is a reason why not", op)
		}
	}
	for op := range remedies {
		_, taken := importers[op]
		if _, refused := reasons[op]; taken && !refused && !slices.Contains([]string{"BatchNormalization", "Dropout", "MaxPool"}, op) {
			t.Errorf("%s is supported, and there is a remedy for it", op)
		}
	}
}
