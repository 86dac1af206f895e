package ranc

import (
	"bytes"
	"errors"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/diag/diagtest"
	"spikec/target/image"
)

// random returns a network of some cores on a grid, with packets.
func random(seed uint64) *Network {
	r := rand.New(rand.NewPCG(seed, 3))
	a := Architecture{Grid: [2]int{1 + r.IntN(3), 2 + r.IntN(2)}, Axons: 1 + r.IntN(20), Neurons: 1 + r.IntN(9)}
	a.Bus = Bus{At: [2]int{r.IntN(a.Grid[0]), r.IntN(a.Grid[1])}, Outputs: 1 + r.IntN(a.Axons)}
	n := &Network{Architecture: a}
	value := func() int32 { return int32(r.IntN(512) - 256) }
	for number := range a.Grid[0] * a.Grid[1] {
		at := [2]int{number % a.Grid[0], number / a.Grid[0]}
		if at == a.Bus.At || r.IntN(4) == 0 {
			continue
		}
		n.Cores = append(n.Cores, Core{At: at})
	}
	to := func(bus bool) ([2]int, int) {
		if bus && r.IntN(3) == 0 || len(n.Cores) == 0 {
			return a.Bus.At, r.IntN(a.Bus.Outputs)
		}
		return n.Cores[r.IntN(len(n.Cores))].At, r.IntN(a.Axons)
	}
	for i := range n.Cores {
		c := &n.Cores[i]
		for range a.Axons {
			c.Types = append(c.Types, uint8(r.IntN(4)))
		}
		for range a.Neurons {
			u := Neuron{Connected: make([]bool, a.Axons), Potential: value(), Reset: value(), Weights: [4]int32{value(), value(), value(), value()}, Leak: value(),
				Positive: value(), Negative: value(), Linear: r.IntN(2) == 0, Delay: r.IntN(15)}
			for a := range u.Connected {
				u.Connected[a] = r.IntN(2) == 0
			}
			at, axon := to(true)
			u.Offset, u.Axon = [2]int{at[0] - c.At[0], at[1] - c.At[1]}, axon
			c.Neurons = append(c.Neurons, u)
		}
	}
	for range r.IntN(4) {
		var tick []Packet
		for range r.IntN(3) {
			if at, axon := to(false); len(n.Cores) > 0 {
				tick = append(tick, Packet{at, axon, r.IntN(15)})
			}
		}
		n.Packets = append(n.Packets, tick)
	}
	return n
}

// TestRoundTrip: what is written in either form, or laid out as cores, comes back.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(60) {
		n := random(seed)
		if err := n.Check(); err != nil {
			t.Fatal(err)
		}
		files, err := EncodeJSON(n)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := DecodeJSON(files); err != nil || !reflect.DeepEqual(got, n) {
			t.Fatalf("seed %d, simulator: %v\n%+v\nwant\n%+v", seed, err, got, n)
		}
		if files, err = EncodeMemories(n); err != nil {
			t.Fatal(err)
		}
		if got, err := DecodeMemories(files, n.Architecture); err != nil || !reflect.DeepEqual(got, n) {
			t.Fatalf("seed %d, memories: %v\n%+v\nwant\n%+v", seed, err, got, n)
		}
		got, err := FromLayout(n.Layout(), n.Architecture)
		if err != nil {
			t.Fatal(err)
		}
		if got.Packets = n.Packets; !reflect.DeepEqual(got, n) {
			t.Fatalf("seed %d, cores:\n%+v\nwant\n%+v", seed, got, n)
		}
	}
}

