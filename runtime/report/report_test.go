package report

import (
	"bytes"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/golden"
	"spikec/runtime/ladder"
)

func share(x float64) *float64 { return &x }

// full is a result with everything that can be printed.
func full() *ladder.Ladder {
	seed, quoted := uint64(7), "sop 23.6 pJ (paper, quoted from memory)"
	return &ladder.Ladder{
		Model: "net", Target: "loihi1", Proof: "B", Rules: "strict", Steps: 64, Duration: 66, Engine: "fast", Instructions: "avx2",
		Options: ladder.Options{Normalization: "data", Percentile: 99.9, PerChannel: true, Encoding: "regular", Readout: "count", Reset: "zero",
			Initial: "zero", Bits: 8, Disabled: []string{"refit"}},
		Data:        ladder.Data{Name: "MNIST test set", N: 10000},
		Calibration: &ladder.Data{Name: "MNIST training set", N: 1000, Seed: &seed},
		Stages: []ladder.Stage{
			{Stage: ladder.ANN, Accuracy: 0.9917, N: 10000, CI95: [2]float64{0.9897, 0.9933}, Agreement: share(1)},
			{Stage: ladder.Tailored, Accuracy: 0.9903, N: 10000, CI95: [2]float64{0.9882, 0.992}, Agreement: share(0.9961)},
			{Stage: ladder.Files, Accuracy: 0.095, N: 10000, CI95: [2]float64{0.0894, 0.1009}, Agreement: share(0.1), SharedWith: ladder.Image},
		},
		Naive:           &ladder.Stage{Stage: "naive", Accuracy: 0.797},
		Readouts:        map[string]float64{"membrane": 0.99, "count": 0.98},
		AccuracyBySteps: []ladder.AtSteps{{Steps: 2, Accuracy: 0.05}, {Steps: 64, Accuracy: 0.095}},
		PerImage:        ladder.PerImage{MACs: 1411840, Cost: ladder.Cost{SynapticOperations: 18358180, Spikes: 9321.5, NeuronUpdates: 352576, MemoryBytes: 2.5e9}},
		Int8:            &ladder.Int8{Accuracy: 0.9911, MACs: 1411840, MemoryBytes: 61234},
		Energy: ladder.Energy{SNNNanojoule: share(123456), SNNRange: &[2]float64{100000, 234567}, Source: &quoted,
			ANNInt8Nanojoule: share(577), ANNInt8Range: &[2]float64{500, 1190}, ANNInt8Source: "operations and caches of a chip (paper)"},
		Resources: ladder.Resources{Cores: 12, Neurons: 11018, Synapses: 4760696, WeightBytes: 29440, HostWeights: 784},
		Layers: []ladder.Layer{
			{Name: "input/spikes", Shape: [3]int{1, 28, 28}, Cores: []int{0}, Rate: 0.13},
			{Name: "conv", Shape: [3]int{1, 10, 10}, Neurons: 100, Cores: []int{4}, Rate: 0.5, Saturations: 6400000,
				PerImage: ladder.Cost{SynapticOperations: 358180, Spikes: 3200, NeuronUpdates: 6400, MemoryBytes: 1.5e9, HostMACs: 784}, Energy: ladder.LayerEnergy{SNNNanojoule: share(3456)},
				Quantisation: &ladder.Quantisation{Bits: 16, Host: true, SQNR: 81.4, ThresholdMin: 4095, ThresholdMax: 4095}},
			{Name: "relu", Shape: [3]int{12, 24, 24}, Cores: []int{1, 2, 3}, Rate: 0.0846, Saturations: 3,
				PerImage: ladder.Cost{SynapticOperations: 18000000, Spikes: 6121.5, MemoryBytes: 1e9}, Energy: ladder.LayerEnergy{SNNNanojoule: share(120000), SNNRange: &[2]float64{100000, 234567}},
				Quantisation: &ladder.Quantisation{Bits: 8, SQNR: 36.4137, ThresholdMin: 681, ThresholdMax: 2797}},
		},
		Diagnosis: &ladder.Diagnosis{N: 200, Tailored: 0.995, First: "relu", Worst: "relu", Drop: 0.025, Cause: ladder.CauseUnevenness, Next: "more --steps", Layers: []ladder.LayerDiagnosis{
			{Name: "relu", Fires: true, Fidelity: ladder.Fidelity{Correlation: share(0.97), Slope: share(0.91), NMSE: share(0.0234)},
				WorstChannel: &ladder.Channel{Channel: 7, Fidelity: ladder.Fidelity{Correlation: share(-0.25)}}, Rate: 0.0846, Dead: 0.125, Saturated: 0.001,
				Costs: ladder.Costs{Unevenness: 0.5, Quantisation: 0.25, Clipping: 0.125, Drive: 0.125}, Agreement: 0.975},
			{Name: "fc", Fidelity: ladder.Fidelity{NMSE: share(0.01)}, Agreement: 0.98},
		}},
		Diagnostics: diag.List{
			{ID: "SPK-TEST-001", Severity: diag.Info, Subject: "a", Message: "nothing to do"},
			{ID: "SPK-TEST-002", Severity: diag.Warning, Subject: "b", Message: "look here", Value: 3, Limit: 2, Remedy: "less of it"},
		},
		Timing: []ladder.Timing{{Stage: "ann", Seconds: 6.5}, {Stage: "convert/refit", Seconds: 12.25}},
	}
}

