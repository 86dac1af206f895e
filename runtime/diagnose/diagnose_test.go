package diagnose

import (
	"context"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"spikec/convert"
	"spikec/emulator/encoder"
	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/snn"
	"spikec/runtime/ladder"
)

// pictures are images of codes, an input being code/128.
func pictures(codes ...[]float32) (convert.Preprocess, convert.Images) {
	return convert.Preprocess{Scale: []float64{1.0 / 128}}, convert.Images{N: len(codes),
		Codes: func(i int, dst []float32) { copy(dst, codes[i]) },
		Inputs: func(i int, dst []float32) {
			for k, c := range codes[i] {
				dst[k] = c / 128
			}
		}}
}

// chain makes a network of fully connected layers with rectifiers between.
func chain(t *testing.T, inputs int, weights ...[]float32) *ann.Graph {
	t.Helper()
	g := ann.NewGraph("net", "x", ann.Shape{inputs})
	for k, w := range weights {
		add(t, g, "fc"+string(rune('1'+k)), &ann.Linear{Weight: w, In: inputs, Out: len(w) / inputs})
		inputs = len(w) / inputs
		if k+1 < len(weights) {
			add(t, g, "relu"+string(rune('1'+k)), ann.Relu{})
		}
	}
	return g
}

func add(t *testing.T, g *ann.Graph, name string, op ann.Op, inputs ...int) int {
	t.Helper()
	if inputs == nil {
		inputs = []int{g.Output}
	}
	i, err := g.Add(name, op, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// options leave weights as they are, and take the largest activation of a layer for its factor.
func options(steps int) convert.Options {
	return convert.Options{Rules: convert.Best, Normalization: "data", Percentile: 100, Encoding: "constant", Readout: snn.Readout{Kind: snn.Membrane},
		Reset: snn.Subtract, Initial: 0.5, Steps: steps, Jobs: 2, Pooling: convert.AveragePooling, Disable: map[string]bool{"refit": true, "rate-refit": true}}
}

// look converts g and diagnoses that.
func look(t *testing.T, g *ann.Graph, pre convert.Preprocess, images convert.Images, firing snn.Firing, o convert.Options) (*convert.Result, *ladder.Diagnosis, string) {
	t.Helper()
	r, err := convert.Run(context.Background(), g, pre, images, convert.Capabilities{Bias: true, PerNeuronThreshold: true, Firing: firing}, o)
	if err != nil {
		t.Fatal(err)
	}
	d, found, err := Run(context.Background(), r, images, 2)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, x := range found {
		said = append(said, x.ID+" "+x.Subject)
	}
	return r, d, strings.Join(said, "; ")
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-6) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// TestQuantisation: at T = 4 drives of 0.1875, 0.625 and 1 are 0.25, 0.75 and 1 (4·0.625 + ½ = 3); with 0.15625, 0.25.
// Nothing else is lost.
func TestQuantisation(t *testing.T) {
	pre, images := pictures([]float32{24}, []float32{84}, []float32{128}, []float32{0})
	_, d, _ := look(t, chain(t, 1, []float32{1}, []float32{-1, 1}), pre, images, snn.Plain, options(4))
	l := d.Layers[0]
	a := []float64{24.0 / 128, 84.0 / 128, 1, 0} // thrice 4a + ½ = 1.25, 3.125, 4.5
	phi := []float64{0.25, 0.75, 1, 0}
	errors, squares := 0.0, 0.0
	for i := range a {
		errors, squares = errors+(phi[i]-a[i])*(phi[i]-a[i]), squares+a[i]*a[i]
	}
	near(t, "NMSE", *l.NMSE, errors/squares)
	near(t, "quantisation", l.Costs.Quantisation, 1)
	near(t, "rate", l.Rate, 2.0/4)
	near(t, "saturated", l.Saturated, 1.0/4)
	near(t, "uneven", l.Uneven, 0)
	near(t, "correlation", *l.Correlation, pearson(a, phi))
	if d.N != 4 || d.Tailored != 1 || d.Cause != "" || d.Next != "" || d.First != "" || d.Worst != "" || l.Name != "relu1" || !l.Fires || d.Layers[1].Fires {
		t.Errorf("got %+v", d)
	}
}

// pearson is the definition.
func pearson(x, y []float64) float64 {
	var mx, my, xy, xx, yy float64
	for i := range x {
		mx, my = mx+x[i]/float64(len(x)), my+y[i]/float64(len(x))
	}
	for i := range x {
		xy, xx, yy = xy+(x[i]-mx)*(y[i]-my), xx+(x[i]-mx)*(x[i]-mx), yy+(y[i]-my)*(y[i]-my)
	}
	return xy / math.Sqrt(xx*yy)
}

// TestClipping: the median of the drives ½ and 1 is λ, and a drive of 1 is cut to it. The output takes 3/4 for the other
// class.
func TestClipping(t *testing.T) {
	o := options(64)
	o.Percentile = 50
	pre, images := pictures([]float32{64}, []float32{128})
	g := ann.NewGraph("net", "x", ann.Shape{1})
	add(t, g, "fc1", &ann.Linear{Weight: []float32{1}, In: 1, Out: 1})
	add(t, g, "relu1", ann.Relu{})
	add(t, g, "fc2", &ann.Linear{Weight: []float32{0, 1}, Bias: []float32{0.75, 0}, In: 1, Out: 2})
	r, d, said := look(t, g, pre, images, snn.Plain, o)
	l, scale := d.Layers[0], r.Network.Populations[r.Layers[0].Population].Scale[0]
	if !(scale >= 0.5 && scale < 0.501) {
		t.Fatalf("λ is %v", scale)
	}
	q := 0.5 - scale*math.Floor(64*0.5/scale+0.5)/64
	clipped := (1 - scale) * (1 - scale)
	near(t, "NMSE", *l.NMSE, (clipped+q*q)/1.25)
	near(t, "clipping", l.Costs.Clipping, clipped/(clipped+q*q))
	if l.Costs.Clipping < 0.99 || d.Cause != ladder.CauseClipping || d.First != "relu1" || d.Worst != "relu1" || d.Drop != 0.5 || l.Agreement != 0.5 || d.Layers[1].Agreement != 0.5 {
		t.Errorf("got %+v", d)
	}
	if !strings.Contains(d.Next, "--percentile") || !strings.Contains(said, "SPK-DIAG-003 relu1") || !strings.Contains(said, "SPK-DIAG-001 relu1, fc2") {
		t.Errorf("next %q, said %q", d.Next, said)
	}
	// 64 steps of 1 in, 64 spikes of λ out: far above two thresholds.
	near(t, "over-active", l.OverActive, 0.5)
}

// TestLimit: the trained network cuts a drive of 1 to ½ itself, and the neuron that fires in every step stands for that:
// nothing is lost.
func TestLimit(t *testing.T) {
	pre, images := pictures([]float32{32}, []float32{64}, []float32{128})
	g := ann.NewGraph("net", "x", ann.Shape{1})
	add(t, g, "fc1", &ann.Linear{Weight: []float32{1}, In: 1, Out: 1})
	add(t, g, "clip1", ann.Clip{Min: 0, Max: 0.5})
	add(t, g, "fc2", &ann.Linear{Weight: []float32{1, -1}, In: 1, Out: 2})
	_, d, said := look(t, g, pre, images, snn.Plain, options(64))
	if l := d.Layers[0]; *l.NMSE > 1e-12 || l.Costs != (ladder.Costs{}) || l.OverActive != 0 || math.Abs(l.Saturated-2.0/3) > 1e-9 || said != "" {
		t.Errorf("got %+v, said %q", l, said)
	}
}

// uneven is a network of which the second layer, A − 2B, gets a spike of A in steps 1 and 3 and one of B in step 2, where
// A = ½ and B = ¼: its mean drive is 0, yet it fires in step 1.
func uneven(t *testing.T) (*ann.Graph, convert.Preprocess, convert.Images) {
	pre, images := pictures([]float32{64, 32}, []float32{128, 0})
	return chain(t, 2, []float32{1, 0, 0, 1}, []float32{1, -2}, []float32{-1, 1}), pre, images
}

func TestUnevenness(t *testing.T) {
	g, pre, images := uneven(t)
	_, d, _ := look(t, g, pre, images, snn.Plain, options(4))
	first, second := d.Layers[0], d.Layers[1]
	near(t, "NMSE of the first layer", *first.NMSE, 0)
	near(t, "NMSE", *second.NMSE, 0.25*0.25)
	near(t, "unevenness", second.Costs.Unevenness, 1)
	near(t, "uneven", second.Uneven, 0.5)
	near(t, "saturated", first.Saturated, 0.25)
	near(t, "agreement behind the first layer", first.Agreement, 1)
	near(t, "agreement behind the second layer", second.Agreement, 0.5)
	if d.Cause != ladder.CauseUnevenness || d.First != "relu2" || d.Worst != "relu2" || d.Drop != 0.5 || d.Tailored != 1 || !strings.Contains(d.Next, "rate-refit") {
		t.Errorf("got %+v", d)
	}
	// Neurons that take spikes back, or wait, do not lose it.
	for _, firing := range []snn.Firing{snn.Signed, snn.Staged} {
		_, d, _ := look(t, g, pre, images, firing, options(4))
		near(t, string(firing)+": NMSE", *d.Layers[1].NMSE, 0)
		if d.Cause != "" || d.Layers[2].Agreement != 1 {
			t.Errorf("%s: got %+v", firing, d)
		}
	}
}

// TestFirst: where agreement is lost little by little, the layer where more than one image in a hundred is gone is named, beside
// that of the largest fall; where no more is gone, none is.
func TestFirst(t *testing.T) {
	for _, c := range []struct {
		agree        []int // of 200 images, by layer
		first, worst string
	}{
		{[]int{199, 198, 197, 190}, "c", "d"}, {[]int{196, 190, 197, 200}, "a", "b"}, {[]int{198, 199, 200, 198}, "", "a"}, {[]int{200, 200, 200, 200}, "", ""},
	} {
		r := &convert.Result{Network: &snn.Network{Populations: []snn.Population{{Neuron: snn.Integrator}}}, Options: convert.Options{Disable: map[string]bool{"refit": true}}}
		s := &sums{images: 200, tailored: 200}
		for k, n := range c.agree {
			r.Layers = append(r.Layers, convert.Layer{Name: string(rune('a' + k))})
			s.layers = append(s.layers, layerSums{agree: n})
		}
		if d := s.diagnosis(r); d.First != c.first || d.Worst != c.worst {
			t.Errorf("%v: first %q, worst %q; want %q, %q", c.agree, d.First, d.Worst, c.first, c.worst)
		}
	}
}

// TestRules: without its bias the network decides otherwise, with or without time.
func TestRules(t *testing.T) {
	pre, images := pictures([]float32{64}, []float32{128})
	g := ann.NewGraph("net", "x", ann.Shape{1})
	add(t, g, "fc1", &ann.Linear{Weight: []float32{1}, In: 1, Out: 1})
	add(t, g, "relu1", ann.Relu{})
	add(t, g, "fc2", &ann.Linear{Weight: []float32{0, 1}, Bias: []float32{0.75, 0}, In: 1, Out: 2})
	o := options(64)
	o.Rules = convert.Strict
	_, d, _ := look(t, g, pre, images, snn.Plain, o)
	if d.Cause != ladder.CauseRules || d.Tailored != 0.5 || !strings.Contains(d.Next, "re-fit") || d.First != "fc2" || d.Worst != "fc2" {
		t.Errorf("got %+v", d)
	}
	o.Disable = map[string]bool{"rate-refit": true}
	if _, d, _ := look(t, g, pre, images, snn.Plain, o); d.Cause != ladder.CauseRules || !strings.Contains(d.Next, "--rules best") {
		t.Errorf("got %+v", d)
	}
}

// TestDead: of three channels one never fires because its weight is negative, and one because it is too small for T.
func TestDead(t *testing.T) {
	pre, images := pictures([]float32{64}, []float32{128})
	_, d, said := look(t, chain(t, 1, []float32{1, -1, 0.01}, []float32{1, 0, 0, 0, 1, 1}), pre, images, snn.Plain, options(8))
	l := d.Layers[0]
	near(t, "dead", l.Dead, 2.0/3)
	if l.DeadChannels != 2 || l.WorstChannel.Channel != 2 || *l.WorstChannel.Correlation != 0 || strings.Contains(said, "DIAG-002") {
		t.Errorf("got %+v, said %s", l, said)
	}
	w := make([]float32, 40)
	for i := range w {
		w[i] = -1
	}
	w[0] = 1
	_, d, said = look(t, chain(t, 1, w, make([]float32, 80)), pre, images, snn.Plain, options(8))
	if l := d.Layers[0]; l.DeadChannels != 39 || !strings.Contains(said, "SPK-DIAG-002 relu1") {
		t.Errorf("got %+v, said %s", l, said)
	}
	// The output is 0 everywhere: nothing can be said of it, and no number is missing or infinite.
	if o := d.Layers[1]; o.Correlation != nil || o.Slope != nil || o.NMSE != nil || o.WorstChannel != nil || o.Costs != (ladder.Costs{}) {
		t.Errorf("got %+v", o)
	}
}

// residual is a random network with a connection past a layer, pools and biases.
func residual(t *testing.T) *ann.Graph {
	r := rand.New(rand.NewPCG(3, 4))
	numbers := func(n int, spread float64) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(r.NormFloat64() * spread)
		}
		return v
	}
	conv := func(in, out int) *ann.Conv {
		w := window.Square(3, 1)
		w.PadBegin, w.PadEnd = [2]int{1, 1}, [2]int{1, 1}
		return &ann.Conv{Weight: numbers(in*out*9, math.Sqrt(2/float64(9*in))), Bias: numbers(out, 0.1), In: in, Out: out, Groups: 1, Window: w}
	}
	g := ann.NewGraph("net", "x", ann.Shape{2, 6, 4})
	add(t, g, "conv1", conv(2, 4))
	skip := add(t, g, "relu1", ann.Relu{})
	add(t, g, "conv2", conv(4, 4))
	add(t, g, "sum", ann.Add{}, g.Output, skip)
	add(t, g, "relu2", ann.Relu{})
	add(t, g, "pool", &ann.AveragePool{Window: window.Window2d{Kernel: [2]int{2, 2}, Stride: [2]int{2, 2}, Dilation: [2]int{1, 1}}})
	add(t, g, "flat", ann.Flatten{})
	add(t, g, "fc", &ann.Linear{Weight: numbers(24*3, 0.3), In: 24, Out: 3})
	return g
}