// hand is a network of one core on two places, worked out by hand below.
func hand() *Network {
	return &Network{Architecture: Architecture{Grid: [2]int{2, 1}, Axons: 2, Neurons: 1, Bus: Bus{At: [2]int{0, 0}, Outputs: 2}},
		Cores: []Core{{At: [2]int{1, 0}, Types: []uint8{2, 1}, Neurons: []Neuron{{Connected: []bool{true, false}, Potential: 1, Reset: -1, Weights: [4]int32{2, -2, 255, -256},
			Leak: 3, Positive: 100, Negative: -100, Linear: true, Offset: [2]int{-1, 0}, Axon: 1, Delay: 5}}}},
		Packets: [][]Packet{{{To: [2]int{1, 0}, Axon: 1, Delay: 2}}, nil}}
}

// TestFiles: the files of a small network, field by field (chip reference §5.3).
func TestFiles(t *testing.T) {
	files, err := EncodeMemories(hand())
	if err != nil {
		t.Fatal(err)
	}
	word := "01" + "000000001" + "111111111" + "000000010" + "111111110" + "011111111" + "100000000" + "000000011" + "001100100" + "110011100" +
		"1" + "111111111" + "000000000" + "1" + "0101"
	want := map[string]string{"csram_001.mem": word + "\n", "tc_001.mem": "10\n01\n",
		"tb_input.txt": "000000001" + "000000000" + "1" + "0010" + "\n", "tb_num_inputs.txt": "1\n0\n"}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if string(files[name]) != want[name] {
			t.Errorf("%s:\n%swant\n%s", name, files[name], want[name])
		}
	}
	if len(files) != len(want) {
		t.Errorf("%d files, want %d", len(files), len(want))
	}
	if files, err = EncodeJSON(hand()); err != nil {
		t.Fatal(err)
	}
	network := `{"packets":[[{"destination_core":[1,0],"destination_axon":1,"destination_tick":2}],[]],"output_bus":{"coordinates":[0,0],"num_outputs":2},` +
		`"cores":[{"axons":[2,1],"connections":[[1,0]],"coordinates":[1,0],"neurons":[{"reset_potential":-1,"weights":[2,-2,255,-256],"leak":3,` +
		`"positive_threshold":100,"negative_threshold":-100,"destination_core_offset":[-1,0],"destination_axon":1,"destination_tick":5,"current_potential":1,"reset_mode":1}]}]}` + "\n"
	if got := string(files[NetworkFile]); got != network {
		t.Errorf("got\n%swant\n%s", got, network)
	}
	if got := string(files[ConfigFile]); !strings.Contains(got, `"neuron_reset_type": 0`) || !strings.Contains(got, `"max_tick_offset": 16`) {
		t.Errorf("got\n%s", got)
	}
}

// TestDefaultWidth: the sizes that the RTL has by default give words of 368 and packets of 30 digits.
func TestDefaultWidth(t *testing.T) {
	n := &Network{Architecture: Architecture{Grid: [2]int{2, 1}, Axons: 256, Neurons: 256, Bus: Bus{At: [2]int{1, 0}, Outputs: 256}},
		Cores: []Core{{Types: make([]uint8, 256), Neurons: make([]Neuron, 256)}}, Packets: [][]Packet{{{}}}}
	for j := range n.Cores[0].Neurons {
		n.Cores[0].Neurons[j].Connected = make([]bool, 256)
	}
	files, err := EncodeMemories(n)
	if err != nil {
		t.Fatal(err)
	}
	if got := bytes.IndexByte(files["csram_000.mem"], '\n'); got != 368 {
		t.Errorf("a word of %d digits, want 368", got)
	}
	if got := bytes.IndexByte(files["tb_input.txt"], '\n'); got != 30 {
		t.Errorf("a packet of %d digits, want 30", got)
	}
}

