package emulator_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"spikec/emulator"
	"spikec/emulator/enginetest"
	"spikec/internal/window"
	"spikec/target/chip"
	"spikec/target/image"
)

// style is how the network of BenchmarkStyles is put on a chip.
type style struct {
	id        string
	scale     int32 // of weights and thresholds
	registers map[string][]int32
}

var benchStyles = []style{
	{"generic8", 8, nil},
	{"loihi1", 16, nil},
	{"loihi-style", 8, map[string][]int32{"du": {3000}, "dv": {128}}},
	{"reckon-style", 8, map[string][]int32{"alpha": {32000}}},
	{"ranc-style", 1, map[string][]int32{"neg": {-200}, "to": {0}}},
	{"leak-style", 8, map[string][]int32{"leak": {8}}},
}

// image returns the network 28x28-12c5-(2s)32c5-128-10 with random weights, pools folded into the second layer.
func (s *style) image(p *chip.Profile, steps int) *image.Image {
	r := rand.New(rand.NewPCG(1, 2))
	weights := func(n int, mean, deviation float64) []int32 {
		w := make([]int32, n)
		for i := range w {
			w[i] = s.scale * min(max(int32(mean+deviation*r.NormFloat64()), -15), 15)
		}
		return w
	}
	conv := func(in, out [3]int, pool *window.Window2d, mean float64) *image.Conv2d {
		return &image.Conv2d{In: in, Out: out, Neurons: out[0] * out[1] * out[2], Pool: pool, Window: window.Square(5, 1), Groups: 1,
			Weight: weights(25*in[0]*out[0], mean, 2)}
	}
	pool := window.Square(2, 2)
	a, b := [3]int{12, 24, 24}, [3]int{32, 8, 8}
	synapses := []image.Synapses{nil, conv(a, b, &pool, -0.3), &image.Dense{Inputs: 2048, Neurons: 128, Weight: weights(2048*128, 0, 2)},
		&image.Dense{Inputs: 128, Neurons: 10, Weight: weights(1280, 0, 4)}}
	img := &image.Image{Chip: p.ID, Steps: steps, Output: image.Output{Cores: []int{3}, Classes: 10, Readout: "count"},
		Input: image.Input{Shape: [3]int{1, 28, 28}, Step: 1, Encoding: "constant", Drives: []image.Drive{{Cores: []int{0}, Shift: 7,
			Register: p.Registers.Bias, Synapses: conv([3]int{1, 28, 28}, a, nil, 0.5)}}}}
	for i, shape := range [][3]int{a, b, {128, 1, 1}, {10, 1, 1}} {
		n := shape[0] * shape[1] * shape[2]
		c := image.Core{Population: string(rune('a' + i)), Shape: shape, Neurons: n, Start: i * p.Execution.Latency, Registers: map[string][]int32{}}
		for name, v := range p.Registers.Constants {
			c.Registers[name] = []int32{v}
		}
		for name, v := range s.registers {
			c.Registers[name] = v
		}
		c.Registers[p.Registers.Threshold], c.Registers[p.Registers.Bias] = []int32{50 * s.scale}, []int32{0}
		if synapses[i] != nil {
			c.Synapses = []image.Block{{Synapses: synapses[i]}}
			img.Cores[i-1].Routes = []image.Route{{Count: img.Cores[i-1].Neurons, Core: i}}
		}
		img.Cores = append(img.Cores, c)
	}
	return img
}

// BenchmarkStyles runs the fast engine on the arithmetic of several chips, and the reference engine for its ratio; 32
// steps, 16 pictures, one thread. The density is that of all neurons.
func BenchmarkStyles(b *testing.B) {
	images := readMNIST(b, 16)
	for _, s := range benchStyles {
		p, err := enginetest.Profile(s.id)
		if err != nil {
			b.Fatal(err)
		}
		img := s.image(p, 32)
		b.Run(s.id, func(b *testing.B) {
			ref, err := emulator.NewReference(img, p)
			if err != nil {
				b.Fatal(err)
			}
			e, err := emulator.NewFast(img, p)
			if err != nil {
				b.Fatal(err)
			}
			if err := enginetest.Diff(img, ref, e, images[0]); err != nil {
				b.Fatal(err)
			}
			session := ref.NewSession()
			start := time.Now()
			for _, codes := range images[:4] {
				if _, err := session.Run(codes, 0); err != nil {
					b.Fatal(err)
				}
			}
			each := time.Since(start).Seconds() / 4
			session = e.NewSession()
			var sops, spikes, updates, saturations int64
			for i := 0; b.Loop(); i++ {
				r, err := session.Run(images[i%len(images)], i)
				if err != nil {
					b.Fatal(err)
				}
				sops += r.Counters.SynapticOperations
				updates += r.Counters.NeuronUpdates
				for k, n := range r.Counters.Spikes {
					spikes += n
					saturations += r.Counters.Saturations[k]
				}
			}
			seconds := b.Elapsed().Seconds()
			b.ReportMetric(float64(b.N)/seconds, "images/s")
			b.ReportMetric(float64(sops)/seconds, "SOP/s")
			b.ReportMetric(100*float64(spikes)/float64(updates), "%density")
			b.ReportMetric(float64(saturations)/float64(b.N), "saturations/image")
			b.ReportMetric(each*float64(b.N)/seconds, "×reference")
			for _, line := range e.Explain() {
				b.Log(line)
			}
		})
	}
}
