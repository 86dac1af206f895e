package nir

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/golden"
	"spikec/internal/hdf5"
	"spikec/internal/window"
	"spikec/models/snn"
)

// sample is a network with a grouped convolution, unequal paddings, a pool, a skip connection, biases, and 3 classes.
func sample(reset snn.Reset, output snn.Neuron) *snn.Network {
	r := rand.New(rand.NewPCG(1, 2))
	weights := func(n int, by float64) []float32 {
		w := make([]float32, n)
		for i := range w {
			w[i] = float32(math.Round(r.NormFloat64()*by*256) / 256)
		}
		return w
	}
	win := func(k, stride, begin, end int) window.Window2d {
		w := window.Square(k, stride)
		w.PadBegin, w.PadEnd = [2]int{begin, begin}, [2]int{end, end}
		return w
	}
	pool := window.Square(2, 2)
	kind := snn.Count
	if output == snn.Integrator {
		kind = snn.Membrane
	}
	first := weights(4*2*3*3, 1)
	for i := range first {
		first[i] /= 256
	}
	return &snn.Network{Name: "sample", Steps: 16, Reset: reset, Initial: 0.5, Readout: snn.Readout{Kind: kind, Delay: 2},
		Populations: []snn.Population{
			{Name: "input", Shape: [3]int{2, 8, 8}, Neuron: snn.Input},
			{Name: "conv1", Shape: [3]int{4, 8, 8}, Neuron: snn.IF, Bias: []float64{0.125, -0.25, 0, 0.5}, Scale: []float64{1, 2, 3, 4}},
			{Name: "conv2", Shape: [3]int{4, 4, 4}, Neuron: snn.IF, Scale: []float64{1, 1, 1, 0.3}},
			{Name: "classes", Shape: [3]int{3, 1, 1}, Neuron: output, Bias: []float64{0, 0.25, 0}, Scale: []float64{1, 1, 1}},
		},
		Projections: []snn.Projection{
			{Source: 0, Target: 1, Window: win(3, 1, 0, 2), Groups: 1, Weight: first},
			{Source: 1, Target: 2, Pool: &pool, Window: win(1, 1, 0, 0), Groups: 4, Weight: weights(4, 0.5), Identity: true},
			{Source: 1, Target: 2, Window: win(4, 2, 2, 0), Groups: 2, Weight: weights(4*2*16, 0.3)},
			{Source: 2, Target: 3, Pool: &pool, Window: win(2, 2, 0, 0), Groups: 1, Weight: weights(3*4*4, 0.4)},
		},
	}
}

// codes are random, C,H,W order.
func codes(seed uint64, n int) []float32 {
	r := rand.New(rand.NewPCG(3, seed))
	c := make([]float32, n)
	for i := range c {
		c[i] = float32(r.IntN(256))
	}
	return c
}

// TestPlay compares Play with the simulator, whose rules it is given.
func TestPlay(t *testing.T) {
	for _, reset := range []snn.Reset{snn.Subtract, snn.Zero} {
		for _, output := range []snn.Neuron{snn.IF, snn.Integrator} {
			net := sample(reset, output)
			net.Initial, net.Readout.Delay = 0, 0
			sim, err := snn.NewSimulator(net, net.Steps)
			if err != nil {
				t.Fatal(err)
			}
			loop := sim.NewLoop()
			for seed := range uint64(5) {
				in := codes(seed, 128)
				hwc := make([]float32, len(in))
				snn.ToHWC(hwc, in, net.Populations[0].Shape)
				want, err := loop.Run(hwc, 0, nil)
				if err != nil {
					t.Fatal(err)
				}
				got, err := Play(net, Rules{Reset: reset}, in)
				if err != nil {
					t.Fatal(err)
				}
				for i := 1; i < 3; i++ {
					sum := float32(0)
					for _, x := range got[i] {
						sum += x
					}
					if int64(sum) != want.Spikes[i] || sum == 0 {
						t.Errorf("%s: population %d sends %g spikes, want %d", reset, i, sum, want.Spikes[i])
					}
				}
				for k, x := range got[3] {
					w := float32(want.Counts[len(want.Counts)-1][k])
					if output == snn.Integrator {
						w = want.Potentials[len(want.Potentials)-1][k]
					}
					if x != w {
						t.Errorf("%s: class %d is %g, want %g", reset, k, x, w)
					}
				}
			}
		}
	}
}

