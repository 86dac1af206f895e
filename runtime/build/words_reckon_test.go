package build

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"spikec/emulator"
	"spikec/emulator/encoder"
	"spikec/internal/diag"
	"spikec/internal/window"
	"spikec/models/onnx"
	"spikec/models/snn"
	"spikec/models/zoo"
	"spikec/quantize"
	"spikec/runtime/encode"
	"spikec/runtime/evaluate"
	"spikec/runtime/ladder"
	"spikec/target/chip"
	"spikec/target/config/reckon"
	"spikec/target/image"
	"spikec/target/place"
)

// reckonProfile returns the profile.
func reckonProfile(t testing.TB) *chip.Profile {
	t.Helper()
	p, err := chip.Load("reckon")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// full returns a projection from every neuron of one population to every neuron of another.
func full(net *quantize.Network, from, to int, weight func() int32) quantize.Projection {
	s := net.Populations[from].Shape
	w := window.Window2d{Kernel: [2]int{s[1], s[2]}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}
	p := quantize.Projection{Source: from, Target: to, Window: w, Groups: 1, Weight: make([]int32, net.Populations[to].Size()*s[0]*s[1]*s[2])}
	for i := range p.Weight {
		p.Weight[i] = weight()
	}
	return p
}

// recurrentNetwork is a random network of full connections for ReckOn: up to three hidden layers of any number of neurons, one of
// them perhaps two side by side, and weights and times for which membranes and outputs saturate now and then.
func recurrentNetwork(t *rapid.T, p *chip.Profile) (*quantize.Network, *rand.Rand) {
	format, err := quantize.FormatOf(p, 0)
	if err != nil {
		t.Fatal(err)
	}
	coding, err := encoder.Default("bernoulli", rapid.Uint64().Draw(t, "seed"))
	if err != nil {
		t.Fatal(err)
	}
	net := &quantize.Network{Name: "random", Chip: p.ID, Format: format, Steps: rapid.IntRange(1, 24).Draw(t, "steps"),
		Reset: rapid.SampledFrom([]snn.Reset{snn.Subtract, snn.Zero}).Draw(t, "reset"), Readout: snn.Readout{Kind: snn.Membrane}}
	shape := [3]int{rapid.IntRange(1, 3).Draw(t, "C"), rapid.IntRange(1, 5).Draw(t, "H"), rapid.IntRange(1, 5).Draw(t, "W")}
	net.Populations = []quantize.Population{{Name: "input", Shape: shape, Neuron: snn.Input}, {Name: "spikes", Shape: shape, Neuron: snn.Source, Coding: &coding}}
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "weights"), 1))
	most := rapid.SampledFrom([][2]int32{{-127, 127}, {-20, 60}, {100, 127}, {-127, -100}}).Draw(t, "range of weights")
	weight := func() int32 { return most[0] + r.Int32N(most[1]-most[0]+1) }
	layer := func(n int, kind snn.Neuron) {
		thr := rapid.Int32Range(1, 4000).Draw(t, "threshold")
		start := rapid.Int32Range(min(0, thr-1), thr-1).Draw(t, "initial")
		if kind == snn.Integrator {
			thr, start = format.ThresholdMax, 0
		}
		pop := quantize.Population{Name: fmt.Sprint("layer", len(net.Populations)), Shape: [3]int{n, 1, 1}, Neuron: kind}
		for range n {
			pop.Threshold, pop.Bias, pop.Initial = append(pop.Threshold, thr), append(pop.Bias, 0), append(pop.Initial, start)
		}
		net.Populations = append(net.Populations, pop)
	}
	before := []int{1}
	depth := rapid.IntRange(1, 3).Draw(t, "hidden layers")
	for d := range depth + 1 {
		var now []int
		for range map[bool]int{true: 1, false: rapid.IntRange(1, 2).Draw(t, "side by side")}[d == depth] {
			now = append(now, len(net.Populations))
			if d == depth {
				layer(rapid.IntRange(1, 5).Draw(t, "outputs"), snn.Integrator)
			} else {
				layer(rapid.IntRange(1, 9).Draw(t, "neurons"), snn.IF)
			}
			for _, b := range before {
				net.Projections = append(net.Projections, full(net, b, len(net.Populations)-1, weight))
			}
		}
		before = now
	}
	return net, r
}

// TestReckOnRunsTheNetwork: the network of integers, the image on cores and the chip as its words program it do the same in every step,
// and what is read of the words is the image.
func TestReckOnRunsTheNetwork(t *testing.T) {
	p := reckonProfile(t)
	rapid.Check(t, func(t *rapid.T) {
		net, r := recurrentNetwork(t, p)
		var pictures [2][]uint8
		for i := range pictures {
			for range net.Populations[0].Size() {
				pictures[i] = append(pictures[i], uint8(r.Uint32()))
			}
		}
		runsAlike(t, net, p, pictures[:]...)
	})
}