// noise are random images.
func noise(n int) (convert.Preprocess, convert.Images) {
	r := rand.New(rand.NewPCG(5, 6))
	var codes [][]float32
	for range n {
		x := make([]float32, 48)
		for k := range x {
			x[k] = float32(r.IntN(256))
		}
		codes = append(codes, x)
	}
	return pictures(codes...)
}

// TestEveryForm: with many steps rates are activations, whatever plays the input, fires, and is read.
func TestEveryForm(t *testing.T) {
	pre, images := noise(20)
	played, err := encoder.Default("sigma-delta", 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		firing snn.Firing
		set    func(o *convert.Options)
	}{
		{"constant", snn.Plain, func(*convert.Options) {}},
		{"regular", snn.Plain, func(o *convert.Options) { o.Encoding = "regular" }},
		{"played", snn.Plain, func(o *convert.Options) { o.Encoding, o.Coding = played.Name, &played }},
		{"count", snn.Plain, func(o *convert.Options) { o.Readout.Kind = snn.Count }},
		{"signed", snn.Signed, func(*convert.Options) {}},
		{"staged", snn.Staged, func(*convert.Options) {}},
		{"fitted", snn.Plain, func(o *convert.Options) { o.Disable = nil }},
	} {
		o := options(512)
		c.set(&o)
		_, d, _ := look(t, residual(t), pre, images, c.firing, o)
		if len(d.Layers) != 3 || d.Layers[2].Fires != (c.name == "count") {
			t.Fatalf("%s: %+v", c.name, d.Layers)
		}
		for _, l := range d.Layers {
			if l.Correlation == nil || *l.Correlation < 0.99 || math.Abs(*l.Slope-1) > 0.05 || l.Agreement < 0.8 || *l.WorstChannel.Correlation < 0.98 {
				t.Errorf("%s: %s: correlation %v, slope %v, agreement %v", c.name, l.Name, *l.Correlation, *l.Slope, l.Agreement)
			}
			if sum := l.Costs.Unevenness + l.Costs.Quantisation + l.Costs.Clipping + l.Costs.Drive; math.Abs(sum-1) > 1e-9 {
				t.Errorf("%s: %s: costs add up to %v", c.name, l.Name, sum)
			}
		}
	}
}

