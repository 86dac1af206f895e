package reckon

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"spikec/emulator"
	"spikec/internal/diag"
	"spikec/internal/diag/diagtest"
	"spikec/target/chip"
	"spikec/target/image"
)

// random returns a chip with random weights, pairs and settings, ready to run.
func random(seed uint64) *Chip {
	r := rand.New(rand.NewPCG(seed, 5))
	c := New()
	c.Inference()
	for i, x := range registers {
		if !x.zero {
			c.values[i] = uint32(r.Uint64() & (1<<x.bits - 1))
		}
	}
	for p := range Pairs {
		if r.IntN(5) > 0 {
			c.SetPair(p, Pair{U: [2]int16{int16(r.Uint32()), int16(r.Uint32())}, Threshold: int16(r.Uint32()), Alpha: uint16(0x7000 + r.IntN(0x2000))})
		}
	}
	for i := range Neurons {
		for j := range Neurons {
			c.Input[i][j], c.Recurrent[i][j] = int8(r.Uint32()), int8(r.Uint32())
		}
		for j := range Outputs {
			c.Output[i][j] = int8(r.Uint32())
		}
	}
	return c
}

// TestRoundTrip: the words on the bus, replayed into an empty chip, leave the same registers, marks and memories, and these are
// those that the images hold.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(5) {
		c := random(seed)
		replayed, err := DecodeSPI(EncodeSPI(c))
		if err != nil {
			t.Fatal(err)
		}
		if *replayed != *c {
			t.Errorf("seed %d: the chip after the words on its bus is another one", seed)
		}
		m, err := DecodeMemories(EncodeMemories(&c.Memories))
		if err != nil {
			t.Fatal(err)
		}
		if *m != replayed.Memories {
			t.Errorf("seed %d: images and words on the bus give different memories", seed)
		}
	}
}

// small is a chip with one value in every memory.
func small() *Chip {
	c := New()
	c.Inference()
	c.SetPair(33, Pair{U: [2]int16{0x1234, -2}, Threshold: 0x4567, Alpha: 0x8abc})
	c.Input[2][5], c.Recurrent[255][254], c.Output[3][6] = -1, 0x12, 0x7f
	return c
}

// TestWords: lines and words of a small chip, bit by bit (chip reference §2.4).
func TestWords(t *testing.T) {
	text := string(EncodeSPI(small()))
	// Neuron word: u 0x1234 in [15:0], u 0xfffe in [65:50], threshold 0x4567 in [115:100], 0xabc in [127:116].
	for _, want := range []string{
		"00010000 00000001\n",                            // EN_CONF 1
		"00010009 00000000\n",                            // DO_EPROP 0
		"00010042 00000002\n",                            // ALPHA_CONF_1: pair 33
		"00010045 0000007a\n",                            // KAPPA
		"10040084 00001234 fff80000 00000003 abc45670\n", // pair 33
		"30400080 00000000 0000ff00 ",                    // weights of input 2: byte 5
		"40403fc0 ",                                      // neuron 255
		" 00120000\n",                                    // its weight to 254
		"5004000c 00000000 007f0000 00000000 00000000\n", // output weights of neuron 3
		"# run\n00010000 00000000\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the words", want)
		}
	}
	if n := strings.Count(text, "\n1"); n != 1 {
		t.Errorf("%d lines of neurons, want that of the one pair", n)
	}
	files := EncodeMemories(&small().Memories)
	for name, want := range map[string]string{
		NeuronFile:    strings.Repeat(strings.Repeat("0", 32)+"\n", 33) + "abc4567000000003fff8000000001234\n",
		InputFile:     strings.Repeat(strings.Repeat("0", 32)+"\n", 32) + "00000000000000000000ff0000000000\n",
		RecurrentFile: strings.Repeat(strings.Repeat("0", 32)+"\n", 4095) + "00120000000000000000000000000000\n",
		OutputFile:    strings.Repeat(strings.Repeat("0", 32)+"\n", 3) + "0000000000000000007f000000000000\n",
	} {
		if !strings.HasPrefix(string(files[name]), want) {
			t.Errorf("%s does not begin as it should", name)
		}
	}
	if p := small().Pair(33); p != (Pair{U: [2]int16{0x1234, -2}, Threshold: 0x4567, Alpha: 0x8abc}) {
		t.Errorf("pair %+v", p)
	}
}