// TestRules compares the rules of readers with answers worked out by hand: one neuron that gets 2.5, −4, 1, 1 and 1.
func TestRules(t *testing.T) {
	for _, c := range []struct {
		rules Rules
		want  []float32
	}{
		{Rules{Reset: snn.Subtract}, []float32{1, 0, 0, 0, 0}},                             // 1.5, −2.5, −1.5, −0.5, 0.5
		{Rules{Reset: snn.Zero}, []float32{1, 0, 0, 0, 0}},                                 // 0, −4, −3, −2, −1
		{Rules{Reset: snn.Subtract, Several: true}, []float32{2, 0, 0, 0, 0}},              // 0.5, −3.5, −2.5, −1.5, −0.5
		{Rules{Reset: snn.Subtract, Several: true, Floor: true}, []float32{2, 0, 0, 1, 1}}, // 0.5, −1, 0, 1 → 0, 1 → 0
		{Rules{Reset: snn.Zero, Strict: true, Floor: true}, []float32{1, 0, 0, 0, 1}},      // 0, −1, 0, 1, 2 → 0
	} {
		v := float32(0)
		var got []float32
		for _, x := range []float32{2.5, -4, 1, 1, 1} {
			v += x
			got = append(got, c.rules.fire(&v))
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.rules, got, c.want)
		}
	}
}

// TestReadBack writes networks in every dialect, reads them, and compares what the two do.
func TestReadBack(t *testing.T) {
	for _, name := range DialectNames() {
		d := Dialects[name]
		for _, output := range []snn.Neuron{snn.IF, snn.Integrator} {
			net := sample(snn.Subtract, output)
			data, found, err := Write(net, d)
			if err != nil || found.HasErrors() {
				t.Fatal(err)
			}
			f, found, err := Read("sample.nir", data)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got := f.Network
			if (output == snn.Integrator && !d.Integrator || name == "spikingjelly") == (len(found) == 0) {
				t.Errorf("%s: found %v", name, found)
			}
			if got.Name != net.Name || got.Steps != net.Steps || got.Reset != net.Reset || got.Initial != net.Initial || got.Readout != net.Readout {
				t.Errorf("%s: read %+v", name, got)
			}
			if p := got.Populations; p[1].Name != "conv1" || !reflect.DeepEqual(p[2].Scale, net.Populations[2].Scale) || p[3].Neuron != output {
				t.Errorf("%s: read populations %+v", name, p)
			}
			for seed := range uint64(3) {
				in := codes(seed, 128)
				want, err := Play(net, Rules{Reset: snn.Subtract}, in)
				if err != nil {
					t.Fatal(err)
				}
				is, err := Play(got, Rules{Reset: snn.Subtract}, in)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(is, want) {
					t.Errorf("%s: the network that was read sends other spikes", name)
				}
			}
		}
	}
}

// TestBorder: what is put around pictures stands in the metadata, and must fit the input.
func TestBorder(t *testing.T) {
	net := sample(snn.Subtract, snn.IF)
	in := net.Populations[0].Shape
	for want, b := range map[string]*snn.Border{
		"":             {Begin: [2]int{1, 0}, End: [2]int{2, 1}, Codes: make([]uint8, in[0])},
		"around":       {Begin: [2]int{in[1], 0}, Codes: make([]uint8, in[0])},
		"with 0 codes": {Begin: [2]int{1, 1}},
		"a border of":  {Begin: [2]int{-1, 1}, Codes: make([]uint8, in[0])},
	} {
		net.Border = b
		data, _, err := Write(net, Dialects["generic"])
		if err != nil {
			t.Fatal(err)
		}
		f, _, err := Read("sample.nir", data)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
		if err == nil && !reflect.DeepEqual(f.Network.Border, b) {
			t.Errorf("read %+v, want %+v", f.Network.Border, b)
		}
	}
}

// TestWriteRefuses lists what has no words in NIR, all of it at once.
func TestWriteRefuses(t *testing.T) {
	net := sample(snn.Subtract, snn.IF)
	net.Firing = snn.Staged
	net.Projections[0].Window.Dilation = [2]int{3, 3} // 2 rows more below are no number of taps
	net.Projections[3].Pool.PadEnd = [2]int{1, 0}
	_, found, err := Write(net, Dialects["generic"])
	if err == nil {
		t.Fatal("was written")
	}
	golden.File(t, "write_refused.txt", lines(found))
}

