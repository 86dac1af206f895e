package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"spikec/cmd/spikec/internal/inspect"
	"spikec/internal/golden"
	"spikec/runtime/dataset/npz"
)

// built is a place with networks, and the arguments of a build there.
func built(t *testing.T, model string, more ...string) (*place, []string) {
	p := newPlace(t)
	p.copy("tiny.onnx", "unsupported.onnx", "nan.onnx")
	return p, slices.Concat([]string{"build", model, "--target", "generic8", "--data", "mnist", "--limit", "20", "--steps", "4", "--quiet", "--out", "out"}, more)
}

// refused runs a build that must fail with these words, and leave nothing behind.
func refused(t *testing.T, p *place, args []string, words ...string) result {
	t.Helper()
	before := p.names(".")
	r := p.spikec(args...).exits(1).complains(words...)
	if after := p.names("."); !slices.Equal(before, after) {
		t.Errorf("%s: left behind: %v, before there was %v", r.line, after, before)
	}
	return r
}

func TestTruncatedModel(t *testing.T) {
	p, args := built(t, "half.onnx")
	whole, err := os.ReadFile("testdata/tiny.onnx")
	if err != nil {
		t.Fatal(err)
	}
	p.write("half.onnx", string(whole[:len(whole)/2]))
	refused(t, p, args, "SPK-ONNX-", "half.onnx")
	p.write("half.onnx", "")
	refused(t, p, args, "SPK-ONNX-002", "half.onnx")
	refused(t, p, slices.Replace(args, 1, 2, "nowhere.onnx"), "SPK-ONNX-001", "nowhere.onnx: there is no such file")
	refused(t, p, slices.Replace(args, 1, 2, "."), "SPK-ONNX-001", "is not a regular file")
}

// TestUnsupportedOperators checks that every node that is not supported is named, by every command that reads networks.
func TestUnsupportedOperators(t *testing.T) {
	p, args := built(t, "unsupported.onnx")
	golden.File(t, "golden/unsupported.txt", refused(t, p, args).err)
	p.spikec("inspect", "unsupported.onnx").exits(1).says(`"middle/erf" (Erf)`, `"middle/sin" (Sin)`).prints("only in part understood", "w=6x1x5x5")
	r := document[inspect.Report](t, p.spikec("inspect", "unsupported.onnx", "--json").exits(1))
	if len(r.Diagnostics) != 2 || len(r.Layers) != 2 || !r.Partial || r.Schema != inspect.Schema {
		t.Errorf("got %+v", r)
	}
	refused(t, p, []string{"run", "unsupported.onnx", "--input", "x.npz", "--output", "y.npz"}, `"middle/erf" (Erf)`)
}

func TestWeightThatIsNoNumber(t *testing.T) {
	p, args := built(t, "nan.onnx")
	refused(t, p, args, "SPK-ONNX-014", `"fc.weight"`, "NaN")
}

// TestEverythingWrongAtOnce checks that a model, a target, data and a place that are all wrong are reported in one run.
func TestEverythingWrongAtOnce(t *testing.T) {
	p := newPlace(t)
	p.write("manifest.json", `{"schema": "spikec/build/v1"}`)
	r := refused(t, p, strings.Fields("build nowhere.onnx --target generic9 --data npz:nowhere.npz --out out"))
	golden.File(t, "golden/everything.txt", r.err)
}

// images returns the arrays of a data set of n images, the pixels counting up to most.
func images(n, size, most, labels int) (x, y *npz.Array) {
	pixels, classes := make([]float32, n*size*size), make([]int64, n)
	for i := range pixels {
		pixels[i] = float32(i%(most*4+1)) / 4
	}
	for i := range classes {
		classes[i] = int64(i % labels)
	}
	return npz.Float32s("x", pixels, n, 1, size, size), npz.Int64s("y", classes, n)
}

// fromArchives is a build on data.npz, calibrated with train.npz.
func fromArchives(args []string, more ...string) []string {
	i := slices.Index(args, "mnist")
	return slices.Concat(slices.Replace(slices.Clone(args), i, i+1, "npz:data.npz", "--calibration", "npz:train.npz"), more)
}

func TestImagesOfTheWrongSize(t *testing.T) {
	p, args := built(t, "tiny.onnx")
	x, y := images(20, 20, 1, 10)
	p.npz("data.npz", x, y)
	p.npz("train.npz", x, y)
	refused(t, p, fromArchives(args), "SPK-DATA-001 npz:data.npz", "1x20x20", "1x28x28")
}

