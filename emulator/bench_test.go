package emulator_test

import (
	"testing"

	"spikec/emulator"
	"spikec/emulator/anchor"
	"spikec/target/chip"
	"spikec/target/image"
)

// BenchmarkAnchor runs the engines side by side on the anchor network, with pools that fire and with folded pools, at 32
// steps on 16 pictures, one thread. SOP/s counts synaptic operations; the density is that of all neurons.
func BenchmarkAnchor(b *testing.B) {
	a := anchor.New()
	for _, network := range []struct {
		name string
		img  *image.Image
	}{{"pools", a.Pools(32)}, {"folded", a.Folded(32)}} {
		for _, engine := range []string{"reference", "fast"} {
			b.Run(network.name+"/"+engine, func(b *testing.B) { benchmark(b, engine, network.img) })
		}
	}
}

// benchmark presents one picture an iteration.
func benchmark(b *testing.B, engine string, img *image.Image) {
	p, err := chip.Load(img.Chip)
	if err != nil {
		b.Fatal(err)
	}
	e, err := emulator.New(engine, img, p)
	if err != nil {
		b.Fatal(err)
	}
	images := readMNIST(b, 16)
	s := e.NewSession()
	var sops, spikes, updates int64
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r, err := s.Run(images[i%len(images)], i)
		if err != nil {
			b.Fatal(err)
		}
		sops += r.Counters.SynapticOperations
		updates += r.Counters.NeuronUpdates
		for _, n := range r.Counters.Spikes {
			spikes += n
		}
	}
	seconds := b.Elapsed().Seconds()
	b.ReportMetric(float64(b.N)/seconds, "images/s")
	b.ReportMetric(float64(sops)/seconds, "SOP/s")
	b.ReportMetric(100*float64(spikes)/float64(updates), "%density")
}