func lines(found diag.List) string {
	var b strings.Builder
	for _, d := range found {
		b.WriteString(d.String() + "\n")
	}
	return b.String()
}

// foreign is a file as other programs write it: three neurons a node, one chain.
func foreign(change func(nodes map[string]hdf5.Node, edges *[]string)) []byte {
	node := func(kind string, p params) *hdf5.Group {
		p["type"] = hdf5.Scalar(kind)
		return &hdf5.Group{Links: p}
	}
	nodes := map[string]hdf5.Node{
		"input":  node("Input", params{"shape": hdf5.Array([]int64{2})}),
		"fc":     node("Linear", params{"weight": hdf5.Array([]float32{1, 2, 3, 4, 5, 6}, 3, 2)}),
		"scale":  node("Scale", params{"scale": hdf5.Array([]float32{1, 2, 4})}),
		"lif":    node("CubaLIF", params{"tau_syn": hdf5.Scalar(1e-4), "tau_mem": hdf5.Scalar(float32(1e10)), "r": hdf5.Scalar(1e14), "v_leak": hdf5.Scalar(0.0), "v_threshold": hdf5.Scalar(2.0), "w_in": hdf5.Scalar(0.5)}),
		"output": node("Output", params{"shape": hdf5.Array([]int64{3})}),
	}
	edges := []string{"input", "fc", "fc", "scale", "scale", "lif", "lif", "output"}
	if change != nil {
		change(nodes, &edges)
	}
	data, err := hdf5.Write(&hdf5.Group{Links: map[string]hdf5.Node{"version": hdf5.Scalar("0.1"), "node": &hdf5.Group{Links: map[string]hdf5.Node{
		"type": hdf5.Scalar("NIRGraph"), "edges": hdf5.Array(edges, len(edges)/2, 2), "nodes": &hdf5.Group{Links: nodes}}}}})
	if err != nil {
		panic(err)
	}
	return data
}

// TestForeign folds scales, thresholds and resistances into weights.
func TestForeign(t *testing.T) {
	f, found, err := Read("net.nir", foreign(nil))
	if err != nil {
		t.Fatalf("%v", err)
	}
	net := f.Network
	want := []float32{0.25, 0.5, 1.5, 2, 5, 6} // scale · w_in/threshold
	got := net.Projections[0].Weight
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 1e-6 {
			t.Fatalf("weights %v, want %v", got, want)
		}
	}
	if net.Steps != 0 || net.Reset != snn.Zero || net.Readout.Kind != snn.Count || len(net.Populations) != 2 || len(found) != 0 {
		t.Errorf("read %+v, %v", net, found)
	}
}