// TestReplayRefuses: words that program nothing, all at once.
func TestReplayRefuses(t *testing.T) {
	_, err := DecodeSPI([]byte(`# comment alone
1234567 00000001
00010000 0000000g
80010000 00000001
00020008 00000001
00000008
00010002 00000001  # the clock generator
00010008 00000002
20010000 00000001
10010200 00000000
100203ff 00000000 00000000
30013fff 00000000
30024000 00000000 00000000
50010400 00000000
00010000 00000000
10010000 00000000
`))
	diagtest.Refused(t, "words", err, `SPK-RECKON-001 line 2: "1234567" is no word of 8 hexadecimal digits`, `line 3: "0000000g" is no word`,
		"SPK-RECKON-003 line 4: a read programs nothing", "line 5: the address word counts 2 data words, 1 follow", "line 6: the address word counts 0 data words, 0 follow",
		"SPK-RECKON-004 line 7: register 2 is not one that inference uses", "line 8: register RST_MODE of 1 bits is 0x2", "line 9: memory 2 takes neither neurons nor weights",
		"line 10: address 0x200 has bit 9, which writes a spike flag too", "line 11: address 0x3ff has bit 9", "line 13: words 16384..16385 of the memory of input weights, which has 16384",
		"line 14: words 1024..1024 of the memory of output weights", "line 16: a write to the memory of neuron while EN_CONF is 0 is lost")
	if strings.Contains(err.Error(), "line 12") || strings.Contains(err.Error(), "line 15") {
		t.Errorf("good lines are refused: %v", err)
	}
	diagtest.Refused(t, "many", New().Replay([]byte(strings.Repeat("x\n", 60))), "SPK-RECKON-007 reckon: 10 more problems are not listed")
	c := New()
	if err := c.Replay([]byte("0002005e 00000011 00000022\n")); err != nil || c.Get(NumInp) != 0x22 || c.Get(NumRec) != 0xff {
		t.Errorf("a burst to one register: %v, NUM_INP %#x, NUM_REC %#x", err, c.Get(NumInp), c.Get(NumRec))
	}
}

// TestDecodeMemoriesRefuses: files that are no images.
func TestDecodeMemoriesRefuses(t *testing.T) {
	files := EncodeMemories(&small().Memories)
	files["x.hex"] = nil
	delete(files, OutputFile)
	files[NeuronFile] = append([]byte("00\n"+strings.Repeat("x", 32)+"\n"), files[NeuronFile]...)
	files[InputFile] = files[InputFile][33:]
	_, err := DecodeMemories(files)
	diagtest.Refused(t, "images", err, `SPK-RECKON-001 neur.hex word 0: "00" of 2 digits, want 32 hexadecimal digits`, `neur.hex word 1: "xxxxxxxx" is no word`, "neur.hex: more words than 128",
		"winp.hex: fewer words than 4096", "SPK-RECKON-002 wout.hex: is missing", "SPK-RECKON-002 x.hex: is no image of a memory")
}

// TestWrittenMarks: any chunk of a pair marks both of its neurons; the end of a sample clears the marks, and a chunk that is
// written again brings back what the others hold.
func TestWrittenMarks(t *testing.T) {
	c := small()
	membranes := func() []int32 {
		t.Helper()
		core, err := c.Core()
		if err != nil {
			t.Fatal(err)
		}
		return core.InitialV[64:70]
	}
	if got, want := membranes(), []int32{0, 0, 0x1234, -2, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("first sample: %v, want %v", got, want)
	}
	c.EndSample()
	if got, want := membranes(), make([]int32, 6); !slices.Equal(got, want) {
		t.Errorf("second sample: %v, want %v", got, want)
	}
	if err := c.Replay([]byte("00010000 00000001\n10010084 00000007\n00010000 00000000\n")); err != nil {
		t.Fatal(err)
	}
	if got, want := membranes(), []int32{0, 0, 7, -2, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("after chunk 0 of pair 33: %v, want %v", got, want)
	}
}

