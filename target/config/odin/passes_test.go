package odin

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"spikec/target/chip"
	"spikec/target/image"
)

// network draws an image of a source of six pixels and two layers, of which the second also takes spikes of the pixels.
func network(c *Chip, seed uint64) *image.Image {
	r := rand.New(rand.NewPCG(seed, 3))
	p, err := chip.Load(c.ID)
	if err != nil {
		panic(err)
	}
	lo, _ := c.vRange()
	layer := func(name string, neurons, axons int) image.Core {
		core := image.Core{Population: name, Shape: [3]int{neurons, 1, 1}, Neurons: neurons, Registers: map[string][]int32{}}
		for name, v := range p.Registers.Constants {
			core.Registers[name] = []int32{v}
		}
		for range neurons {
			core.Registers["thr"] = append(core.Registers["thr"], 1+r.Int32N(200))
			core.InitialV = append(core.InitialV, r.Int32N(100)+int32(lo)/40)
		}
		d := &image.Dense{Inputs: axons, Neurons: neurons, Weight: make([]int32, axons*neurons)}
		for k := range d.Weight {
			if d.Weight[k] = r.Int32N(8); c.magnitude && k/neurons%2 == 0 {
				d.Weight[k] *= -1
			}
		}
		core.Synapses = []image.Block{{Synapses: d}}
		return core
	}
	img := &image.Image{Chip: c.ID, Steps: 3, Input: image.Input{Shape: [3]int{1, 2, 3}, Step: 1, Encoding: "bernoulli"}, Cores: []image.Core{
		{Population: "x", Shape: [3]int{1, 2, 3}, Neurons: 6, Source: true, Routes: []image.Route{{Count: 6, Core: 1}, {Count: 6, Core: 2, Axon: 5}}},
		layer("a", 5, 6), layer("b", 3, 11)}, Output: image.Output{Cores: []int{2}, Classes: 3, Readout: image.Count}}
	img.Cores[1].Routes = []image.Route{{First: 0, Count: 2, Core: 2}, {First: 2, Count: 3, Core: 2, Axon: 2}, {First: 1, Count: 1, Core: 2, Axon: 7}}
	return img
}

// TestPassesReadBack: the image that files stand for is the one that was written.
func TestPassesReadBack(t *testing.T) {
	for seed := range uint64(4) {
		for _, c := range both {
			img := network(c, seed)
			files, err := WritePasses(c, img)
			if err != nil {
				t.Fatal(err)
			}
			if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, []string{"pass1.spi", "pass1_neur.hex", "pass1_syn.hex", "pass2.spi", "pass2_neur.hex", "pass2_syn.hex", "replay.txt"}) {
				t.Fatalf("files %v", got)
			}
			if want := "# pass, first neuron, count, later pass, first row\n1 0 2 2 0\n1 2 3 2 2\n1 1 1 2 7\n"; string(files[replayFile]) != want {
				t.Fatalf("%s is %q", replayFile, files[replayFile])
			}
			p, err := ReadPasses(c, files, img.Host())
			if err != nil {
				t.Fatal(err)
			}
			back, err := p.Image(img.Host())
			if err != nil {
				t.Fatal(err)
			}
			if d := img.Difference(back); d != "" {
				t.Fatal(d)
			}
		}
	}
}