// TestReckOnSaturates: membranes and outputs at both limits.
func TestReckOnSaturates(t *testing.T) {
	p := reckonProfile(t)
	for _, w := range []int32{127, -127} {
		net := smallReckOn(t, 200, func() int32 { return 127 })
		for i := range net.Projections[2].Weight {
			net.Projections[2].Weight[i] = w
		}
		for i := 0; i < 4; i++ {
			net.Projections[0].Weight[i] = w // of the first neuron
		}
		if n := runsAlike(t, net, p, []uint8{255, 255, 255, 255}); n == 0 {
			t.Errorf("weights %d: nothing saturated", w)
		}
	}
}

// runsAlike runs a network in its three forms on pictures, and returns how often a membrane saturated.
func runsAlike(t rapid.TB, net *quantize.Network, p *chip.Profile, pictures ...[]uint8) (saturated int64) {
	t.Helper()
	img, _, err := place.Run(context.Background(), net, p)
	if err != nil {
		t.Fatal(err)
	}
	form := wordForms["reckon-spi"]
	files, _, err := form.write(img, p)
	if err != nil {
		t.Fatal(err)
	}
	read, err := form.read(files, img.Host(), p)
	if err != nil {
		t.Fatal(err)
	}
	if d := img.Difference(read); d != "" {
		t.Fatal(d)
	}
	engine, err := emulator.New("auto", read, p)
	if err != nil {
		t.Fatal(err)
	}
	m, err := form.machine(files, img.Host(), p)
	if err != nil {
		t.Fatal(err)
	}
	session := engine.NewSession()
	for picture, codes := range pictures {
		d, err := locate(net, img, 1, engine, codes, picture)
		if err != nil || d.Step >= 0 {
			t.Fatalf("fixed and image: %v, %v", d, err)
		}
		if d, err := compareMachine(img, session, m, codes, picture); err != nil || d != nil {
			t.Fatalf("image and machine: %v, %v", d, err)
		}
		answer, err := session.Run(codes, picture)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range answer.Counters.Saturations {
			saturated += n
		}
	}
	return saturated
}

// TestReckOnMachineIsNotTheImage: emulate runs from the words; a chip with other words than the image does something else, and that is found.
func TestReckOnMachineIsNotTheImage(t *testing.T) {
	r := request(t, t.TempDir(), "reckon")
	built(t, r)
	l, err := load(r.Out)
	if err != nil {
		t.Fatal(err)
	}
	y := filepath.Join(filepath.Dir(r.Out), "y.npz")
	if err := Emulate(context.Background(), EmulateRequest{Dir: r.Out, Input: filepath.Join(filepath.Dir(r.Out), "eval.npz"), Output: y}); err != nil {
		t.Fatal(err)
	}
	a := arraysOf(t, y, "counts", "potentials")
	p := &evaluate.Partial{Classes: classes, Decisions: make([]int32, 60), Counts: int32s(t, a[0]), Potentials: int32s(t, a[1])}
	if p.CountsSHA256() != l.manifest.Expected.CountsSHA256 {
		t.Error("emulate gives other outputs than the build")
	}
	for name, change := range map[string]func(c *reckon.Chip){
		"an input weight":     func(c *reckon.Chip) { c.Input[7][3] ^= 0x40 },
		"a recurrent weight":  func(c *reckon.Chip) { c.Recurrent[2][37] ^= 0x40 },
		"an output weight":    func(c *reckon.Chip) { c.Output[36][1] ^= 0x40 },
		"a threshold":         func(c *reckon.Chip) { v := c.Pair(3); v.Threshold++; c.SetPair(3, v) },
		"the shift":           func(c *reckon.Chip) { c.Set(reckon.ShiftInput, 1) },
		"the leak of outputs": func(c *reckon.Chip) { c.Set(reckon.Kappa, 0x7f) },
		"a reset to zero":     func(c *reckon.Chip) { c.Set(reckon.RstMode, 1) },
	} {
		c, err := reckon.FromImage(l.img)
		if err != nil {
			t.Fatal(err)
		}
		change(c)
		m, err := newReckonMachine(c, l.img.Host(), l.profile)
		if err != nil {
			t.Fatal(err)
		}
		e, err := emulator.New("auto", l.img, l.profile)
		if err != nil {
			t.Fatal(err)
		}
		enc, found := encode.NewEncoder(r.Data, l.manifest.Coding), false
		codes := make([]uint8, enc.Size())
		for i := 0; i < 10 && !found; i++ {
			enc.Codes(i, codes)
			d, err := compareMachine(l.img, e.NewSession(), m, codes, i)
			if err != nil {
				t.Fatal(err)
			}
			found = d != nil
		}
		if !found {
			t.Errorf("%s is another one on the machine, and no picture shows it", name)
		}
	}
}

