package zoo

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"
)

// floors are the accuracies that the bundled networks are asked to have.
var floors = map[string]float64{"mnist_cnn_plain": 0.990, "mnist_cnn_bnmax": 0.991, "mnist_cnn_patches": 0.985, "mnist_mlp_14x14": 0.98, "mnist_mlp_11x11": 0.97}

// sides are those of their images; 28 where nothing is said.
var sides = map[string]int{"mnist_mlp_14x14": 14, "mnist_mlp_11x11": 11}

func TestRecordedAccuracy(t *testing.T) {
	for _, model := range All() {
		t.Run(model.Name, func(t *testing.T) {
			accuracy := model.Info.Accuracy
			floor, ok := floors[model.Name]
			if !ok || accuracy.Top1 < floor {
				t.Errorf("top-1 %v, floor %v", accuracy.Top1, floor)
			}
			if accuracy.N != 10000 || accuracy.Top1 != float64(accuracy.Correct)/float64(accuracy.N) {
				t.Errorf("%d of %d are not %v", accuracy.Correct, accuracy.N, accuracy.Top1)
			}
			if accuracy.Data == "" || accuracy.Measured == "" {
				t.Error("how it was measured is not said")
			}
		})
	}
}

func TestInfo(t *testing.T) {
	for _, model := range All() {
		t.Run(model.Name, func(t *testing.T) {
			info := model.Info
			sum := sha256.Sum256(model.ONNX)
			if got := hex.EncodeToString(sum[:]); got != info.SHA256 {
				t.Errorf("SHA-256 %s, recorded %s", got, info.SHA256)
			}
			if info.Name != model.Name || info.File != model.Name+".onnx" || info.IO.File != model.Name+".io.npz" {
				t.Errorf("names %q, %q, %q", info.Name, info.File, info.IO.File)
			}
			side := cmp.Or(sides[model.Name], 28)
			if info.InputShape != [3]int{1, side, side} || (side == 28) != (info.Data == "") || info.Classes != 10 || info.Preprocessing.PixelScale != 1.0/255 {
				t.Errorf("input %v times %v, %d classes", info.InputShape, info.Preprocessing.PixelScale, info.Classes)
			}
			if len(info.Preprocessing.Mean) != 1 || len(info.Preprocessing.Std) != 1 {
				t.Errorf("mean %v, std %v", info.Preprocessing.Mean, info.Preprocessing.Std)
			}
			if len(info.IO.TestIndex) != 8 || len(info.IO.Labels) != 8 {
				t.Errorf("inputs %v with labels %v", info.IO.TestIndex, info.IO.Labels)
			}
			if info.Training.Seed == 0 || info.Training.Epochs == 0 || info.Versions["torch"] == "" || info.Versions["onnxruntime"] == "" {
				t.Errorf("training %+v with %v", info.Training, info.Versions)
			}
			if bytes.Contains(model.ONNX, []byte("stack_trace")) {
				t.Error("holds file names of the machine that exported it")
			}
		})
	}
}

// The networks without biases keep the strict conversion rules, the other breaks them.
func TestOperators(t *testing.T) {
	for name, want := range map[string]map[string]int{
		"mnist_cnn_plain": {"Conv": 2, "Relu": 2, "AveragePool": 2, "Flatten": 1, "MatMul": 1},
		// Shape to Reshape is the Flatten of the dynamo exporter without its optimiser.
		"mnist_cnn_bnmax": {"Conv": 2, "BatchNormalization": 2, "Relu": 2, "MaxPool": 2, "Gemm": 1,
			"Shape": 1, "Squeeze": 1, "Constant": 2, "Concat": 1, "Reshape": 2},
		"mnist_cnn_patches": {"Conv": 3, "Relu": 3, "Flatten": 1, "MatMul": 1},
		"mnist_mlp_14x14":   {"Flatten": 1, "MatMul": 2, "Relu": 1},
		"mnist_mlp_11x11":   {"Flatten": 1, "MatMul": 2, "Relu": 1},
	} {
		model, err := Get(name)
		if err != nil {
			t.Fatal(err)
		}
		if d := diff.Diff(want, model.Info.Exporter.Operators); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestGet(t *testing.T) {
	for _, name := range []string{"mnist_cnn_bnmax", "mnist_cnn_bnmax.onnx"} {
		if model, err := Get(name); err != nil || model.Name != "mnist_cnn_bnmax" {
			t.Errorf("Get(%q): %q, %v", name, model.Name, err)
		}
	}
	const want = `zoo: no bundled network "lenet"; want one of mnist_cnn_bnmax, mnist_cnn_patches, mnist_cnn_plain, mnist_mlp_11x11, mnist_mlp_14x14`
	if _, err := Get("lenet"); err == nil || err.Error() != want {
		t.Error(err)
	}
}

// What the recorded versions say is what requirements.txt asks for.
func TestRequirements(t *testing.T) {
	text, err := os.ReadFile("requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, model := range All() {
		for _, line := range strings.Fields(string(text)) {
			name, version, _ := strings.Cut(line, "==")
			recorded, _, _ := strings.Cut(model.Info.Versions[name], "+") // a local build tag
			if recorded != version {
				t.Errorf("%s was made with %s %s, requirements.txt has %s", model.Name, name, recorded, version)
			}
		}
	}
}