func TestPixelsThatAreNotScaled(t *testing.T) {
	p, args := built(t, "tiny.onnx")
	x, y := images(20, 28, 255, 10)
	p.npz("data.npz", x, y)
	x, y = images(30, 28, 255, 10)
	p.npz("train.npz", x, y)
	refused(t, p, fromArchives(args), "SPK-DATA-006 npz:data.npz", "0..255", "divide x by 255")
	refused(t, p, fromArchives(args, "--input-range", "0,1"), "SPK-DATA-007 npz:data.npz", "0..255", "want 0..1")
	p.spikec(fromArchives(args, "--input-range", "0,255")...).exits(0)
}

func TestLabelsOutOfRange(t *testing.T) {
	p, args := built(t, "tiny.onnx")
	x, y := images(20, 28, 1, 12)
	p.npz("data.npz", x, y)
	x, y = images(30, 28, 1, 10)
	p.npz("train.npz", x, y)
	refused(t, p, fromArchives(args), "SPK-DATA-002 npz:data.npz", "labels that are no output of the network", "(11, limit 9)")
}

func TestDataThatAreNotThere(t *testing.T) {
	p, args := built(t, "tiny.onnx")
	refused(t, p, fromArchives(args), "data.npz")
	x, y := images(20, 28, 1, 10)
	p.npz("data.npz", x, y)
	i := slices.Index(args, "mnist")
	refused(t, p, slices.Replace(slices.Clone(args), i, i+1, "npz:data.npz"), "--calibration")
	refused(t, p, slices.Replace(slices.Clone(args), i, i+1, "imagenet"), `unknown data spec "imagenet"`)
}

func TestProfileWithAnUnknownKey(t *testing.T) {
	p, args := built(t, "tiny.onnx", "--target", "my.yaml")
	p.write("my.yaml", "schema: chip-profile/v1\nid: my\nname: My chip\nrevision: \"1\"\ninherits: generic8\nproof:\n  class: D\n"+
		"  reference: {kind: none, repository: null, commit: null, licence: null}\n  golden: null\nweight: {bits: 8, colour: red}\n")
	refused(t, p, args, "SPK-CHIP-006", "profile my.yaml line 10", "weight.colour")
}

// small is a profile with too little of everything for the tiny network.
const small = `schema: chip-profile/v1
id: small
name: Too small a chip
revision: "1"
inherits: loihi1
proof:
  class: D
  reference: {kind: none, repository: null, commit: null, licence: null}
  golden: null
capacity: {cores: 2, neurons: 20}
`

func TestTargetThatIsTooSmall(t *testing.T) {
	p, args := built(t, "tiny.onnx", "--target", "small.yaml")
	p.write("small.yaml", small)
	refused(t, p, args, "error SPK-", "limit 2")
	r := p.spikec("inspect", "tiny.onnx", "--target", "small.yaml").exits(1)
	golden.File(t, "golden/too_small.txt", r.err)
	p.write("narrow.yaml", strings.NewReplacer("id: small", "id: narrow", "cores: 2, neurons: 20", "axons_in: 210").Replace(small))
	p.spikec("inspect", "tiny.onnx", "--target", "narrow.yaml").exits(0).prints("target narrow: may not fit").says("warning SPK-INSP-004 fc", "(216, limit 210)")
	p.write("narrow.yaml", strings.NewReplacer("id: small", "id: narrow", "cores: 2, neurons: 20", "axons_in: 100").Replace(small))
	p.spikec("inspect", "tiny.onnx", "--target", "narrow.yaml").exits(1).says("error SPK-INSP-004 fc", "(216, limit 100)")
}

func TestUnwritableOutput(t *testing.T) {
	p, args := built(t, "tiny.onnx", "--out", "file/out")
	p.write("file", "in the way")
	refused(t, p, args, "SPK-OUT-001", "file/out", "cannot be written")
	p.write("precious.txt", "mine")
	refused(t, p, append(args, "--out", "."), "SPK-OUT-002", "is not replaced")
	if os.Getuid() == 0 {
		t.Log("permissions of folders are not tested: root may write anywhere")
		return
	}
	if err := os.Mkdir(p.path("closed"), 0o500); err != nil {
		t.Fatal(err)
	}
	refused(t, p, append(args, "--out", "closed/out"), "SPK-OUT-001", "closed/out")
}
