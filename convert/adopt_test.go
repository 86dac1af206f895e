package convert

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"spikec/emulator/encoder"
	"spikec/internal/diag"
	"spikec/internal/window"
	"spikec/models/snn"
)

// adoptable is a network of two channels of 6x5 with a pooled and grouped convolution, a skip connection, and an output of
// currents.
func adoptable() *snn.Network {
	r := rand.New(rand.NewPCG(8, 9))
	weights := func(n int, by float64) []float32 {
		w := make([]float32, n)
		for i := range w {
			w[i] = float32(r.NormFloat64() * by)
		}
		return w
	}
	padded := window.Square(3, 1)
	padded.PadBegin, padded.PadEnd = [2]int{1, 1}, [2]int{1, 1}
	pool := window.Square(2, 1)
	back := window.Square(2, 1)
	back.PadBegin, back.PadEnd = [2]int{1, 0}, [2]int{0, 1}
	return &snn.Network{Name: "adoptable", Reset: snn.Subtract, Readout: snn.Readout{Kind: snn.Membrane},
		Populations: []snn.Population{
			{Name: "input", Shape: [3]int{2, 6, 5}, Neuron: snn.Input},
			{Name: "first", Shape: [3]int{4, 4, 3}, Neuron: snn.IF, Scale: []float64{1, 1, 1, 1}},
			{Name: "second", Shape: [3]int{4, 3, 2}, Neuron: snn.IF, Scale: []float64{1, 1, 1, 1}, Bias: []float64{0.1, 0, -0.1, 0}},
			{Name: "third", Shape: [3]int{4, 3, 2}, Neuron: snn.IF, Scale: []float64{1, 1, 1, 1}},
			{Name: "classes", Shape: [3]int{3, 1, 1}, Neuron: snn.Integrator, Scale: []float64{1, 1, 1}},
		},
		Projections: []snn.Projection{
			{Source: 0, Target: 1, Window: window.Square(3, 1), Groups: 1, Weight: weights(4*2*9, 0.5)},
			{Source: 1, Target: 2, Pool: &pool, Window: back, Groups: 2, Weight: weights(4*2*4, 0.4)},
			{Source: 2, Target: 3, Window: padded, Groups: 1, Weight: weights(4*4*9, 0.4)},
			{Source: 2, Target: 3, Window: window.Square(1, 1), Groups: 4, Weight: []float32{1, 1, 0.5, 1}},
			{Source: 3, Target: 4, Window: window.Window2d{Kernel: [2]int{3, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}, Groups: 1, Weight: weights(3*4*6, 0.5)},
		},
	}
}

// adoptImagesOf are random codes for it.
func adoptImagesOf(n, size int) Images {
	return Images{N: n, Codes: func(i int, dst []float32) {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		for k := range size {
			dst[k] = float32(r.IntN(256))
		}
	}}
}

var everything = Capabilities{Bias: true, PerNeuronThreshold: true}

// driven returns what a first layer gets in a step, by the definition of a projection, of an input in C,H,W order.
func driven(net *snn.Network, x []float64) []float64 {
	q, in, out := &net.Projections[0], net.Populations[0].Shape, net.Populations[1].Shape
	var v []float64
	for o := range out[0] {
		for y := range out[1] {
			for z := range out[2] {
				sum := 0.0
				for c := range in[0] {
					for u := range q.Window.Kernel[0] {
						for w := range q.Window.Kernel[1] {
							sum += float64(q.Weight[((o*in[0]+c)*q.Window.Kernel[0]+u)*q.Window.Kernel[1]+w]) * x[(c*in[1]+y+u)*in[2]+z+w]
						}
					}
				}
				v = append(v, sum)
			}
		}
	}
	return v
}

// TestAdoptInput compares what the first layer gets of codes with what it gets of the network's own input.
func TestAdoptInput(t *testing.T) {
	net := adoptable()
	pre := Preprocess{Scale: []float64{0.01, 0.03}, Offset: []float64{-0.5, 0.25}}
	opt := Options{Encoding: "constant", Steps: 8, Reset: snn.Subtract, Readout: snn.Readout{Kind: snn.Membrane}}
	got, found, err := Adopt(context.Background(), net, pre, adoptImagesOf(3, 60), everything, opt)
	if err != nil || len(found) > 0 {
		t.Fatal(err, found)
	}
	codes, x, asCodes := make([]float32, 60), make([]float64, 60), make([]float64, 60)
	adoptImagesOf(1, 60).Codes(0, codes)
	for k, c := range codes {
		asCodes[k] = float64(c)
		x[k] = float64(c)*pre.Scale[k/30] + pre.Offset[k/30]
	}
	want, is := driven(net, x), driven(got, asCodes)
	for n := range want {
		if d := is[n] + got.Populations[1].Bias[n/12] - want[n]; math.Abs(d) > 1e-5 {
			t.Fatalf("neuron %d gets %g, want %g", n, is[n]+got.Populations[1].Bias[n/12], want[n])
		}
	}
	if net.Populations[1].Bias != nil || net.Steps != 0 || len(net.Populations) != 5 || got.Steps != 8 || got.Populations[4].Range <= 0 {
		t.Errorf("adopted %s of %s", got, net)
	}
}

// TestAdoptBorder: a network that pads its normalised input gets, of pictures with a border in place of the padding, what it gets
// of its own input.
func TestAdoptBorder(t *testing.T) {
	net := adoptable()
	net.Projections[0].Window.PadBegin, net.Projections[0].Window.PadEnd = [2]int{1, 0}, [2]int{1, 2}
	net.Populations[1].Shape, net.Populations[2].Shape, net.Populations[3].Shape = [3]int{4, 6, 5}, [3]int{4, 5, 4}, [3]int{4, 5, 4}
	net.Projections[4].Window.Kernel, net.Projections[4].Weight = [2]int{5, 4}, make([]float32, 3*4*20)
	net.Projections[4].Weight[0] = 1
	pre := Preprocess{Scale: []float64{0.01, 0.02}, Offset: []float64{-0.5, -1}}
	pre.Border = BorderOfSpiking(net, pre)
	if b := pre.Border; b == nil || !slices.Equal(b.Codes, []uint8{50, 50}) || b.Begin != [2]int{1, 0} || b.End != [2]int{1, 2} {
		t.Fatalf("border %+v", b)
	}
	if b := BorderOfSpiking(net, Preprocess{Scale: []float64{1}}); b != nil {
		t.Errorf("a border %+v of black pixels", b)
	}
	images := Images{N: 2, Codes: func(i int, dst []float32) {
		for k := range dst {
			dst[k] = 50
		}
		inner := make([]float32, 60)
		adoptImagesOf(2, 60).Codes(i, inner)
		for k, x := range inner {
			dst[(k/30*8+k/5%6+1)*7+k%5] = x
		}
	}}
	opt := Options{Encoding: "constant", Steps: 8, Reset: snn.Subtract, Readout: snn.Readout{Kind: snn.Membrane}}
	got, found, err := Adopt(context.Background(), net, pre, images, everything, opt)
	if err != nil || len(found) > 0 {
		t.Fatal(err, found)
	}
	codes, asCodes, x := make([]float32, 112), make([]float64, 112), make([]float64, 112)
	images.Codes(0, codes)
	for k, c := range codes { // code 50 is worth the 0 that the network pads with
		asCodes[k], x[k] = float64(c), float64(c)*pre.Scale[k/56]+pre.Offset[k/56]
	}
	padded := *net
	padded.Populations = slices.Clone(net.Populations)
	padded.Populations[0].Shape = [3]int{2, 8, 7}
	if got.Border != pre.Border || got.Populations[0].Shape != [3]int{2, 8, 7} || got.Projections[0].Window.Padded() || !net.Projections[0].Window.Padded() {
		t.Fatalf("adopted %s of %s", got, net)
	}
	want, is := driven(&padded, x), driven(got, asCodes)
	for n := range want {
		if d := is[n] + got.Populations[1].Bias[n/30] - want[n]; math.Abs(d) > 1e-5 {
			t.Fatalf("neuron %d gets %g, want %g", n, is[n]+got.Populations[1].Bias[n/30], want[n])
		}
	}
}

// TestAdoptTrains puts neurons or sources between codes and network, whose spikes are worth as much as code 255.
func TestAdoptTrains(t *testing.T) {
	net := adoptable()
	for name, worth := range map[string]float64{"regular": 255, "bernoulli": 255, "refractory": 510} {
		opt := Options{Encoding: name, Steps: 4, Reset: snn.Subtract, Readout: snn.Readout{Kind: snn.Membrane}}
		if c, err := encoder.Default(name, 1); err == nil {
			opt.Coding, worth = &c, 255/c.Peak()
		}
		pre := Preprocess{Scale: []float64{1.0 / 255}, Offset: []float64{0}}
		got, _, err := Adopt(context.Background(), net, pre, adoptImagesOf(2, 60), everything, opt)
		if err != nil {
			t.Fatal(err)
		}
		first := got.Projections[got.Incoming(2)[0]]
		for k, w := range first.Weight {
			if d := float64(w) - float64(net.Projections[0].Weight[k])*worth/255; math.Abs(d) > 1e-5 {
				t.Fatalf("%s: weight %g of %g, want times %g", name, w, net.Projections[0].Weight[k], worth/255)
			}
		}
		if first.Source != 1 || len(got.Populations) != 6 || got.Populations[1].Name != "input/spikes" || len(got.Incoming(1)) != map[bool]int{true: 1}[name == "regular"] {
			t.Errorf("%s: %s", name, got)
		}
		if name != "regular" {
			continue
		}
		again, _, err := Adopt(context.Background(), got, Preprocess{Scale: []float64{1}, Offset: []float64{0}}, adoptImagesOf(2, 60), everything, opt)
		if err != nil || len(again.Populations) != 6 { // it makes its trains itself
			t.Errorf("%v: %s", err, again)
		}
	}
}

// TestAdoptNames: where a network makes spikes of codes itself, but is to be played others, no two populations have one name.
func TestAdoptNames(t *testing.T) {
	net := adoptable()
	first := &net.Populations[1]
	first.Name = net.Populations[0].Name + "/spikes"
	c, err := encoder.Default("bernoulli", 1)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := Adopt(context.Background(), net, Preprocess{Scale: []float64{1.0 / 255}}, adoptImagesOf(2, 60), everything,
		Options{Encoding: "bernoulli", Coding: &c, Steps: 4, Reset: snn.Subtract, Readout: snn.Readout{Kind: snn.Membrane}})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i := range got.Populations {
		if name := got.Populations[i].Name; seen[name] {
			t.Errorf("two populations are named %s", name)
		} else {
			seen[name] = true
		}
	}
}

// TestAdoptMoments compares rows with what neurons get: times the weights, they are the sums of a projection of rates. The
// moments are the mean of their products.
func TestAdoptMoments(t *testing.T) {
	net := adoptable()
	net.Steps = 8
	const images = 3
	for _, c := range []struct{ population, blocks, width int }{{2, 2, 8}, {3, 1, 36}, {4, 1, 24}} {
		a := adopter{net: net}
		a.connections()
		of := newArrivals(net, c.population, images)
		if of.blocks != c.blocks || of.width != c.width {
			t.Fatalf("population %d: %d blocks of %d, want %d of %d", c.population, of.blocks, of.width, c.blocks, c.width)
		}
		shape := net.Populations[c.population].Shape
		plane := shape[1] * shape[2]
		if of.places != plane {
			t.Fatalf("population %d: %d places of %d", c.population, of.places, plane)
		}
		q := &net.Projections[of.projections[0]]
		s, err := snn.NewScatter(net.Geometry(of.projections[0]), q.Weight)
		if err != nil {
			t.Fatal(err)
		}
		want := make([][]float64, c.blocks)
		for b := range want {
			want[b] = make([]float64, c.width*c.width)
		}
		for i := range images {
			r := rand.New(rand.NewPCG(4, uint64(i)))
			counts := make([][]int32, len(net.Populations))
			rates := make([]float32, net.Populations[q.Source].Size())
			var events []int32
			for p := range counts {
				counts[p] = make([]int32, net.Populations[p].Size())
				for n := range counts[p] {
					counts[p][n] = int32(r.IntN(9))
				}
			}
			for n := range rates {
				rates[n] = float32(counts[q.Source][n]) / 8
				events = append(events, int32(n))
			}
			order := make([]int, plane)
			of.take(i, counts, order)
			sums := make([]float32, net.Populations[c.population].Size())
			s.Add(sums, events, rates, s.NewGathered(), func(acc, w []float32, k float32) {
				for i, x := range w {
					acc[i] += k * x
				}
			})
			for k, at := range of.positions(i, order) {
				for o := range shape[0] {
					row := of.rows[((i*plane+k)*c.blocks+o/(shape[0]/c.blocks))*c.width:][:c.width]
					sum := 0.0
					for j, x := range row {
						sum += x * float64(q.Weight[o*c.width+j])
					}
					if d := sum - float64(sums[at*shape[0]+o]); math.Abs(d) > 1e-4 {
						t.Fatalf("population %d, channel %d, place %d: rows give %g, the projection %g", c.population, o, at, sum, sums[at*shape[0]+o])
					}
					if o%(shape[0]/c.blocks) == 0 {
						for x := range c.width * c.width {
							want[o/(shape[0]/c.blocks)][x] += row[x/c.width] * row[x%c.width] / float64(images*plane)
						}
					}
				}
			}
		}
		m, err := of.moments(context.Background(), 2)
		if err != nil {
			t.Fatal(err)
		}
		for b := range want {
			for x, w := range want[b] {
				if d := m[b].At(x/c.width, x%c.width) - w; math.Abs(d) > 1e-9 {
					t.Fatalf("population %d, block %d: moment %d is %g off", c.population, b, x, d)
				}
			}
		}
	}
	if newArrivals(net, 1, images) != nil {
		t.Error("the host's weights have moments")
	}
}

// TestAdoptRefuses reports all that a target does not have.
func TestAdoptRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*snn.Network, *Preprocess, *Capabilities, *Options)
		want   []string
	}{
		"biases": {func(_ *snn.Network, _ *Preprocess, c *Capabilities, _ *Options) { c.Bias = false }, []string{idNoBias}},
		"a shift": {func(_ *snn.Network, p *Preprocess, c *Capabilities, _ *Options) {
			p.Offset = []float64{1}
			c.Bias = false
		}, []string{idNoBias, idNoBias}},
		"firing":   {func(_ *snn.Network, _ *Preprocess, c *Capabilities, _ *Options) { c.Firing = snn.Staged }, []string{idOtherFire}},
		"channels": {func(_ *snn.Network, p *Preprocess, _ *Capabilities, _ *Options) { p.Pairs = 3 }, []string{idOddSplit}},
		"no spikes": {func(n *snn.Network, _ *Preprocess, _ *Capabilities, o *Options) {
			o.Readout.Kind = snn.Count
			n.Projections[4].Weight = make([]float32, len(n.Projections[4].Weight))
		}, []string{idOutputKind}},
		"no membrane": {func(n *snn.Network, _ *Preprocess, _ *Capabilities, o *Options) { n.Populations[4].Neuron = snn.IF }, []string{idOutputKind}},
	} {
		t.Run(name, func(t *testing.T) {
			net, pre, can := adoptable(), Preprocess{Scale: []float64{1.0 / 255}}, everything
			opt := Options{Encoding: "constant", Steps: 4, Reset: snn.Subtract, Readout: snn.Readout{Kind: snn.Membrane}}
			c.change(net, &pre, &can, &opt)
			_, _, err := Adopt(context.Background(), net, pre, adoptImagesOf(2, 60), can, opt)
			var f *diag.Failure
			if !errors.As(err, &f) {
				t.Fatal(err)
			}
			var got []string
			for _, d := range f.List {
				got = append(got, d.ID)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// TestArrivalsFromAllPlaces: few places an image are others in every image, all of the map, its border no more often than the
// rest. A spike count tells the place that it is at.
func TestArrivalsFromAllPlaces(t *testing.T) {
	const images, side = 500, 32
	shape := [3]int{1, side, side}
	net := &snn.Network{Steps: 1, Populations: []snn.Population{{Name: "x", Shape: shape, Neuron: snn.Input}, {Name: "a", Shape: shape}, {Name: "b", Shape: shape}},
		Projections: []snn.Projection{{Source: 0, Target: 1, Window: oneTap(), Groups: 1, Weight: []float32{1}}, {Source: 1, Target: 2, Window: oneTap(), Groups: 1, Weight: []float32{1}}}}
	counts := make([]int32, side*side)
	for i := range counts {
		counts[i] = int32(i)
	}
	of := newArrivals(net, 2, images)
	if of.places != 2 {
		t.Fatalf("%d places an image, want 2 for 1000 of 500", of.places)
	}
	for i := range images {
		of.take(i, [][]int32{nil, counts, nil}, make([]int, side*side))
	}
	seen := map[float64]bool{}
	border := 0
	for k, at := range of.rows {
		seen[at] = true
		if y, x := int(at)/side, int(at)%side; y == 0 || x == 0 || y == side-1 || x == side-1 {
			border++
		}
		if k%2 == 1 && at == of.rows[k-1] {
			t.Errorf("image %d: place %v twice", k/2, at)
		}
	}
	// A thousand draws of 1024 places leave out 1024/e of them: 638 ± 16 are seen. 124 are the border's.
	if len(seen) < 560 {
		t.Errorf("%d places of %d", len(seen), side*side)
	}
	if want := 124.0 * 1000 / 1024; math.Abs(float64(border)-want) > 5*math.Sqrt(want) {
		t.Errorf("%d of 1000 places at the border, want some %.0f", border, want)
	}
}