// TestCoreRefuses: settings that are not emulated.
func TestCoreRefuses(t *testing.T) {
	_, err := New().Core()
	diagtest.Refused(t, "after a reset", err, "SPK-RECKON-005 register EN_CONF: is 1; inference that is emulated has 0", "register GET_TAR_REQ_OUT: is 1", "register DO_EPROP: is 7")
	c := small()
	for _, r := range []Register{LocalTick, EnStochRound, TimingMode, SendPerTimestep, NoiseEn, ForceTraces} {
		c.Set(r, 1)
	}
	_, err = c.Core()
	diagtest.Refused(t, "noise", err, "LOCAL_TICK", "EN_STOCH_ROUND", "TIMING_MODE", "SEND_PER_TIMESTEP", "NOISE_EN", "FORCE_TRACES")
}

// TestAnswer: votes, ties and bytes, by hand (chip reference §2.2, SDONE and SEND).
func TestAnswer(t *testing.T) {
	for _, c := range []struct {
		name              string
		out               uint32
		labelOnly, regres uint32
		ticks             [][]int64 // outputs after each tick; of the last one sent
		silent            int       // so many ticks at the start without INFER_ACC
		want              []byte
	}{
		{"the vote of ticks, not the last potentials", 2, 1, 0, [][]int64{{0, 5, 1}, {0, 5, 1}, {9, 5, 1}}, 0, []byte{1}},
		{"equal outputs: the lowest wins the tick", 2, 1, 0, [][]int64{{1, 7, 7}, {-3, -2, -2}}, 0, []byte{1}},
		{"equal votes: the lowest is the label", 2, 1, 0, [][]int64{{0, 0, 7}, {0, 7, 0}}, 0, []byte{1}},
		{"INFER_ACC at the last tick only: the largest potential", 2, 1, 0, [][]int64{{0, 5, 1}, {0, 5, 1}, {9, 5, 10}}, 2, []byte{2}},
		{"REGRESSION: nothing is counted", 2, 1, 1, [][]int64{{0, 5, 1}, {0, 5, 1}}, 0, []byte{0}},
		{"outputs beyond the last index do not count", 1, 1, 0, [][]int64{{0, 1, 9}}, 0, []byte{1}},
		{"all outputs, the lower byte first", 1, 0, 0, [][]int64{{-2, 0x1234, 9}}, 0, []byte{0xfe, 0xff, 0x34, 0x12}},
		{"REGRESSION sends outputs too", 0, 0, 1, [][]int64{{-32768, 0, 0}}, 0, []byte{0, 0x80}},
	} {
		k := small()
		k.Set(NumOut, c.out)
		k.Set(SendLabelOnly, c.labelOnly)
		k.Set(Regression, c.regres)
		a := k.Answer()
		for i, o := range c.ticks {
			a.Tick(o, i >= c.silent)
		}
		if got := a.Send(c.ticks[len(c.ticks)-1]); !bytes.Equal(got, c.want) {
			t.Errorf("%s: %x, want %x", c.name, got, c.want)
		}
	}
}

