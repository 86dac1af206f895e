package samna

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"spikec/internal/window"
	"spikec/target/chip"
	"spikec/target/image"
)

func profile(t testing.TB) *chip.Profile {
	t.Helper()
	p, err := chip.Load("speck2f")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sample is a source, a convolution with padding and a stride, one behind sum pooling, and a layer of classes that takes both.
func sample() *image.Image {
	r := rand.New(rand.NewPCG(1, 2))
	weights := func(n int) []int32 {
		w := make([]int32, n)
		for i := range w {
			w[i] = r.Int32N(255) - 127
		}
		return w
	}
	core := func(name string, shape [3]int, conv *image.Conv2d, more map[string][]int32) image.Core {
		n := shape[0] * shape[1] * shape[2]
		conv.Out, conv.Neurons, conv.Groups = shape, n, 1
		c := image.Core{Population: name, Shape: shape, Neurons: n, Synapses: []image.Block{{Synapses: conv}},
			Registers: map[string][]int32{"threshold_high": {100}, "threshold_low": {-32768}, "reset": {0}}}
		for k, v := range more {
			c.Registers[k] = v
		}
		return c
	}
	pad := window.Square(3, 2)
	pad.PadBegin, pad.PadEnd = [2]int{1, 1}, [2]int{1, 0}
	two := window.Square(2, 2)
	a := core("a", [3]int{3, 4, 4}, &image.Conv2d{In: [3]int{1, 7, 8}, Window: pad, Weight: weights(27)}, map[string][]int32{"threshold_low": {-9}})
	a.InitialV = []int32{50, 20, -3}
	b := core("b", [3]int{4, 1, 1}, &image.Conv2d{In: a.Shape, Pool: &two, Window: window.Square(2, 1), Weight: weights(48)}, map[string][]int32{"reset": {1}})
	a.Routes = []image.Route{{Count: 48, Core: 2}}
	return &image.Image{Chip: "speck2f", Steps: 4, Input: image.Input{Shape: [3]int{1, 7, 8}, Step: 1, Encoding: "bernoulli"},
		Cores:  []image.Core{{Population: "x", Shape: [3]int{1, 7, 8}, Neurons: 56, Source: true, Routes: []image.Route{{Count: 56, Core: 1}}}, a, b},
		Output: image.Output{Cores: []int{2}, Classes: 4, Readout: image.Count, SpikesOnly: true}}
}

func TestRoundTrip(t *testing.T) {
	p, img := profile(t), sample()
	found, _ := image.Check(img, p)
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	data, notes, err := Write(img, p)
	if err != nil || len(notes) != 1 || notes[0].ID != idSpelling {
		t.Fatalf("%v, %v", notes, err)
	}
	back, err := Read("f", data, img.Host(), p)
	if err != nil {
		t.Fatal(err)
	}
	if d := img.Difference(back); d != "" {
		t.Error(d)
	}
	again, _, err := Write(back, p)
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("what was read is written as another file (%v)", err)
	}
	var c struct {
		Layers []map[string]any `json:"cnn_layers"`
	}
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	used := 0
	for _, l := range c.Layers {
		if l != nil {
			used++
		}
	}
	if len(c.Layers) != 9 || used != 2 {
		t.Errorf("%d of %d cores are used", used, len(c.Layers))
	}
}

// TestOrder: x comes before y, as by hand.
func TestOrder(t *testing.T) {
	p, img := profile(t), sample()
	cores, _ := image.ConvCores(img, p)
	l, err := layerOf(img, 1, cores)
	if err != nil {
		t.Fatal(err)
	}
	conv := convOf(&img.Cores[1])
	if got, want := l.Weights[2][0][1][0], conv.Weight[1*3+2]; got != want { // row 0, column 1
		t.Errorf("weight of output 2 at x 1, y 0: %d, want %d", got, want)
	}
	if d := l.Dimensions; d.Input.Size != (point{8, 7}) || d.Padding != (point{1, 1}) || l.Low != -9 || l.Destinations[0].Pooling != 2 {
		t.Errorf("%+v, lower threshold %d, destinations %v", d, l.Low, l.Destinations)
	}
}

func TestRefused(t *testing.T) {
	p := profile(t)
	for want, change := range map[string]func(img *image.Image){
		"part of its spikes": func(img *image.Image) { img.Cores[1].Routes[0].Count = 7 },
		"no field for":       func(img *image.Image) { img.Cores[1].Registers["other"] = []int32{1} },
		"no convolution": func(img *image.Image) {
			img.Cores[2].Synapses = []image.Block{{Synapses: &image.Dense{Inputs: 48, Neurons: 4, Weight: make([]int32, 192)}}}
		},
		"enough memory": func(img *image.Image) { convOf(&img.Cores[1]).Out[0] = 1 << 20 },
	} {
		img := sample()
		change(img)
		if _, _, err := Write(img, p); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), idUnspoken) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	data, _, err := Write(sample(), p)
	if err != nil {
		t.Fatal(err)
	}
	for old, now := range map[string]string{
		`"leak_enable":false`: `"leak_enable":true`, `"pooling":2`: `"pooling":4`, `"cores":[-1,1,0]`: `"cores":[-1,0,0]`, `"kernel_size":3`: `"kernel_size":16`,
		`"threshold_high":100`: `"threshold_high":40000`, `"threshold_low":-9`: `"threshold":-9`, `"schema":"`: `"schema":"x`, `"feature_count":3`: `"feature_count":4`,
	} {
		if !bytes.Contains(data, []byte(old)) {
			t.Fatalf("no %s", old)
		}
		if _, err := Read("f", bytes.Replace(data, []byte(old), []byte(now), 1), sample().Host(), p); err == nil {
			t.Errorf("%s is read", now)
		}
	}
}

func FuzzRead(f *testing.F) {
	p := profile(f)
	img := sample()
	data, _, err := Write(img, p)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"cnn_layers":[null],"spikec":{}}`))
	f.Add(bytes.Replace(data, []byte("127"), []byte("9999999999"), 1))
	f.Add(bytes.Replace(data, []byte(`"kernel_size":2`), []byte(`"kernel_size":-2`), 1))
	host := img.Host()
	f.Fuzz(func(t *testing.T, data []byte) {
		back, err := Read("f", data, host, p)
		if err != nil {
			return
		}
		if _, _, err := Write(back, p); err != nil {
			t.Errorf("what was read is not written: %v", err)
		}
	})
}