// TestCheck: everything that a grid cannot hold, at once.
func TestCheck(t *testing.T) {
	diagtest.Refused(t, "sizes", (&Network{}).Check(), "SPK-RANC-003 grid: 0×0 places, want 1 to 999", "the number of axons is 0, want 1..256", "the number of neurons is 0",
		"the number of outputs is 0", "SPK-RANC-005 output bus: stands at [0 0], outside a grid of 0×0")
	n := hand()
	n.Cores = append(n.Cores, n.Cores[0], Core{At: [2]int{2, 0}}, Core{})
	n.Cores[0].Types = []uint8{4, 0}
	u := &n.Cores[0].Neurons[0] // shared with core 1
	u.Connected, u.Potential, u.Weights[3], u.Negative, u.Offset, u.Axon, u.Delay = nil, 256, -257, -300, [2]int{300, -300}, 9, 15
	n.Packets = [][]Packet{{{To: [2]int{0, 0}}, {To: [2]int{1, 0}, Axon: 2, Delay: -1}}}
	diagtest.Refused(t, "cores", n.Check(), "SPK-RANC-005 core 1: stands at [1 0], where another", "core 2: stands at [2 0], outside a grid of 2×1", "core 3: stands at [0 0], where",
		"core 2: 0 axons and 0 neurons, want 2 and 1", "SPK-RANC-004 core 0: the type of axon 0 is 4, want 0..3", "core 0, neuron 0: 0 connections, want 2",
		"the potential is 256, want -256..255", "weight 3 is -257", "the negative threshold is -300", "an offset of its destination is 300", "an offset of its destination is -300",
		"SPK-RANC-007 core 0, neuron 0: the destination tick is 15", "SPK-RANC-006 core 0, neuron 0: sends to [301 -300], where there is no core and no output bus",
		"the destination axon is 2, want 0..1", "packet 1 before tick 0: the destination tick is -1")
	n = hand()
	n.Cores[0].Neurons[0].Axon = 2
	n.Packets = [][]Packet{{{To: [2]int{0, 0}}}}
	diagtest.Refused(t, "bus", n.Check(), "core 0, neuron 0: the output is 2, want 0..1", "SPK-RANC-006 packet 0 before tick 0: sends to [0 0], where there is no core")
	for _, encode := range []func(*Network) (map[string][]byte, error){EncodeJSON, EncodeMemories} {
		_, err := encode(n)
		diagtest.Refused(t, "encode", err, "the output is 2")
	}
	many := hand()
	many.Packets = [][]Packet{make([]Packet, 100)}
	diagtest.Refused(t, "many", many.Check(), "SPK-RANC-010 ranc: 50 more problems are not listed")
}

// TestDecodeJSONRefuses: files that are not the simulator's, or not of the RTL's rule.
func TestDecodeJSONRefuses(t *testing.T) {
	good, err := EncodeJSON(hand())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, file, from, to string
		want                 []string
	}{
		{"not JSON", NetworkFile, `{"packets"`, `{"packets`, []string{"SPK-RANC-001 network.json: invalid character"}},
		{"two values", ConfigFile, "}\n", "}{}", []string{"SPK-RANC-001 config.json: more than one JSON value"}},
		{"a key of others", NetworkFile, "destination_core_offset", "destination_core", []string{`unknown field "destination_core"`}},
		{"the shipped reset", ConfigFile, `"neuron_reset_type": 0`, `"neuron_reset_type": 1`, []string{"SPK-RANC-008 config.json: neuron_reset_type is 1, want 0: the RTL resets"}},
		{"other sizes", ConfigFile, `"num_weights": 4`, `"num_weights": 5`, []string{"SPK-RANC-003 config.json: num_weights is 5, want 4"}},
		{"a missing key", NetworkFile, `"leak":3,`, ``, []string{"SPK-RANC-001 core 0, neuron 0: the key leak is missing"}},
		{"values", NetworkFile, `"axons":[2,1],"connections":[[1,0]]`, `"axons":[-1,4],"connections":[[2,-1]]`, []string{"the type of axon 0 is -1, want 0..3", "the type of axon 1 is 4",
			"connection 0 is 2, want 0..1", "connection 1 is -1"}},
		{"lists", NetworkFile, `"connections":[[1,0]]`, `"connections":[]`, []string{"SPK-RANC-003 core 0: connections of 0 neurons, want 1"}},
		{"weights", NetworkFile, `[2,-2,255,-256]`, `[2]`, []string{"1 weights, want 4"}},
		{"mode", NetworkFile, `"reset_mode":1`, `"reset_mode":2`, []string{"the reset mode is 2, want 0..1"}},
		{"null", NetworkFile, `{"coordinates":[0,0],"num_outputs":2}`, `null`, []string{"the key output_bus is missing"}},
		{"huge", ConfigFile, `"num_cores_x": 2`, `"num_cores_x": 2000000000`, []string{"2000000000×1 places"}},
	} {
		files := maps.Clone(good)
		if files[c.file] = bytes.Replace(good[c.file], []byte(c.from), []byte(c.to), 1); bytes.Equal(files[c.file], good[c.file]) {
			t.Fatalf("%s: nothing to change", c.name)
		}
		_, err := DecodeJSON(files)
		diagtest.Refused(t, c.name, err, c.want...)
	}
	_, err = DecodeJSON(nil)
	diagtest.Refused(t, "nothing", err, "SPK-RANC-002 network.json: is missing", "SPK-RANC-002 config.json: is missing")
}