func TestText(t *testing.T) {
	var b bytes.Buffer
	if err := Text(&b, full()); err != nil {
		t.Fatal(err)
	}
	golden.File(t, "ladder.txt", b.String())
}

// TestTextOfPlayedSpikes: the layer that the host plays has no cores and no updates; its coding is named whole.
func TestTextOfPlayedSpikes(t *testing.T) {
	l, seed := full(), uint64(9)
	l.Options.Encoding, l.Options.EncodingSeed, l.Options.EncodingParameter = "gamma", &seed, 4
	l.Layers[0].Host, l.Layers[0].Neurons = true, 784
	var b bytes.Buffer
	if err := Text(&b, l); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\ngamma 4 (seed 9) input, count read-out", "input/spikes   1x28x28    host    0.1300                     -            -", "engine: fast on all 4 cores"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("got\n%s\nwant %q", b.String(), want)
		}
	}
}

// TestTextOfLatencies: first spikes, an exact exit, and one by a margin with many different steps.
func TestTextOfLatencies(t *testing.T) {
	ties := int64(31)
	var wide []int32
	for i := range int32(500) {
		wide = append(wide, 9+i*i%1000)
	}
	exact, margin := ladder.NewLatency("exact", []int32{9, 10, 10, 12, 64}), ladder.NewLatency("margin", wide)
	exact.Exit = &ladder.Exit{Accuracy: 0.095, Correct: 950}
	margin.Exit = &ladder.Exit{Accuracy: 0.09, Correct: 900, Changed: 70, Margin: 1724, Note: ladder.ExitNote}
	var b bytes.Buffer
	for _, c := range []struct {
		ties    *int64
		latency *ladder.Latency
	}{{&ties, ladder.NewLatency("first-spike", []int32{1, 1, 2, 5})}, {nil, exact}, {&ties, margin}, {&ties, nil}} {
		l := full()
		l.Ties, l.Latency, l.Options.ReadoutDelay = c.ties, c.latency, 8
		if c.latency == margin {
			l.Options.Readout, l.Options.EarlyExit = "membrane", share(2.5)
		}
		var text bytes.Buffer
		if err := Text(&text, l); err != nil {
			t.Fatal(err)
		}
		head, rest, _ := strings.Cut(text.String(), "\nMNIST")
		_, rest, _ = strings.Cut(rest, "9.50\n")
		rest, _, _ = strings.Cut(rest, "\nan image")
		b.WriteString(head + "\n" + rest + "\n")
	}
	golden.File(t, "latency.txt", b.String())
}

