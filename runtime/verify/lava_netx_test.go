package verify

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"spikec/emulator"
	"spikec/internal/hdf5"
	"spikec/target/chip"
	"spikec/target/image"
)

// lavaFolder names the variable with the folder of lava-dl d825ac5 that holds tests/lava/lib/dl/netx: its recorded answers are not
// part of spikec.
const lavaFolder = "SPIKEC_LAVA_DL"

// TestLavaTinyNet runs the two layers of lava-dl's tiny.net from their recorded inputs, and wants their recorded spikes.
func TestLavaTinyNet(t *testing.T) {
	dir := os.Getenv(lavaFolder)
	if dir == "" {
		t.Skip(lavaFolder + " names no folder of lava-dl")
	}
	dir = filepath.Join(dir, "tests", "lava", "lib", "dl", "netx")
	data, err := os.ReadFile(filepath.Join(dir, "tiny.net"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := hdf5.Read(data, 1<<24)
	if err != nil {
		t.Fatal(err)
	}
	input, first, second := lavaSpikes(t, dir, "input"), lavaSpikes(t, dir, "layer1"), lavaSpikes(t, dir, "output")
	compared := 0
	for _, l := range []struct {
		name     string
		from, to [][]bool // by neuron in C,H,W order and step; step 0 is none
		in, out  [3]int
	}{{"1", input, first, [3]int{3, 16, 16}, [3]int{24, 6, 6}}, {"2", first, second, [3]int{24, 6, 6}, [3]int{36, 1, 1}}} {
		g := root.Links["layer"].(*hdf5.Group).Links[l.name].(*hdf5.Group)
		s, err := emulator.NewStepper([]image.Core{lavaLayer(g, l.in, l.out)}, lavaProfile(t))
		if err != nil {
			t.Fatal(err)
		}
		for step := 1; step < len(l.to[0]); step++ {
			for n := range l.from {
				if l.from[n][step] {
					if err := s.Send(0, n); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := s.Step(); err != nil {
				t.Fatal(err)
			}
			for n, spike := range s.Spikes(0) {
				if compared++; (spike != 0) != l.to[n][step] {
					t.Errorf("layer %s, step %d, neuron %d: spike %d, recorded %t", l.name, step, n, spike, l.to[n][step])
				}
			}
		}
	}
	if compared != 15*(864+36) {
		t.Errorf("%d values compared", compared)
	}
}

func lavaProfile(t *testing.T) *chip.Profile {
	t.Helper()
	p, err := chip.Load("loihi1-lava")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// lavaLayer is a convolution of a netx file, its axons and neurons in C,H,W order.
func lavaLayer(g *hdf5.Group, in, out [3]int) image.Core {
	neuron := g.Links["neuron"].(*hdf5.Group)
	one := func(name string) int32 { return int32(neuron.Links[name].(*hdf5.Dataset).Data.([]int64)[0]) }
	w := g.Links["weight"].(*hdf5.Dataset)
	weight := w.Data.([]float32)
	inputs, neurons := in[0]*in[1]*in[2], out[0]*out[1]*out[2]
	d := &image.Dense{Inputs: inputs, Neurons: neurons, Weight: make([]int32, inputs*neurons)}
	pair := func(name string) []int64 { return g.Links[name].(*hdf5.Dataset).Data.([]int64) }
	stride, padding, kernel := pair("stride"), pair("padding"), w.Dims[2:4]
	for o := range out[0] {
		for y := range out[1] {
			for x := range out[2] {
				for c := range in[0] {
					for u := range kernel[0] {
						for v := range kernel[1] {
							sy, sx := y*int(stride[0])+u-int(padding[0]), x*int(stride[1])+v-int(padding[1])
							if sy < 0 || sy >= in[1] || sx < 0 || sx >= in[2] {
								continue
							}
							a := (c*in[1]+sy)*in[2] + sx
							d.Weight[a*neurons+(o*out[1]+y)*out[2]+x] = int32(weight[((o*in[0]+c)*kernel[0]+u)*kernel[1]+v])
						}
					}
				}
			}
		}
	}
	bias := make([]int32, neurons)
	for n := range bias {
		bias[n] = int32(g.Links["bias"].(*hdf5.Dataset).Data.([]float32)[n/(out[1]*out[2])])
	}
	return image.Core{Population: "layer", Shape: [3]int{neurons, 1, 1}, Neurons: neurons, Synapses: []image.Block{{Synapses: d}},
		Registers: map[string][]int32{"vth": {one("vThMant")}, "dv": {one("vDecay")}, "du": {one("iDecay") - 1}, "bias_mant": bias, "bias_exp": {6}, "weight_exp": {0}}}
}

// lavaSpikes returns recorded spikes, by neuron and step, of an array (1,C,H,W,T) of float32.
func lavaSpikes(t *testing.T, dir, name string) [][]bool {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "gts", "tinynet", name+".npy"))
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := bytes.Cut(data, []byte("\n"))
	const steps = 16
	all := make([][]bool, len(body)/4/steps)
	for i := range all {
		for k := range steps {
			all[i] = append(all[i], math.Float32frombits(binary.LittleEndian.Uint32(body[4*(i*steps+k):])) > 0)
		}
	}
	return all
}