// TestDecodeMemoriesRefuses: files that are not those of the RTL.
func TestDecodeMemoriesRefuses(t *testing.T) {
	good, err := EncodeMemories(hand())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, file, content string
		want                []string
	}{
		{"short", "csram_001.mem", "0101\n", []string{`SPK-RANC-001 csram_001.mem word 0: "0101" of 4 digits, want 107 binary digits`}},
		{"other digits", "tc_001.mem", "10\n0x\n", []string{`tc_001.mem word 1: "0x" of 2 digits`}},
		{"missing words", "tc_001.mem", "10\n", []string{"tc_001.mem: 1 words, want 2"}},
		{"another core's", "csram_002.mem", "", []string{"SPK-RANC-002 csram_002.mem: is no file of a grid of 2×1"}},
		{"half a core", "csram_000.mem", "", []string{"SPK-RANC-002 csram_000.mem: one of this file and tc_000.mem is missing"}},
		{"too many packets", "tb_num_inputs.txt", "2\n", []string{`tb_num_inputs.txt tick 0: "2" packets, want a number of 0..1`}},
		{"a negative number", "tb_num_inputs.txt", "-1\n", []string{`"-1" packets`}},
		{"packets left", "tb_num_inputs.txt", "0\n", []string{"tb_input.txt: 1 packets more than tb_num_inputs.txt counts"}},
	} {
		files := maps.Clone(good)
		files[c.file] = []byte(c.content)
		_, err := DecodeMemories(files, hand().Architecture)
		diagtest.Refused(t, c.name, err, c.want...)
	}
	_, err = DecodeMemories(good, Architecture{})
	diagtest.Refused(t, "no sizes", err, "SPK-RANC-003 grid: 0×0 places")
	commented := maps.Clone(good)
	commented["tc_001.mem"] = []byte("// types\n10 // of axon 0\n\n01\n")
	if n, err := DecodeMemories(commented, hand().Architecture); err != nil || !slices.Equal(n.Cores[0].Types, []uint8{2, 1}) {
		t.Errorf("comments: %v", err)
	}
}