// TestRelays: a network with relays has the same diagnosis as one without: staged layers compute the same.
func TestRelays(t *testing.T) {
	pre, images := noise(10)
	var all []*ladder.Diagnosis
	for _, staggered := range []bool{false, true} {
		r, err := convert.Run(context.Background(), residual(t), pre, images, convert.Capabilities{Bias: true, PerNeuronThreshold: true, Firing: snn.Staged, Staggered: staggered}, options(16))
		if err != nil {
			t.Fatal(err)
		}
		d, _, err := Run(context.Background(), r, images, 1)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	if !reflect.DeepEqual(all[0], all[1]) {
		t.Errorf("got %+v\nand %+v", all[0], all[1])
	}
}

func TestJobsDoNotMatter(t *testing.T) {
	pre, images := noise(37)
	r, one, _ := look(t, residual(t), pre, images, snn.Plain, options(8))
	for _, jobs := range []int{1, 3, 50} {
		d, _, err := Run(context.Background(), r, images, jobs)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(d, one) {
			t.Errorf("%d goroutines: got %+v, want %+v", jobs, d, one)
		}
	}
}

// TestMemoryDoesNotGrow: nothing is kept of an image. Its activations alone would be more than 1600 bytes; what the
// simulator takes in passing is less than half of that.
func TestMemoryDoesNotGrow(t *testing.T) {
	pre, images := noise(160)
	r, _, _ := look(t, residual(t), pre, images, snn.Plain, options(8))
	used := func(n int) uint64 {
		some := images
		some.N = n
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, _, err := Run(context.Background(), r, some, 1); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	used(16)
	if few, many := used(16), used(160); many > few+144*800 {
		t.Errorf("160 images take %d bytes, 16 take %d", many, few)
	}
}

// TestNotFinite: numbers that nothing can be said of are an error that names the layer.
func TestNotFinite(t *testing.T) {
	g, pre, images := uneven(t)
	r, _, _ := look(t, g, pre, images, snn.Plain, options(4))
	images.Inputs = func(i int, dst []float32) { dst[0], dst[1] = float32(math.Inf(1)), 0 }
	if _, _, err := Run(context.Background(), r, images, 1); err == nil || !strings.Contains(err.Error(), "relu1") {
		t.Errorf("got %v", err)
	}
}

// TestVerdict: the answer is the largest cost of the layer where most is lost, and the drive's is where it begins; nothing is said
// of one image in a hundred.
func TestVerdict(t *testing.T) {
	layer := func(name string, fires bool, c ladder.Costs) ladder.LayerDiagnosis {
		return ladder.LayerDiagnosis{Name: name, Fires: fires, Costs: c}
	}
	clear := layer("a", true, ladder.Costs{Quantisation: 0.6, Unevenness: 0.3, Drive: 0.1})
	fitted := layer("b", true, ladder.Costs{Clipping: 0.3, Unevenness: 0.1, Drive: 0.6})
	later := layer("c", true, ladder.Costs{Unevenness: 0.15, Quantisation: 0.05, Drive: 0.8})
	out := layer("d", false, ladder.Costs{Drive: 1})
	empty := ann.NewGraph("net", "x", ann.Shape{1})
	r := &convert.Result{Teacher: empty, Student: empty, Network: &snn.Network{}, Options: convert.Options{Rules: convert.Best, Normalization: "error", Initial: 0.5}}
	for _, c := range []struct {
		name           string
		layers         []ladder.LayerDiagnosis
		worst          string
		tailored, left int
		cause          string
		origin         *ladder.Origin
		next           string
	}{
		{"one image in a hundred", []ladder.LayerDiagnosis{clear, out}, "a", 200, 198, "", nil, ""},
		{"a cost of its own", []ladder.LayerDiagnosis{clear, later, out}, "a", 200, 190, ladder.CauseQuantisation, nil, "more --steps"},
		{"the rules", []ladder.LayerDiagnosis{clear, out}, "a", 195, 190, ladder.CauseRules, nil, "more calibration images"},
		{"from a layer before", []ladder.LayerDiagnosis{clear, later, out}, "c", 200, 190, ladder.CauseDrive, &ladder.Origin{Layer: "a", Cause: ladder.CauseQuantisation}, "more --steps"},
		{"seen at the output alone", []ladder.LayerDiagnosis{fitted, clear, out}, "d", 200, 190, ladder.CauseDrive, &ladder.Origin{Layer: "a", Cause: ladder.CauseQuantisation}, "more --steps"},
		{"the drive everywhere", []ladder.LayerDiagnosis{fitted, later, out}, "c", 200, 190, ladder.CauseDrive, &ladder.Origin{Layer: "b", Cause: ladder.CauseClipping}, "--steps"},
		{"no layer that fires", []ladder.LayerDiagnosis{out}, "d", 200, 190, ladder.CauseRules, nil, "more calibration images"},
	} {
		d := &ladder.Diagnosis{Layers: c.layers, Worst: c.worst}
		(&sums{images: 200, tailored: c.tailored}).verdict(d, c.left, r)
		if d.Cause != c.cause || !reflect.DeepEqual(d.Origin, c.origin) || !strings.Contains(d.Next, c.next) || (c.next == "") != (d.Next == "") {
			t.Errorf("%s: got %s, %+v, %q", c.name, d.Cause, d.Origin, d.Next)
		}
	}
}

// TestNext: the first remedy that applies, for every cause one that always does.
func TestNext(t *testing.T) {
	pool := ann.NewGraph("teacher", "x", ann.Shape{1, 2, 2})
	add(t, pool, "pool", &ann.MaxPool{Window: window.Square(2, 2)})
	average := ann.NewGraph("student", "x", ann.Shape{1, 2, 2})
	add(t, average, "pool", &ann.AveragePool{Window: window.Square(2, 2)})
	for _, c := range []struct {
		cause, want string
		set         func(r *convert.Result)
	}{
		{"", "", nil},
		{ladder.CauseRules, "more calibration images, more like the data", nil},
		{ladder.CauseRules, "--rules best", func(r *convert.Result) { r.Options.Rules = convert.Strict }},
		{ladder.CauseRules, "--pooling max", func(r *convert.Result) { r.Teacher, r.Student = pool, average }},
		{ladder.CauseRules, "--disable refit", func(r *convert.Result) { r.Options.Disable = map[string]bool{"refit": true} }},
		{ladder.CauseClipping, "more --steps", nil},
		{ladder.CauseClipping, "a higher --percentile", func(r *convert.Result) { r.Options.Normalization, r.Options.Percentile = "data", 99 }},
		{ladder.CauseQuantisation, "more --steps", nil},
		{ladder.CauseQuantisation, "half a threshold", func(r *convert.Result) { r.Options.Initial = 0 }},
		{ladder.CauseQuantisation, "--normalization error", func(r *convert.Result) { r.Options.Normalization = "model" }},
		{ladder.CauseClipping, "--disable rate-refit", func(r *convert.Result) { r.Options.Disable = map[string]bool{"rate-refit": true} }},
		{ladder.CauseQuantisation, "--disable rate-refit", func(r *convert.Result) { r.Options.Disable = map[string]bool{"rate-refit": true} }},
		{ladder.CauseUnevenness, "--disable rate-refit", func(r *convert.Result) { r.Options.Disable = map[string]bool{"rate-refit": true} }},
		{ladder.CauseUnevenness, "take spikes back", nil},
		{ladder.CauseUnevenness, "more --steps", func(r *convert.Result) { r.Network.Firing = snn.Signed }},
	} {
		empty := ann.NewGraph("net", "x", ann.Shape{1})
		r := &convert.Result{Teacher: empty, Student: empty, Network: &snn.Network{}, Options: convert.Options{Rules: convert.Best, Normalization: "error", Initial: 0.5}}
		if c.set != nil {
			c.set(r)
		}
		if got := next(c.cause, r); !strings.Contains(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("%s: got %q, want %q", c.cause, got, c.want)
		}
	}
}

func TestOnlyTheFirstImages(t *testing.T) {
	pre, images := noise(8)
	r, _, _ := look(t, residual(t), pre, images, snn.Plain, options(2))
	most := -1
	many := convert.Images{N: 5000, Codes: func(i int, dst []float32) { most = max(most, i); images.Codes(i%8, dst) }, Inputs: func(i int, dst []float32) { images.Inputs(i%8, dst) }}
	d, _, err := Run(context.Background(), r, many, 1)
	if err != nil || d.N != MaxImages || most != MaxImages-1 {
		t.Errorf("%d images, the last %d: %v", d.N, most, err)
	}
	stop, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Run(stop, r, images, 1); err == nil {
		t.Error("went on after the end")
	}
}