// mapped is a core as a network would be mapped: so many neurons with few inputs and outputs.
func mapped(seed uint64, neurons, inputs, outputs int) *image.Core {
	r := rand.New(rand.NewPCG(seed, 6))
	weights := func(n int) []int32 {
		w := make([]int32, n)
		for i := range w {
			w[i] = int32(r.IntN(256) - 128)
		}
		return w
	}
	core := &image.Core{Population: "net", Shape: [3]int{neurons, 1, 1}, Neurons: neurons, InitialV: make([]int32, neurons),
		Registers: map[string][]int32{"thr": make([]int32, neurons), "alpha": make([]int32, neurons), "kappa": {int32(r.IntN(256))}, "reset": {int32(r.IntN(2))},
			"s_inp": {int32(r.IntN(8))}, "s_rec": {int32(r.IntN(8))}, "s_out": {int32(r.IntN(8))}},
		Synapses: []image.Block{{Name: "winp", Synapses: &image.Dense{Inputs: inputs, Neurons: neurons, Weight: weights(inputs * neurons)}},
			{Name: "wrec", FirstAxon: FirstRecurrent, Synapses: &image.Dense{Inputs: neurons, Neurons: neurons, Weight: weights(neurons * neurons)}},
			{Name: "wout", FirstAxon: FirstRecurrent, Synapses: &image.Dense{Inputs: neurons, Neurons: outputs, Weight: weights(neurons * outputs)}}},
		Routes: []image.Route{{Count: neurons, Axon: FirstRecurrent}}}
	for j := range neurons {
		core.InitialV[j] = int32(r.IntN(1<<16) - 1<<15)
		core.Registers["thr"][j], core.Registers["alpha"][j] = int32(1+r.IntN(9000)), int32(0x7000+r.IntN(0x2000))
		if j%2 == 1 {
			core.Registers["thr"][j], core.Registers["alpha"][j] = core.Registers["thr"][j-1], core.Registers["alpha"][j-1]
		}
	}
	return core
}