// TestBuildForReckOn builds the bundled network for the chip, whose 196 inputs and 256 neurons fill it, checks it from its words, and
// changes a word.
func TestBuildForReckOn(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the bundled network's images")
	}
	z, err := zoo.Get("mnist_mlp_14x14")
	if err != nil {
		t.Fatal(err)
	}
	m, err := (onnx.Options{}).Decode(z.ONNX, "")
	if err != nil {
		t.Fatal(err)
	}
	eval, calib, err := OpenData(context.Background(), z.Info.Data, "", 200)
	if err != nil {
		t.Fatal(err)
	}
	r := Request{Model: Model{Model: m, Name: z.Name, SHA256: z.Info.SHA256}, Profile: reckonProfile(t), Tool: "test", Out: filepath.Join(t.TempDir(), "out"), Seed: 1,
		Data: eval, Calibration: calib, Preprocessing: encode.Options{PixelScale: z.Info.Preprocessing.PixelScale},
		Options: Options{Steps: 32, CalibrationLimit: 200}, LadderAlone: true}
	l, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if a := l.Last().Accuracy; a < 0.97 || l.Last().Stage != ladder.Files || l.Resources.Cores != 1 || l.Resources.Neurons != 266 {
		t.Errorf("accuracy %v of stage %s, %+v", a, l.Last().Stage, l.Resources)
	}
	c, err := Check(context.Background(), r.Out, CheckOptions{})
	if err != nil || !c.Check.CountsCompared || c.CountsSHA256 != l.CountsSHA256 {
		t.Errorf("check gives %v", err)
	}
	files, _, err := ExportFolder(r.Out, "reckon-spi", "")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range contents(t, filepath.Join(r.Out, "reckon-spi")) {
		if string(files[name]) != data {
			t.Errorf("%s is exported as something else than the build holds", name)
		}
	}
	alterWord(t, r.Out, func(k *reckon.Chip) { k.Output[9][3] ^= 0x40 })
	var d *Difference
	if _, err := Check(context.Background(), r.Out, CheckOptions{}); !errors.As(err, &d) || d.Between != [2]string{"recorded", ladder.Files} {
		t.Errorf("an altered weight gives %v", err)
	}
	alterWord(t, r.Out, func(k *reckon.Chip) { k.Recurrent[9][3] = 1 })
	_, err = Check(context.Background(), r.Out, CheckOptions{})
	wants(t, err, "SPK-RECKON-008 wrec weight 9 3")
}

// alterWord changes the chip of a build in all its files, and brings the manifest in order.
func alterWord(t *testing.T, dir string, change func(c *reckon.Chip)) {
	t.Helper()
	before := contents(t, filepath.Join(dir, "reckon-spi"))
	files := map[string][]byte{}
	for name, data := range before {
		files[name] = []byte(data)
	}
	c, err := reckon.FromFiles(files)
	if err != nil {
		t.Fatal(err)
	}
	change(c)
	files = reckon.Files(c)
	rewrite(t, dir, func(m *Manifest) {
		for i := range m.Files {
			if in, name := filepath.Split(m.Files[i].Name); in != "" {
				m.Files[i].Size, m.Files[i].SHA256 = int64(len(files[name])), digest(files[name])
			}
		}
	})
	for name, data := range files {
		put(t, filepath.Join(dir, "reckon-spi", name), string(data))
	}
}

