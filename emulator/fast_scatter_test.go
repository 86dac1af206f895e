package emulator

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"spikec/internal/window"
	"spikec/target/chip"
	"spikec/target/image"
)

// sparseNetwork is a map of 12 channels, whose neurons spike once in period steps and at different ones, before a
// convolution of 5x5 to 64 channels.
func sparseNetwork(period int32) (*image.Image, []uint8) {
	r := rand.New(rand.NewPCG(1, 1))
	in, out := [3]int{12, 12, 12}, [3]int{64, 8, 8}
	const inputs, neurons = 12 * 12 * 12, 64 * 8 * 8
	weight, start, codes := make([]int32, 25*12*64), make([]int32, inputs), make([]uint8, inputs)
	for i := range weight {
		weight[i] = r.Int32N(41) - 20
	}
	for i := range codes {
		start[i], codes[i] = r.Int32N(period), 1
	}
	return &image.Image{Chip: "generic8", Steps: 64,
		Input: image.Input{Shape: in, Step: 1, Encoding: "regular", Drives: []image.Drive{{Cores: []int{0}, Register: "bias", Synapses: &image.Identity{N: inputs}}}},
		Cores: []image.Core{
			{Population: "input", Shape: in, Neurons: inputs, Registers: map[string][]int32{"thr": {period}, "bias": {0}}, InitialV: start,
				Routes: []image.Route{{Count: inputs, Core: 1}}},
			{Population: "conv", Shape: out, Neurons: neurons, Registers: map[string][]int32{"thr": {200}, "bias": {0}},
				Synapses: []image.Block{{Synapses: &image.Conv2d{In: in, Out: out, Neurons: neurons, Window: window.Square(5, 1), Groups: 1, Weight: weight}}}},
		},
		Output: image.Output{Cores: []int{1}, Classes: neurons, Readout: "count"}}, codes
}

// scattering returns a fast engine of the network that scatters where fewer than one in so many axons spikes.
func scattering(t testing.TB, img *image.Image, oneIn int) Engine {
	p, err := chip.Load(img.Chip)
	if err != nil {
		t.Fatal(err)
	}
	e, err := newFast(img, p, true)
	if err != nil {
		t.Fatal(err)
	}
	e.(*fast).cores[1].methods[0].(*gather).scatter.oneIn = oneIn
	return e
}

// always and never are values of scatter.oneIn.
const (
	always = 0
	never  = 1 << 40
)

// TestScatter: scattering and gathering give the reference engine's answers, and so do both in turn.
func TestScatter(t *testing.T) {
	for _, period := range []int32{1, 3, 50, 400} {
		img, codes := sparseNetwork(period)
		p, err := chip.Load(img.Chip)
		if err != nil {
			t.Fatal(err)
		}
		ref, err := NewReference(img, p)
		if err != nil {
			t.Fatal(err)
		}
		want, err := ref.NewSession().Run(codes, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, oneIn := range []int{always, never, sparse, int(period)} {
			s := scattering(t, img, oneIn).NewSession()
			for range 2 {
				if got, err := s.Run(codes, 0); err != nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("period %d, scattered below one in %d: other answers, %v", period, oneIn, err)
				}
			}
		}
	}
}

// BenchmarkScatter measures where scattering begins to cost less: 64 steps of a convolution and of its input.
func BenchmarkScatter(b *testing.B) {
	for _, period := range []int32{400, 200, 125, 100, 50, 20} {
		img, codes := sparseNetwork(period)
		for _, how := range []struct {
			name  string
			oneIn int
		}{{"gather", never}, {"scatter", always}} {
			s := scattering(b, img, how.oneIn).NewSession()
			b.Run(fmt.Sprintf("%.2g %%/%s", 100/float64(period), how.name), func(b *testing.B) {
				for b.Loop() {
					if _, err := s.Run(codes, 0); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