// TestFromLayoutRefuses: cores that a grid cannot hold; a smaller core is filled up with neurons that never fire.
func TestFromLayoutRefuses(t *testing.T) {
	a := hand().Architecture
	for _, c := range []struct {
		name   string
		change func(l *Layout)
		want   string
	}{
		{"places", func(l *Layout) { l.Places = nil }, "SPK-RANC-009 layout: 0 places for 1 cores"},
		{"synapses", func(l *Layout) { l.Cores[0].Synapses[0].Synapses = &image.Identity{N: 1} }, "core 0: has other synapses than one crossbar of typed axons"},
		{"types", func(l *Layout) { l.Cores[0].Synapses[0].Synapses = image.NewTyped(2, 1, 5) }, "core 0: has 5 types, 2 axons and 1 neurons, want at most 4, 2 and 1"},
		{"reset", func(l *Layout) { l.Cores[0].Registers["reset"] = []int32{1} }, "core 0, neuron 0: resets by mode 1, want 0 or 2"},
		{"no target", func(l *Layout) { l.Outputs = nil }, "core 0, neuron 0: sends to 0 places, want one"},
		{"two targets", func(l *Layout) { l.Cores[0].Routes = []image.Route{{Count: 1, Core: 0}} }, "core 0, neuron 0: sends to 2 places, want one"},
		{"output", func(l *Layout) { l.Outputs[0].Neuron = 1 }, "outputs: neuron 1 of core 0, which there is not"},
		{"route", func(l *Layout) { l.Cores[0].Routes = []image.Route{{First: -1, Count: 1}} }, "core 0: has a route"},
		{"value", func(l *Layout) { l.Cores[0].Registers["leak"] = []int32{999} }, "SPK-RANC-004 core 0, neuron 0: the leak is 999"},
	} {
		l := hand().Layout()
		c.change(l)
		_, err := FromLayout(l, a)
		diagtest.Refused(t, c.name, err, c.want)
	}
	_, err := FromLayout(hand().Layout(), Architecture{})
	diagtest.Refused(t, "sizes", err, "SPK-RANC-003")
	a.Axons, a.Neurons = 3, 2
	n, err := FromLayout(hand().Layout(), a)
	if err != nil {
		t.Fatal(err)
	}
	if u := n.Cores[0].Neurons[1]; u.Positive != 255 || u.Negative != -256 || u.Potential != 0 || u.Leak != 0 || slices.Contains(u.Connected, true) || len(n.Cores[0].Types) != 3 {
		t.Errorf("filled up with %+v and axons of the types %v", u, n.Cores[0].Types)
	}
}

// FuzzDecodeJSON feeds any bytes to the reader: it gives a network that writes back to the same, or diagnostics.
func FuzzDecodeJSON(f *testing.F) {
	for seed := range uint64(4) {
		files, err := EncodeJSON(random(seed))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(files[NetworkFile], files[ConfigFile])
	}
	f.Add([]byte(`{"cores":[{"connections":[[],null]}]}`), []byte(`{"num_axons":-1}`))
	f.Fuzz(func(t *testing.T, network, config []byte) {
		n, err := DecodeJSON(map[string][]byte{NetworkFile: network, ConfigFile: config})
		fuzzed(t, n, err, EncodeJSON, DecodeJSON)
	})
}

// FuzzDecodeMemories does the same with the files of a grid of 2×1.
func FuzzDecodeMemories(f *testing.F) {
	files, err := EncodeMemories(hand())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(files["csram_001.mem"], files["tc_001.mem"], files["tb_input.txt"], files["tb_num_inputs.txt"])
	f.Add([]byte("0"), []byte("//"), []byte("1"), []byte("99999999999999999999"))
	a := hand().Architecture
	f.Fuzz(func(t *testing.T, csram, types, input, counts []byte) {
		n, err := DecodeMemories(map[string][]byte{"csram_001.mem": csram, "tc_001.mem": types, inputFile: input, countsFile: counts}, a)
		fuzzed(t, n, err, EncodeMemories, func(files map[string][]byte) (*Network, error) { return DecodeMemories(files, a) })
	})
}

// fuzzed fails unless a reader gave diagnostics, or a network that comes back as it was written.
func fuzzed(t *testing.T, n *Network, err error, encode func(*Network) (map[string][]byte, error), decode func(map[string][]byte) (*Network, error)) {
	var failure *diag.Failure
	switch {
	case err != nil && !errors.As(err, &failure):
		t.Fatalf("an error without diagnostics: %v", err)
	case err != nil:
		return
	}
	files, err := encode(n)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := decode(files); err != nil || !reflect.DeepEqual(same, n) {
		t.Fatalf("%v: %+v, want %+v", err, same, n)
	}
	n.Layout()
}