// TestReadRefuses names what is wrong with files, by the name of the node.
func TestReadRefuses(t *testing.T) {
	var b strings.Builder
	try := func(what string, data []byte) {
		_, found, err := Read("net.nir", data)
		if err == nil {
			t.Errorf("%s: is read", what)
		}
		b.WriteString("== " + what + "\n" + lines(found))
	}
	try("nothing", nil)
	empty, err := hdf5.Write(&hdf5.Group{})
	if err != nil {
		t.Fatal(err)
	}
	try("another file of HDF5", empty)
	for _, c := range []struct {
		what, node, key string
		value           hdf5.Node // nil takes it away
	}{
		{"a type that is not read", "fc", "type", hdf5.Scalar("Conv3d")},
		{"a type that no network of rates has", "fc", "type", hdf5.Scalar("Delay")},
		{"no weights", "fc", "weight", nil},
		{"a dataset too many", "fc", "bias2", hdf5.Scalar(1.0)},
		{"weights of another size", "fc", "weight", hdf5.Array([]float32{1, 2, 3}, 3, 1)},
		{"weights that are text", "fc", "weight", hdf5.Array([]string{"a", "b"}, 1, 2)},
		{"infinite weights", "fc", "weight", hdf5.Array([]float32{float32(math.Inf(1)), 1}, 1, 2)},
		{"a leak", "lif", "tau_mem", hdf5.Scalar(0.02)},
		{"lasting current", "lif", "tau_syn", hdf5.Scalar(0.02)},
		{"a reset elsewhere", "lif", "v_reset", hdf5.Scalar(-1.0)},
		{"a threshold of 0", "lif", "v_threshold", hdf5.Scalar(0.0)},
		{"thresholds of another size", "lif", "v_threshold", hdf5.Array([]float64{1, 2})},
		{"an input of two dimensions", "input", "shape", hdf5.Array([]int64{1, 2})},
		{"weights that are not numbers", "fc", "weight", hdf5.Array([]float32{float32(math.NaN()), 1, 1, 1, 1, 1}, 3, 2)},
		{"weights that leave 32 bits", "scale", "scale", hdf5.Scalar(1e300)},
		{"a huge input", "input", "shape", hdf5.Array([]int64{1 << 20, 1 << 20, 1 << 20})},
	} {
		try(c.what, foreign(func(nodes map[string]hdf5.Node, _ *[]string) {
			links := nodes[c.node].(*hdf5.Group).Links
			if links[c.key] = c.value; c.value == nil {
				delete(links, c.key)
			}
		}))
	}
	try("many things at once", foreign(func(nodes map[string]hdf5.Node, edges *[]string) {
		nodes["scale"].(*hdf5.Group).Links["scale"] = hdf5.Array([]float32{1, 2})
		lif := nodes["lif"].(*hdf5.Group).Links
		lif["tau_mem"], lif["tau_syn"], lif["v_reset"], lif["v_leak"] = hdf5.Scalar(0.02), hdf5.Scalar(0.01), hdf5.Scalar(-1.0), hdf5.Scalar(0.5)
		nodes["loop"] = &hdf5.Group{Links: params{"type": hdf5.Scalar("NIRGraph")}}
	}))
	unknown, err := hdf5.Write(&hdf5.Group{Links: params{"node": &hdf5.Group{Links: params{"edges": hdf5.Scalar("input"),
		"nodes": &hdf5.Group{Links: params{"input": &hdf5.Group{Links: of("Input", params{"shape": hdf5.Array([]int64{2})})}}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	try("edges that are no pairs", unknown)
	try("two populations of one name", chainOf(t, []int64{2}, []int64{1},
		of("Linear", params{"weight": hdf5.Array([]float32{1, 2}, 1, 2)}),
		of("IF", params{"r": hdf5.Scalar(1.0), "v_threshold": hdf5.Scalar(1.0)}),
		of("Linear", params{"weight": hdf5.Array([]float32{3}, 1, 1)}),
		of("IF", params{"r": hdf5.Scalar(1.0), "v_threshold": hdf5.Scalar(1.0), "metadata": &hdf5.Group{Links: params{metaName: hdf5.Scalar("b")}}})))
	for _, c := range []struct {
		what  string
		edges []string
	}{
		{"a circle", []string{"input", "fc", "fc", "scale", "scale", "lif", "lif", "output", "lif", "fc"}},
		{"an end that is loose", []string{"input", "fc", "fc", "scale", "scale", "output"}},
		{"a node that does not exist", []string{"input", "fc", "fc", "scale", "scale", "lif", "lif", "output", "lif", "more"}},
		{"an edge twice", []string{"input", "fc", "fc", "scale", "fc", "scale", "scale", "lif", "lif", "output"}},
		{"no edges", nil},
	} {
		try(c.what, foreign(func(_ map[string]hdf5.Node, e *[]string) { *e = c.edges }))
	}
	golden.File(t, "read_refused.txt", b.String())
}

// FuzzRead reads anything; a network that is read runs.
func FuzzRead(f *testing.F) {
	f.Add(foreign(nil))
	for _, name := range DialectNames() {
		data, _, err := Write(sample(snn.Zero, snn.Integrator), Dialects[name])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, _, err := Read("fuzz.nir", data)
		if err != nil {
			return
		}
		net := file.Network
		work := 0
		for i := range net.Populations {
			work += net.Populations[i].Size()
		}
		for _, p := range net.Projections {
			work += len(p.Weight)
		}
		if work > 1<<16 {
			return
		}
		net.Steps = 2
		if _, err := Play(net, Rules{}, make([]float32, net.Populations[0].Size())); err != nil {
			t.Error(err)
		}
	})
}
