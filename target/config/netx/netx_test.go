package netx

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"spikec/internal/hdf5"
	"spikec/internal/window"
	"spikec/models/snn"
	"spikec/quantize"
	"spikec/target/chip"
	"spikec/target/image"
	"spikec/target/place"
)

func loihi(t testing.TB) *chip.Profile {
	t.Helper()
	p, err := chip.Load("loihi1")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sample is an image of a chain: codes of 2x6x6, a driven layer, a grouped convolution over a pool with unequal paddings, and
// 3 classes; one layer is on several cores where the chip has few neurons.
func sample(t testing.TB, p *chip.Profile) *image.Image {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	weights := func(n int) []int32 {
		w := make([]int32, n)
		for i := range w {
			w[i] = int32(r.IntN(40)-20) * 2
		}
		return w
	}
	all := func(n int, v int32) []int32 {
		a := make([]int32, n)
		for i := range a {
			a[i] = v
		}
		return a
	}
	pool := window.Square(2, 2)
	uneven := window.Square(2, 1)
	uneven.PadEnd = [2]int{1, 1}
	format, err := quantize.FormatOf(p, 0)
	if err != nil {
		t.Fatal(err)
	}
	net := &quantize.Network{Name: "sample", Chip: p.ID, Steps: 16, Reset: snn.Zero, Readout: snn.Readout{Kind: snn.Count, Delay: 2}, Format: format,
		Populations: []quantize.Population{
			{Name: "input", Shape: [3]int{2, 6, 6}, Neuron: snn.Input},
			{Name: "first", Shape: [3]int{4, 6, 6}, Neuron: snn.IF, Threshold: all(4, 200), Bias: []int32{1, 0, -2, 0}, Initial: all(4, 0), DriveShift: 6},
			{Name: "second", Shape: [3]int{4, 3, 3}, Neuron: snn.IF, Threshold: all(4, 150), Bias: all(4, 0), Initial: all(4, 0)},
			{Name: "classes", Shape: [3]int{3, 1, 1}, Neuron: snn.IF, Threshold: all(3, 100), Bias: []int32{0, 3, 0}, Initial: all(3, 0)},
		},
		Projections: []quantize.Projection{
			{Source: 0, Target: 1, Window: window.Square(1, 1), Groups: 1, Weight: weights(4 * 2)},
			{Source: 1, Target: 2, Pool: &pool, Window: uneven, Groups: 2, Weight: weights(4 * 2 * 4)},
			{Source: 2, Target: 3, Window: window.Square(3, 1), Groups: 1, Weight: weights(3 * 4 * 9)},
		}}
	img, _, err := place.Run(t.Context(), net, p)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// TestWrite writes an image, on one core a layer and on many; Write itself reads it back and compares. What netx does
// otherwise is said.
func TestWrite(t *testing.T) {
	p := loihi(t)
	for _, neurons := range []int{1024, 20} {
		p.Capacity.Neurons = &neurons
		img := sample(t, p)
		data, found, err := Write(img, p)
		if err != nil {
			t.Fatalf("%d neurons a core: %v", neurons, err)
		}
		if len(found) != 1 || !strings.Contains(found[0].String(), "SPK-NETX-003 classes: takes its biases from the first step on in netx, and from step 2 on here") {
			t.Errorf("found %v", found)
		}
		again, _, err := Write(img, p)
		if err != nil || !bytes.Equal(data, again) {
			t.Errorf("the second file is another one (%v)", err)
		}
	}
}

// TestLayout looks at the file as netx does.
func TestLayout(t *testing.T) {
	p := loihi(t)
	data, _, err := Write(sample(t, p), p)
	if err != nil {
		t.Fatal(err)
	}
	root, err := hdf5.Read(data, maxBytes)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	layers := group(root, "layer")
	for _, name := range layers.Names() {
		l := group(layers, name)
		kind := l.Links["type"].(*hdf5.Dataset)
		b.WriteString(name + " " + kind.Data.([]string)[0] + ": " + strings.Join(l.Names(), " ") + "\n")
		if kind.Fixed != 10 || len(kind.Dims) != 1 {
			t.Errorf("layer %s: type is %+v", name, kind)
		}
	}
	want := `0 input: bias neuron shape type weight
1 conv: dilation groups inChannels kernelSize neuron outChannels padding shape stride type weight
2 flatten: shape type
3 dense: bias inFeatures neuron outFeatures shape type weight
`
	if b.String() != want {
		t.Errorf("layers\n%swant\n%s", b.String(), want)
	}
	conv := group(layers, "1").Links["weight"].(*hdf5.Dataset)
	// The kernel of 2 taps over sums of 2x2 is one of 4 taps; no row of padding above, two below: two zero taps lie above.
	if d := conv.Dims; len(d) != 4 || d[0] != 4 || d[1] != 4 || d[2] != d[3] || d[2] < 4 {
		t.Errorf("a kernel of %v", d)
	}
	if v := group(group(layers, "1"), "neuron").Links["vThMant"].(*hdf5.Dataset).Data.([]int64); v[0] != 149 {
		t.Errorf("a threshold of %v, want 149: above it is at least 150", v)
	}
}

// TestRefuses lists images that netx has no words for.
func TestRefuses(t *testing.T) {
	p := loihi(t)
	for name, c := range map[string]struct {
		change func(img *image.Image)
		want   string
	}{
		"exponent":   {func(img *image.Image) { img.Cores[1].Registers["weight_exp"] = []int32{1} }, "second: has weight_exp = 1"},
		"thresholds": {func(img *image.Image) { img.Cores[1].Registers["vth"] = []int32{1, 2, 3, 4} }, "second: has several thresholds"},
		"skip":       {func(img *image.Image) { img.Cores[0].Routes[0].Core = 2 }, "first: sends spikes to classes"},
		"zero": {func(img *image.Image) {
			w := img.Cores[2].Synapses[0].Synapses.(*image.Table).Weight
			clear(w)
		}, "classes: has no weight but 0"},
		"no convolution": {func(img *image.Image) { img.Cores[1].Synapses[0].Synapses.(*image.Table).Weight[0] += 2 }, "the image is not what its layers give"},
		"drives":         {func(img *image.Image) { img.Input.Drives = append(img.Input.Drives, img.Input.Drives[0]) }, "has 2 drives"},
	} {
		img := sample(t, p)
		c.change(img)
		if _, _, err := Write(img, p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	other, err := chip.Load("generic8")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Write(sample(t, p), other); err == nil || !strings.Contains(err.Error(), "no target of Loihi's arithmetic") {
		t.Errorf("%v", err)
	}
}

// TestReadRefuses changes one dataset of a good file.
func TestReadRefuses(t *testing.T) {
	p := loihi(t)
	data, _, err := Write(sample(t, p), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path  string
		value hdf5.Node // nil takes it away
		want  string
	}{
		{"spikec", nil, "/spikec: missing"},
		{"layer", nil, "/layer: missing"},
		{"layer/0", nil, "/layer/0: missing"},
		{"layer/3", nil, "2 layers of neurons, want 3"},
		{"layer/2", nil, "/layer/2: missing"},
		{"spikec/chip", hdf5.Scalar("loihi2"), `/spikec/chip: "loihi2", want "loihi1"`},
		{"spikec/steps", hdf5.Scalar(int64(0)), "/spikec/steps: 0, want 1 to 65536"},
		{"spikec/steps", hdf5.Scalar(1.5), "/spikec/steps: missing, or of another type"},
		{"spikec/shape", hdf5.Array([]int64{1 << 40, 1 << 40, 1}), "/spikec/shape"},
		{"spikec/drive/window", hdf5.Array([]int64{1, 2}), "/spikec/drive/window: 2 numbers"},
		{"spikec/drive/weight", hdf5.Array([]int32{1}), "the drive of the host gives another one"},
		{"layer/1/type", hdf5.Scalar("pool"), `/layer/1/type: "pool"`},
		{"layer/1/weight", hdf5.Array([]float32{1, 2}), "/layer/1/weight: dimensions [2]"},
		{"layer/3/weight", hdf5.Array([]float32{0.5}), "/layer/3/weight: 0.5, want integers"},
		{"layer/1/stride", hdf5.Array([]int64{0, 1}), "/layer/1/weight: dimensions"},
		{"layer/1/neuron/vThMant", hdf5.Scalar(int64(1 << 20)), "/layer/1/vThMant: 1048576"},
		{"layer/1/neuron/vDecay", hdf5.Scalar(int64(128)), "with decays 4096 and 128"},
		{"layer/3/bias", hdf5.Array([]float32{1}), "/layer/3/bias: 1 values for 3 channels"},
	} {
		root, err := hdf5.Read(data, maxBytes)
		if err != nil {
			t.Fatal(err)
		}
		g, path := root, strings.Split(c.path, "/")
		for _, name := range path[:len(path)-1] {
			g = group(g, name)
		}
		if g.Links[path[len(path)-1]] = c.value; c.value == nil {
			delete(g.Links, path[len(path)-1])
		}
		changed, err := hdf5.Write(root)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Read("x.net", changed, p); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "SPK-NETX-002 x.net") {
			t.Errorf("%s: %v, want %q", c.path, err, c.want)
		}
	}
	if _, err := Read("x.net", nil, p); err == nil || !strings.Contains(err.Error(), "SPK-NETX-002 x.net: not an HDF5 file") {
		t.Errorf("%v", err)
	}
}

// FuzzRead reads anything; an image that is read fits the chip.
func FuzzRead(f *testing.F) {
	p := loihi(f)
	data, _, err := Write(sample(f, p), p)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		img, err := Read("fuzz", data, p)
		if err != nil {
			return
		}
		if found, _ := image.Check(img, p); found.HasErrors() {
			t.Error(found)
		}
	})
}