// TestFromCore: a core, written as words and read back, computes what it did: spikes, membranes and outputs of every step.
func TestFromCore(t *testing.T) {
	p, err := chip.Load("reckon")
	if err != nil {
		t.Fatal(err)
	}
	for seed, size := range [][3]int{{5, 3, 2}, {6, 20, 6}, {1, 1, 1}, {256, 2, 16}} {
		neurons, inputs, outputs := size[0], size[1], min(size[2], size[0])
		core := mapped(uint64(seed), neurons, inputs, outputs)
		c, err := FromCore(core, inputs, outputs)
		if err != nil {
			t.Fatal(err)
		}
		if c, err = DecodeSPI(EncodeSPI(c)); err != nil {
			t.Fatal(err)
		}
		back, err := c.Core()
		if err != nil {
			t.Fatal(err)
		}
		a, err := emulator.NewStepper([]image.Core{*core}, p)
		if err != nil {
			t.Fatal(err)
		}
		b, err := emulator.NewStepper([]image.Core{*back}, p)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		for step := range 12 {
			for i := range inputs {
				if r.IntN(3) == 0 {
					if err := errors.Join(a.Send(0, i), b.Send(0, i)); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := errors.Join(a.Step(), b.Step()); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"v", "o"} {
				x, _ := a.Values(0, name)
				y, _ := b.Values(0, name)
				if !slices.Equal(x, y[:neurons]) || slices.ContainsFunc(y[neurons:], func(v int64) bool { return v != 0 }) {
					t.Fatalf("size %v, step %d: %s is %v, want %v", size, step, name, y, x)
				}
			}
			if !slices.Equal(a.Spikes(0), b.Spikes(0)[:neurons]) {
				t.Fatalf("size %v, step %d: spikes differ", size, step)
			}
		}
	}
}

// TestFromCoreRefuses: cores that the chip cannot hold.
func TestFromCoreRefuses(t *testing.T) {
	for want, change := range map[string]func(c *image.Core){
		"the number of neurons is 257, want 1..256": func(c *image.Core) { c.Neurons = 257 },
		"routes are []":                                       func(c *image.Core) { c.Routes = nil },
		"register kappa has 0 values, want one":               func(c *image.Core) { delete(c.Registers, "kappa") },
		"register s_out is 8, want 0..7":                      func(c *image.Core) { c.Registers["s_out"] = []int32{8} },
		"register reset is 2, want 0..1":                      func(c *image.Core) { c.Registers["reset"] = []int32{2} },
		"neuron 2: threshold is 40000, want -32768..32767":    func(c *image.Core) { c.Registers["thr"][2] = 40000 },
		"neuron 4: leak factor is 28671, want 28672..36863":   func(c *image.Core) { c.Registers["alpha"][4] = 0x6fff },
		"neuron 1: membrane is -32769":                        func(c *image.Core) { c.InitialV[1] = -32769 },
		"neurons 2 and 3 share threshold and leak, which are": func(c *image.Core) { c.Registers["thr"][3]++ },
		`synapses in a memory "", want winp, wrec or wout`:    func(c *image.Core) { c.Synapses[0].Name = "" },
		"memory winp: a weight from 3 to 0 of 3 and 5":        func(c *image.Core) { c.Synapses[0].FirstAxon = 1 },
		"memory wrec: a weight from -1 to":                    func(c *image.Core) { c.Synapses[1].FirstAxon = 255 },
		"memory wout: a weight from 0 to 2 of 5 and 2": func(c *image.Core) {
			c.Synapses[2].Synapses = &image.Dense{Inputs: 1, Neurons: 3, Weight: []int32{0, 0, 1}}
		},
		"memory wout: the weight from 0 to 1 is 128, want -128..127": func(c *image.Core) {
			c.Synapses[2].Synapses = &image.Dense{Inputs: 1, Neurons: 2, Weight: []int32{1, 128}}
		},
	} {
		core := mapped(1, 5, 3, 2)
		change(core)
		_, err := FromCore(core, 3, 2)
		diagtest.Refused(t, want, err, "SPK-RECKON-006 net: "+want)
	}
	_, err := FromCore(mapped(1, 5, 3, 2), 0, 17)
	diagtest.Refused(t, "sizes", err, "the number of inputs is 0, want 1..256", "the number of outputs is 17, want 1..16")
}

// FuzzReplay feeds any text to the reader: it gives diagnostics, or a chip that its words program again.
func FuzzReplay(f *testing.F) {
	for _, text := range []string{"00010000 00000001\n", "00010009 00000000\n10040084 00001234 fff80000 00000003 abc45670\n5004000c 00000000 007f0000 00000000 00000000 # x\n00010000 00000000\n",
		"ffffffff", "30013fff 01020304", "80010000 00000001", "0fff0000"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := DecodeSPI(data)
		var failure *diag.Failure
		switch {
		case err != nil && !errors.As(err, &failure):
			t.Fatalf("an error without diagnostics: %v", err)
		case err != nil:
			return
		}
		same, err := DecodeSPI(EncodeSPI(c))
		if err != nil || *same != *c {
			t.Fatalf("%v: the words of the chip program another one", err)
		}
		if _, err := c.Core(); err != nil && !errors.As(err, &failure) {
			t.Fatal(err)
		}
	})
}

// FuzzDecodeMemories puts any text in the place of some words of an image.
func FuzzDecodeMemories(f *testing.F) {
	files := EncodeMemories(&small().Memories)
	f.Add([]byte("abc4567000000003fff8000000001234"), 3)
	f.Add([]byte("00\n\n"), 0)
	f.Add([]byte("+0000000000000000000000000000000"), 127)
	f.Fuzz(func(t *testing.T, data []byte, at int) {
		if at < 0 || at >= Pairs {
			return
		}
		changed := maps.Clone(files)
		changed[NeuronFile] = slices.Concat(files[NeuronFile][:33*at], data, []byte("\n"), files[NeuronFile][33*(at+1):])
		m, err := DecodeMemories(changed)
		var failure *diag.Failure
		switch {
		case err != nil && !errors.As(err, &failure):
			t.Fatalf("an error without diagnostics: %v", err)
		case err != nil:
			return
		}
		if same, err := DecodeMemories(EncodeMemories(m)); err != nil || !reflect.DeepEqual(same, m) {
			t.Fatal(fmt.Errorf("the images of the memories are those of others: %w", err))
		}
	})
}