func TestTextOfAnOwnDefinition(t *testing.T) {
	l := full()
	l.Proof, l.Duration, l.Options.Disabled, l.Energy, l.Diagnostics = "D", 64, nil, ladder.Energy{}, nil
	l.Options.Normalization, l.Options.Reset, l.Options.Initial = "model", "subtract", "half"
	var b bytes.Buffer
	if err := Text(&b, l); err != nil {
		t.Fatal(err)
	}
	golden.File(t, "ladder_class_d.txt", b.String())
}

// TestTextOfCandidates: a chosen one, one that lost, and one that was refused.
func TestTextOfCandidates(t *testing.T) {
	l := full()
	l.Rules, l.Options.Pooling, l.Options.KeptPools, l.Options.Biases = "best", "max", 2, "zero"
	l.Auto = &ladder.Auto{Seed: 7, Fitted: 200, N: 400, Stage: ladder.Image, Flags: "--auto=false --pooling max --biases zero --normalization error",
		Candidates: []ladder.Candidate{
			{Name: "default", Why: "agrees on 27 fewer than zero biases", Agreement: share(0.9325), Agreed: 373, SynapticOperations: 18402548.8},
			{Name: "average pooling", Refused: "error SPK-PLACE-001 conv: does not fit"},
			{Name: "later read-out", Flags: "--auto=false --pooling max --readout-delay 8", Agreement: share(0.935), Agreed: 374, SynapticOperations: 18402548.8, Why: "agrees on 1 more than default, which may be chance (up to 7.3)"},
			{Name: "zero biases", Agreement: share(1), Agreed: 400, SynapticOperations: 8400.5, Chosen: true},
		}}
	var b bytes.Buffer
	if err := Text(&b, l); err != nil {
		t.Fatal(err)
	}
	golden.File(t, "candidates.txt", b.String())
}

func TestTextOfAConversion(t *testing.T) {
	l := full()
	l.Target, l.Proof, l.Duration, l.Options.Bits, l.Options.Disabled, l.Energy, l.Layers = "", "", 0, 0, nil, ladder.Energy{}, nil
	l.Stages = l.Stages[:2]
	var b bytes.Buffer
	if err := Text(&b, l); err != nil {
		t.Fatal(err)
	}
	golden.File(t, "conversion.txt", b.String())
}

func TestTextOfACheck(t *testing.T) {
	for _, c := range []struct {
		file            string
		compared, first bool
		n               int
	}{{"check.txt", true, false, 10000}, {"check_limited.txt", false, true, 100}, {"check_other.txt", false, false, 500}} {
		l := full()
		l.Stages, l.Naive, l.Readouts, l.Calibration, l.Diagnostics = l.Stages[2:], nil, nil, nil, nil
		l.Stages[0].Agreement, l.Stages[0].SharedWith = nil, ""
		l.Diagnosis = nil
		l.Check = &ladder.Check{Folder: "build", Recorded: ladder.Recorded{N: 10000, Accuracy: 0.095}, CountsCompared: c.compared, FirstOnly: c.first}
		l.Data.N, l.Stages[0].N = c.n, int64(c.n)
		var b bytes.Buffer
		if err := Text(&b, l); err != nil {
			t.Fatal(err)
		}
		golden.File(t, c.file, b.String())
	}
}

func TestSummaryAndTiming(t *testing.T) {
	check := full()
	check.Stages, check.Naive = check.Stages[2:], nil
	var b bytes.Buffer
	if err := Summary(&b, []*ladder.Ladder{full(), check}); err != nil {
		t.Fatal(err)
	}
	if err := Timing(&b, full()); err != nil {
		t.Fatal(err)
	}
	golden.File(t, "summary.txt", b.String())
}

func TestAmount(t *testing.T) {
	for x, want := range map[float64]string{9999.7: "10 k", 0: "0", 12.5: "12.5", 9999: "9999", 10000: "10 k", 352576: "352.6 k", 18358180: "18.36 M", 2.5e9: "2.5 G"} {
		if got := Amount(x); got != want {
			t.Errorf("%g: got %q, want %q", x, got, want)
		}
	}
}