// TestPassesRefused: what a chip cannot hold, files that do not belong together, and words beyond the layer.
func TestPassesRefused(t *testing.T) {
	says := func(name string, err error, want ...string) {
		t.Helper()
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: got %v, want %q", name, err, w)
			}
		}
	}
	large := network(TinyODIN, 1)
	large.Cores[1].Synapses[0].Synapses.(*image.Dense).Weight[0] = 9
	large.Cores[2].Registers["thr"][0] = 5000
	_, err := WritePasses(TinyODIN, large)
	says("an image", err, "SPK-ODIN-013 a, axon 0", "SPK-ODIN-011 b, thr")

	img := network(ODIN, 2)
	files, err := WritePasses(ODIN, img)
	if err != nil {
		t.Fatal(err)
	}
	replay := "1 0 5 1 0\n2 0 1 3 0\n0 0 1 2 0\n1 0 6 2 0\n1 0 5 2 7\n1 0 5 2\n1 0 -5 2 0\n"
	for name, change := range map[string]func(f map[string][]byte){
		"pass2.spi: is missing|replay.txt: is missing|notes.txt: is no file": func(f map[string][]byte) {
			delete(f, "pass2.spi")
			delete(f, replayFile)
			f["notes.txt"] = nil
		},
		"SPK-ODIN-031 pass1_syn.hex|SPK-ODIN-031 pass2_neur.hex": func(f map[string][]byte) {
			f["pass1_syn.hex"] = f["pass2_syn.hex"]
			f["pass2_neur.hex"] = f["pass1_neur.hex"]
		},
		"replay.txt line 1: spikes of pass 1 to pass 1|line 2: spikes of pass 2 to pass 3|line 3|line 4: 6 neurons|line 5|line 6: got|line 7: got": func(f map[string][]byte) { f[replayFile] = []byte(replay) },
		"pass1.spi line": func(f map[string][]byte) { f["pass1.spi"] = []byte("what\n") },
	} {
		changed := maps.Clone(files)
		change(changed)
		_, err := ReadPasses(ODIN, changed, img.Host())
		says(name, err, strings.Split(name, "|")...)
	}
	for want, change := range map[string]func(m *Memory){
		"neuron 6 is not one of the layer's 5, and not silent": func(m *Memory) { m.Chip.disable.set(m.neuron(6), 0) },
		"the synapse of row 6 and neuron 0 is none":            func(m *Memory) { m.setSynapse(6, 0, 9) },
		"the synapse of row 0 and neuron 5 is none":            func(m *Memory) { m.setSynapse(0, 5, 9) },
		"SPK-ODIN-003": func(m *Memory) { m.neuron(0)[0] &^= 1 },
	} {
		p, err := ReadPasses(ODIN, files, img.Host())
		if err != nil {
			t.Fatal(err)
		}
		change(p.Memories[0])
		_, err = p.Image(img.Host())
		says(want, err, want)
	}
	host := img.Host()
	host.Cores[1].Neurons, host.Cores[1].Shape = 300, [3]int{300, 1, 1}
	p, err := ReadPasses(ODIN, files, host)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Image(host)
	says("a layer beyond the chip", err, "SPK-ODIN-033 pass1.spi")
}

// FuzzReplay reads anything as replay.txt: what is accepted is written again as it was read.
func FuzzReplay(f *testing.F) {
	img := network(TinyODIN, 4)
	files, err := WritePasses(TinyODIN, img)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(files[replayFile])
	f.Add([]byte("1 0 0 2 0\n# nothing\n1 0 1 2 65535\n"))
	f.Add([]byte("1 0 5 2 6\n1 4 1 2 10"))
	f.Add([]byte("1 0 0 2 0\n"))
	host := img.Host()
	cores, _ := passesOf(host)
	read := func(data []byte) ([][]image.Route, error) {
		p := &Passes{Cores: cores, Replay: make([][]image.Route, len(cores))}
		return p.Replay, p.readReplay(data, host)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		routes, err := read(data)
		if err != nil {
			if text(err) != err.Error() {
				t.Fatal(text(err))
			}
			return
		}
		back := *img
		back.Cores = slices.Clone(img.Cores)
		for i, k := range cores {
			back.Cores[k].Routes = routes[i]
		}
		if err := back.Validate(); err != nil {
			t.Fatal(err)
		}
		written := writeReplay(&back)
		if again, err := read(written); err != nil || !reflect.DeepEqual(again, routes) {
			t.Fatalf("written %q, read back %v, %v", written, again, err)
		}
	})
}