// TestReckOnRefuses: everything that does not fit is said at once.
func TestReckOnRefuses(t *testing.T) {
	p := reckonProfile(t)
	coding, err := encoder.Default("bernoulli", 0)
	if err != nil {
		t.Fatal(err)
	}
	format, err := quantize.FormatOf(p, 0)
	if err != nil {
		t.Fatal(err)
	}
	pop := func(name string, neuron snn.Neuron, shape ...int) quantize.Population {
		q := quantize.Population{Name: name, Shape: [3]int(shape), Neuron: neuron}
		if neuron == snn.Source {
			q.Coding = &coding
		}
		for range shape[0] {
			q.Threshold, q.Bias, q.Initial = append(q.Threshold, 9), append(q.Bias, 0), append(q.Initial, 4)
		}
		return q
	}
	net := &quantize.Network{Name: "large", Chip: p.ID, Format: format, Steps: 4, Reset: snn.Subtract, Readout: snn.Readout{Kind: snn.Membrane},
		Populations: []quantize.Population{pop("input", snn.Input, 1, 20, 20), pop("spikes", snn.Source, 1, 20, 20), pop("fc1", snn.IF, 201, 1, 1),
			pop("fc2", snn.IF, 55, 1, 1), pop("out", snn.Integrator, 17, 1, 1)}}
	zero := func() int32 { return 0 }
	net.Projections = []quantize.Projection{full(net, 1, 2, zero), full(net, 2, 3, zero), full(net, 3, 4, zero), full(net, 3, 4, zero), full(net, 1, 4, zero)}
	_, found, err := place.Run(t.Context(), net, p)
	if err == nil {
		t.Fatal("a network that is too large was placed")
	}
	var text []string
	for _, d := range found {
		text = append(text, d.String())
	}
	for _, want := range []string{"spikes: inputs of the core (400, limit 256)", "network: neurons of all hidden layers, which lie in one core; each begins with an even one (258, limit 256)",
		"out: outputs of the core (17, limit 16)", "fc2 → out: connections between two layers", "spikes → out: connections from inputs to outputs"} {
		if !strings.Contains(strings.Join(text, "\n"), want) {
			t.Errorf("got\n%s\nwant %s", strings.Join(text, "\n"), want)
		}
	}
	for flag, o := range map[string]Options{"--readout": {Readout: "count"}, "--readout-delay": {ReadoutDelay: 3}, "--early-exit": {EarlyExit: new(float64)}, "--encoding": {Encoding: "constant"}} {
		_, found := resolve(o, p)
		if !reflect.DeepEqual(subjects(found), []string{flag}) {
			t.Errorf("%s: %v", flag, found)
		}
	}
}

// subjects lists what errors are about.
func subjects(l diag.List) []string {
	var s []string
	for _, d := range l {
		if d.Severity == diag.Error {
			s = append(s, d.Subject)
		}
	}
	return s
}

// FuzzReckOnWords changes a word of a line of what a build programs: the image that is read is one that the words stand for, or there
// are diagnostics.
func FuzzReckOnWords(f *testing.F) {
	w := int32(-30)
	img, _, err := place.Run(context.Background(), smallReckOn(f, 4, func() int32 { w = (w*7+11)%128 - 3; return w }), reckonProfile(f))
	if err != nil {
		f.Fatal(err)
	}
	files, _, err := wordForms["reckon-spi"].write(img, nil)
	if err != nil {
		f.Fatal(err)
	}
	host := img.Host()
	lines := strings.SplitAfter(string(files[reckon.SPIFile]), "\n")
	f.Add(40, "00010008 00000001\n")
	f.Add(100, "30400000 00000001\n")
	f.Add(200, "x")
	f.Fuzz(func(t *testing.T, line int, text string) {
		if line < 0 || line >= len(lines) {
			return
		}
		words := strings.Join(lines[:line], "") + text + "\n" + strings.Join(lines[line+1:], "")
		c, err := reckon.DecodeSPI([]byte(words))
		if err == nil {
			var back *image.Image
			if back, err = c.Image(host); err == nil {
				again, failed := reckon.FromImage(back)
				if failed != nil || *again != *c {
					t.Fatalf("the image that was read is programmed by other words (%v)", failed)
				}
			}
		}
		var failure *diag.Failure
		if err != nil && !errors.As(err, &failure) {
			t.Fatalf("an error without diagnostics: %v", err)
		}
	})
}

// smallReckOn is a network of 4 inputs, two hidden layers of 3 and 5 neurons and 2 outputs.
func smallReckOn(t testing.TB, steps int, weight func() int32) *quantize.Network {
	p := reckonProfile(t)
	format, err := quantize.FormatOf(p, 0)
	if err != nil {
		t.Fatal(err)
	}
	coding := encoder.Coding{Name: "sigma-delta"}
	net := &quantize.Network{Name: "small", Chip: p.ID, Format: format, Steps: steps, Reset: snn.Subtract, Readout: snn.Readout{Kind: snn.Membrane},
		Populations: []quantize.Population{{Name: "input", Shape: [3]int{1, 2, 2}, Neuron: snn.Input}, {Name: "spikes", Shape: [3]int{1, 2, 2}, Neuron: snn.Source, Coding: &coding}}}
	for i, n := range []int{3, 5, 2} {
		q := quantize.Population{Name: fmt.Sprint("fc", i), Shape: [3]int{n, 1, 1}, Neuron: snn.IF}
		for range n {
			q.Threshold, q.Bias, q.Initial = append(q.Threshold, 50), append(q.Bias, 0), append(q.Initial, 25)
		}
		net.Populations = append(net.Populations, q)
	}
	net.Populations[4].Neuron, net.Populations[4].Initial = snn.Integrator, []int32{0, 0}
	net.Populations[4].Threshold = []int32{format.ThresholdMax, format.ThresholdMax}
	net.Projections = []quantize.Projection{full(net, 1, 2, weight), full(net, 2, 3, weight), full(net, 3, 4, weight)}
	return net
}