func TestJoule(t *testing.T) {
	for x, want := range map[float64]string{0: "0 nJ", 999: "999 nJ", 123456: "123.5 µJ", 2.5e6: "2.5 mJ"} {
		if got := Joule(x); got != want {
			t.Errorf("%g: got %q, want %q", x, got, want)
		}
	}
}

func TestProofOfAnotherProfile(t *testing.T) {
	l := full()
	l.ProofClaimed, l.ProofSource = true, "claimed by mine.yaml, not checked by spikec"
	var b bytes.Buffer
	if err := Text(&b, l); err != nil {
		t.Fatal(err)
	}
	if want := "\nproof class B: claimed by mine.yaml, not checked by spikec\n"; !strings.Contains(b.String(), want) {
		t.Errorf("no %q in %s", want, b.String())
	}
}

// TestEngine: the line about engines says what ran, and what kept the fast engine from running.
func TestEngine(t *testing.T) {
	const cannot = "reference, program of 3 operations interpreted, because the fast engine cannot run "
	one, two := ladder.Layer{Name: "conv1", Cores: []int{2}}, ladder.Layer{Name: "fc", Cores: []int{3, 4}}
	refused, other := one, two
	refused.Engine, other.Engine = []string{cannot + "it: no simple rule will do"}, []string{cannot + "core 2", cannot + "it: too wide"}
	whole, more := one, two
	whole.Engine = []string{"reference, interpreted, because it has too many steps"}
	more.Engine = whole.Engine
	for want, l := range map[string]*ladder.Ladder{
		"engine: reference, because it has too many steps\n": {Engine: "reference", Layers: []ladder.Layer{whole, more}},
		"":                               {Layers: []ladder.Layer{one}},
		"engine: fast on the one core\n": {Engine: "fast", Layers: []ladder.Layer{one}},
		"engine: fast on all 3 cores, instructions avx512\n":                                          {Engine: "fast", Instructions: "avx512", Layers: []ladder.Layer{one, two}},
		"engine: reference, as asked for\n":                                                           {Engine: "reference", Layers: []ladder.Layer{one, two}},
		"engine: reference, because core 2 (conv1): no simple rule will do; 2 cores (fc): too wide\n": {Engine: "reference", Layers: []ladder.Layer{refused, other}},
	} {
		var b bytes.Buffer
		engine(&b, l)
		if b.String() != want {
			t.Errorf("got %q, want %q", b.String(), want)
		}
	}
}

// TestTextOfTheFirstLayer: what is different before the neurons of the first layer is the fit of its weights.
func TestTextOfTheFirstLayer(t *testing.T) {
	l := full()
	l.Diagnosis.Cause, l.Diagnosis.Origin = ladder.CauseDrive, &ladder.Origin{Layer: "relu", Cause: ladder.CauseClipping}
	var b bytes.Buffer
	if err := Text(&b, l); err != nil {
		t.Fatal(err)
	}
	if want := "(DRIVE) in relu, which is the fit of the weights there; of its own costs the largest: drives beyond one spike a step; to try next"; !strings.Contains(b.String(), want) {
		t.Errorf("got\n%s\nwant %q", b.String(), want)
	}
}

// TestTextOfOrigins: whose the scale factors are, and where a difference begins.
func TestTextOfOrigins(t *testing.T) {
	l := full()
	l.ScaleFactors = &ladder.ScaleFactors{File: "vb/calibration.json", Steps: 8, Images: &ladder.Data{Name: "a sample", N: 200}}
	l.Diagnosis.Cause, l.Diagnosis.Origin = ladder.CauseDrive, &ladder.Origin{Layer: "conv1", Cause: ladder.CauseQuantisation}
	l.Options.Disabled = []string{"refit", "rate-refit"}
	var b bytes.Buffer
	if err := Text(&b, l); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"seed 7; scale factors from vb/calibration.json (T = 8, 200 images of a sample)\n", "on these images, which the scale factors were measured on too",
		"what costs most: what is different before its neurons (DRIVE) in relu, beginning in conv1 with the few rates that so many steps can have; to try next"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("got\n%s\nwant %q", b.String(), want)
		}
	}
}
