package inspect

import (
	"slices"
	"strings"
	"testing"

	"spikec/convert"
	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/onnx"
	"spikec/target/chip"
)

const bundled = "../../../../models/zoo/mnist_cnn_bnmax.onnx"

// TestChanges checks that every rule that a rule-breaking network breaks is named with the nodes it concerns.
func TestChanges(t *testing.T) {
	for _, c := range []struct {
		rules convert.Rules
		want  map[string]int // changes a pass
	}{
		{convert.Strict, map[string]int{"fold-affine": 2, "average-pooling": 2, "zero-bias": 3}},
		{convert.Best, map[string]int{"fold-affine": 2, "compare-pools": 2}}, // what build begins with
	} {
		r, err := Run(t.Context(), bundled, onnx.Options{}, c.rules, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, change := range r.Changes {
			got[change.Pass]++
			if !slices.ContainsFunc(r.Layers, func(l Layer) bool { return l.Name == change.Node }) {
				t.Errorf("rules %s: %+v is about no layer", c.rules, change)
			}
		}
		for pass, n := range c.want {
			if got[pass] != n {
				t.Errorf("rules %s: pass %s changes %d nodes, want %d", c.rules, pass, got[pass], n)
			}
		}
		if c.rules == convert.Best && got["zero-bias"] > 0 {
			t.Errorf("rules best take %d biases away", got["zero-bias"])
		}
	}
}

// TestCounts checks parameters and multiplications against hand calculation: conv 16·25+16, conv 48·16·25+48, fully
// connected 768·10+10, and two values a channel of batch normalisation.
func TestCounts(t *testing.T) {
	r, err := Run(t.Context(), bundled, onnx.Options{}, convert.Strict, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := 16*25 + 16 + 48*16*25 + 48 + 768*10 + 10 + 2*(16+48); r.Parameters != want {
		t.Errorf("got %d parameters, want %d", r.Parameters, want)
	}
	multiplications := int64(16*25*24*24 + 48*16*25*8*8 + 768*10)
	if normalised := int64(16*24*24 + 48*8*8); r.MACs != multiplications+normalised {
		t.Errorf("got %d MACs, want %d", r.MACs, multiplications+normalised)
	}
}

// TestFit checks each limit at what the network needs, and one below.
func TestFit(t *testing.T) {
	// 16·24·24 + 48·8·8 + 10 = 12298 neurons; the largest fan-in is that of the last layer, 768.
	for _, c := range []struct {
		name                  string
		cores, neurons, fanIn int
		want                  []string
	}{
		{"all fits", 3, 9216, 768, nil},
		{"one core too few", 2, 9216, 768, []string{"SPK-INSP-002"}},
		{"cores one neuron too small", 3, 9215, 768, []string{"SPK-INSP-002"}},
		{"one input too few", 3, 9216, 767, []string{"SPK-INSP-001"}},
		{"nothing fits", 1, 1, 24, []string{"SPK-INSP-001", "SPK-INSP-001", "SPK-INSP-001", "SPK-INSP-002"}},
	} {
		p, err := chip.Load("generic8")
		if err != nil {
			t.Fatal(err)
		}
		p.Capacity.Cores, p.Capacity.Neurons, p.Capacity.FanIn = &c.cores, &c.neurons, &c.fanIn
		r, err := Run(t.Context(), bundled, onnx.Options{}, convert.Strict, p)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range r.Diagnostics {
			got = append(got, d.ID)
		}
		if !slices.Equal(got, c.want) || r.Fits() != (c.want == nil) {
			t.Errorf("%s: got %v, fits: %v, want %v", c.name, got, r.Fits(), c.want)
		}
	}
}

// residual is relu(conv(relu(conv(r))) + r) with r = relu(conv(x)), then a pool, a convolution and an output.
func residual(t *testing.T) *ann.Graph {
	t.Helper()
	g := ann.NewGraph("residual", "x", ann.Shape{1, 8, 8})
	add := func(name string, op ann.Op, in ...int) int {
		t.Helper()
		i, err := g.Add(name, op, in...)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	padded := window.Square(3, 1)
	padded.PadBegin, padded.PadEnd = [2]int{1, 1}, [2]int{1, 1}
	conv := func(in, out int, w window.Window2d) *ann.Conv {
		return &ann.Conv{Window: w, In: in, Out: out, Groups: 1, Weight: make([]float32, in*out*w.Kernel[0]*w.Kernel[1])}
	}
	first := add("first", ann.Relu{}, add("conv1", conv(1, 4, padded), 0))
	mid := add("mid", ann.Relu{}, add("conv2", conv(4, 4, padded), first))
	sum := add("sum", ann.Add{}, add("conv2b", conv(4, 4, padded), mid), first)
	second := add("second", ann.Relu{}, sum)
	pool := add("pool", &ann.AveragePool{Window: window.Square(2, 2)}, second)
	third := add("third", ann.Relu{}, add("conv3", conv(4, 5, window.Square(3, 1)), pool))
	flat := add("flat", ann.Flatten{}, third)
	g.Output = add("fc", &ann.Linear{Weight: make([]float32, 10*20), In: 20, Out: 10}, flat)
	return g
}

// TestRelays: the skip from first to second passes mid, so that one relay of 4·8·8 neurons stands behind first, where spikes
// travel; the cores of the network count it.
// TestOneCore looks at targets of one core: one that holds all layers side by side, and one that holds one after the other.
func TestOneCore(t *testing.T) {
	for _, c := range []struct {
		model, target string
		want          []string
	}{
		{"mnist_mlp_14x14", "reckon", nil},
		{"mnist_mlp_14x14", "tinyodin", nil},
		{"mnist_cnn_plain", "reckon", []string{"values than the core of reckon (784, limit 256)", "neurons in all hidden layers together than the core of reckon (11008, limit 256)"}},
		{"mnist_cnn_plain", "tinyodin", []string{"at a time (6912, limit 256)", "at a time (4096, limit 256)"}},
	} {
		p, err := chip.Load(c.target)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(t.Context(), "../../../../models/zoo/"+c.model+".onnx", onnx.Options{}, convert.Strict, p)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range r.Diagnostics {
			if d.ID == "SPK-INSP-002" {
				got = append(got, d.String())
			}
		}
		ok := len(got) == len(c.want) && r.Fits() == (c.want == nil)
		for i := range c.want {
			ok = ok && strings.Contains(got[i], c.want[i])
		}
		if !ok {
			t.Errorf("%s on %s: got %q, want %q", c.model, c.target, got, c.want)
		}
	}
}

func TestRelays(t *testing.T) {
	for latency, relays := range map[int]int{0: 0, 1: 1, 5: 1} {
		p, err := chip.Load("generic8")
		if err != nil {
			t.Fatal(err)
		}
		g, neurons, cores := residual(t), 1, 4*8*8*(3+relays)+5*2*2+10-1
		p.Execution.Latency, p.Capacity.Neurons, p.Capacity.Cores = latency, &neurons, &cores
		_, got := connections(g, p)
		for i, n := range g.Nodes {
			if want := map[string]int{"first": relays}[n.Name]; got[i] != want {
				t.Errorf("latency %d: %d relays behind %s, want %d", latency, got[i], n.Name, want)
			}
		}
		found := fit(g, p)
		if len(found) != 1 || found[0].ID != idCores || found[0].Value != cores+1 {
			t.Errorf("latency %d: %v, want one core too few", latency, found)
		}
	}
}

// TestConnections checks the bounds on routes against hand calculation: mid reads 4·3·3 neurons, second one more, third 4·6·6,
// and fc 20; the first layer is computed by the host.
func TestConnections(t *testing.T) {
	for _, c := range []struct {
		name           string
		latency, axons int
		want           []string
	}{
		{"all fits", 0, 144, nil},
		{"a skip over a relay", 1, 144, nil},
		{"an axon too few", 0, 143, []string{"warning SPK-INSP-004 third"}},
		{"far too few", 0, 36, []string{"warning SPK-INSP-004 second", "error SPK-INSP-004 third"}},
		{"few enough for all", 0, 19, []string{"warning SPK-INSP-004 mid", "warning SPK-INSP-004 second", "error SPK-INSP-004 third", "warning SPK-INSP-004 fc"}},
	} {
		p, err := chip.Load("generic8")
		if err != nil {
			t.Fatal(err)
		}
		p.Execution.Latency, p.Capacity.AxonsIn = c.latency, &c.axons
		var got []string
		for _, d := range fit(residual(t), p) {
			got = append(got, d.Severity.String()+" "+d.ID+" "+d.Subject)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
