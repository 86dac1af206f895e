package build

import (
	"reflect"
	"testing"

	"spikec/convert"
	"spikec/emulator/encoder"
	"spikec/models/snn"
	"spikec/target/chip"
)

func TestDefaults(t *testing.T) {
	for target, want := range map[string]resolved{
		"generic8": {encoding: "constant", choices: choices{readout: "membrane"}, reset: "subtract", potential: "half", bits: 8},
		"generic4": {encoding: "constant", choices: choices{readout: "membrane"}, reset: "subtract", potential: "half", bits: 4},
		"loihi1":   {encoding: "constant", choices: choices{readout: "membrane"}, reset: "zero", potential: "zero", bits: 8},
	} {
		p, err := chip.Load(target)
		if err != nil {
			t.Fatal(err)
		}
		got, found := resolve(Options{}, p)
		if len(found) > 0 {
			t.Errorf("%s: %v", target, found)
		}
		if got.encoding != want.encoding || got.readout != want.readout || got.reset != want.reset || got.potential != want.potential || got.bits != want.bits {
			t.Errorf("%s: got %+v", target, got)
		}
		if got.auto || got.biases != zeroBiases || got.rules != convert.Strict || got.normalization != "error" || got.pooling != convert.AveragePooling || got.percentile != 0 || !got.perChannel || got.steps != 32 || got.engine != "auto" {
			t.Errorf("%s: got %+v", target, got)
		}
		o := got.conversion()
		if o.Reset != snn.Reset(want.reset) || (o.Initial == 0.5) != (want.potential == "half") || o.Steps != 32 {
			t.Errorf("%s: conversion %+v", target, o)
		}
	}
}

func TestChoices(t *testing.T) {
	p, err := chip.Load("generic8")
	if err != nil {
		t.Fatal(err)
	}
	layer := false
	got, found := resolve(Options{Rules: "best", Normalization: "data", Percentile: 99, PerChannel: &layer, Steps: 4, Encoding: "regular", Readout: "count",
		Reset: "zero", InitialPotential: "zero", Bits: 5, Engine: "fast", Disable: []string{"refit"}}, p)
	if len(found) > 0 {
		t.Fatal(found)
	}
	if got, found := resolve(Options{Rules: "best", Percentile: 99}, p); len(found) > 0 || got.normalization != "data" || got.percentile != 99 || got.pooling != convert.MaxPooling {
		t.Errorf("got %+v, %v", got, found)
	}
	if got, found := resolve(Options{Steps: 30, Readout: "first-spike", ReadoutDelay: AutoDelay}, p); len(found) > 0 || got.readout != "first-spike" || got.delay != 7 {
		t.Errorf("got %+v, %v", got, found)
	}
	if got, found := resolve(Options{Rules: "best", Auto: &layer, Biases: "zero", ReadoutDelay: NoDelay}, p); len(found) > 0 || got.auto || got.biases != zeroBiases || got.delay != 0 || !got.conversion().ZeroBias {
		t.Errorf("got %+v, %v", got, found)
	}
	if !got.auto || got.biases != keptBiases || got.conversion().ZeroBias || got.rules != convert.Best || got.perChannel || got.steps != 4 || got.encoding != "regular" || got.readout != "count" || got.reset != "zero" ||
		got.potential != "zero" || got.bits != 5 || got.engine != "fast" || !got.disable["refit"] {
		t.Errorf("got %+v", got)
	}
}

// TestScope: factors are a channel's unless the user wants a layer's, or there are no others.
func TestScope(t *testing.T) {
	want := map[string]bool{"error": true, "data": true, "diehl": false, "model": false, "gaussian": true, "local": true, "spikenorm": false, "recorded": false}
	if len(want) != len(Normalisations()) {
		t.Errorf("normalisations %v", Normalisations())
	}
	for name, perChannel := range want {
		v, found := resolve(Options{Normalization: name}, nil)
		if len(found) > 0 || v.perChannel != perChannel || v.document(nil).PerChannel != perChannel {
			t.Errorf("%s: a channel %v, want %v; %v", name, v.perChannel, perChannel, found)
		}
		layer := false
		if v, found := resolve(Options{Normalization: name, PerChannel: &layer}, nil); len(found) > 0 || v.perChannel {
			t.Errorf("%s of layers: %+v, %v", name, v, found)
		}
	}
}

// TestCodings: an encoder's coding has the seed where it draws numbers; regular is played by the host where neurons take no
// current.
func TestCodings(t *testing.T) {
	p, err := chip.Load("loihi1")
	if err != nil {
		t.Fatal(err)
	}
	bare := *p
	bare.Bias.Kind = "none"
	if v, found := resolve(Options{Encoding: "refractory", EncodingParameter: 5}, p); len(found) > 0 || v.coding.Parameter != 5 {
		t.Errorf("a parameter: %v, %+v", found, v.coding)
	}
	if _, found := resolve(Options{Encoding: "ttfs"}, p); len(found) != 1 || found[0].ID != idTimes || found.HasErrors() {
		t.Errorf("a code of times: %v", found)
	}
	for _, c := range []struct {
		profile  *chip.Profile
		encoding string
		want     *encoder.Coding
	}{
		{p, "", nil}, {p, "constant", nil}, {p, "regular", nil},
		{p, "bernoulli", &encoder.Coding{Name: "bernoulli", Seed: 9}},
		{nil, "gamma", &encoder.Coding{Name: "gamma", Seed: 9, Parameter: 4}},
		{p, "burst", &encoder.Coding{Name: "burst", Parameter: 8}},
		{&bare, "", &encoder.Coding{Name: "sigma-delta"}}, {&bare, "regular", &encoder.Coding{Name: "sigma-delta"}},
	} {
		v, found := resolve(Options{Encoding: c.encoding, Seed: 9}, c.profile)
		if err := found.Err(); err != nil {
			t.Errorf("%s: %v", c.encoding, err)
		}
		o := v.conversion()
		if !reflect.DeepEqual(o.Coding, c.want) || c.want != nil && o.Encoding != c.want.Name {
			t.Errorf("%q: %s %+v, want %+v", c.encoding, o.Encoding, o.Coding, c.want)
		}
		if d := v.document(nil); (d.EncodingSeed != nil) != (c.want != nil && c.want.Seed != 0) || c.want != nil && d.EncodingParameter != c.want.Parameter {
			t.Errorf("%q: documented as %+v", c.encoding, d)
		}
	}
}

func TestRefusedChoices(t *testing.T) {
	p, err := chip.Load("loihi1")
	if err != nil {
		t.Fatal(err)
	}
	bare := *p
	bare.Bias.Kind, bare.Execution.Input.Kind, bare.Readout.Potential = "none", "bit", false
	deaf := *p
	deaf.Capacity.Inputs = new(int)
	yes := true
	event := *p
	event.Execution.Kind = "event"
	channel := true
	for _, c := range []struct {
		name    string
		profile *chip.Profile
		options Options
		want    []string
	}{
		{"words", p, Options{Rules: "a", Normalization: "b", Encoding: "c", Readout: "d", Reset: "e", InitialPotential: "f", Engine: "g", Disable: []string{"lower", "h"}},
			[]string{"001 --rules strict, best", "001 --normalization", "001 --engine auto", "001 --reset", "001 --encoding", "001 --readout", "001 --initial-potential", "001 --disable \"lower\"", "001 --disable \"h\""}},
		{"factors a channel of a normalisation of layers", p, Options{Normalization: "spikenorm", PerChannel: &channel}, []string{"001 --per-channel spikenorm has one factor a layer"}},
		{"a percentile of a normalisation without one", p, Options{Normalization: "error", Percentile: 99}, []string{"001 --percentile normalization error has no percentile --normalization data"}},
		{"rules that do not exist, without a target", nil, Options{Rules: "a", Biases: "kept", Pooling: "max"}, []string{"001 --rules strict, best"}},
		{"pooling", p, Options{Rules: "best", Pooling: "min"}, []string{"001 --pooling \"min\" max, average"}},
		{"max pooling under strict rules", p, Options{Pooling: "max"}, []string{"012 --pooling average --rules best"}},
		{"biases", p, Options{Rules: "best", Biases: "some"}, []string{"001 --biases \"some\" kept, zero"}},
		{"biases under strict rules", p, Options{Biases: "kept"}, []string{"012 --biases zero --rules best"}},
		{"biases where the target has none", &bare, Options{Rules: "best", Biases: "kept"}, []string{"003 --biases loihi1 kept zero"}},
		{"trying under strict rules", p, Options{Auto: &yes}, []string{"012 --auto strict --rules best"}},
		{"numbers", p, Options{Percentile: 101, Steps: -1, Bits: 9}, []string{"002 --percentile 101", "002 --steps -1", "003 --bits (9, limit 8)"}},
		{"calibration images", p, Options{CalibrationLimit: 1001}, []string{"002 --calibration-limit 1001, want 1..1000"}},
		{"a delay of all steps", p, Options{Steps: 8, ReadoutDelay: 8}, []string{"002 --readout-delay 8, 0..7"}},
		{"a delay before the start", p, Options{Steps: 8, ReadoutDelay: -3}, []string{"002 --readout-delay -3"}},
		{"an exit from the first spike", p, Options{Readout: "first-spike", EarlyExit: lead(0)}, []string{"010 --early-exit"}},
		{"a lead below zero", p, Options{EarlyExit: lead(-1)}, []string{"002 --early-exit"}},
		{"too many steps", p, Options{Steps: maxSteps + 1}, []string{"002 --steps"}},
		{"what the target lacks", &bare, Options{Encoding: "constant", Readout: "membrane", Reset: "subtract", InitialPotential: "half"},
			[]string{"003 --reset loihi1 zero", "003 --encoding regular", "003 --readout count", "003 --initial-potential zero"}},
		{"a parameter of an encoder without one", p, Options{Encoding: "poisson", EncodingParameter: 3}, []string{"002 --encoding-parameter encoder poisson has no parameter, got 3"}},
		{"a parameter beyond its range", p, Options{Encoding: "gamma", EncodingParameter: 1001}, []string{"002 --encoding-parameter 1001 of encoder gamma, want 1..1000"}},
		{"a parameter of no encoder", p, Options{Encoding: "regular", EncodingParameter: 3}, []string{"002 --encoding-parameter got 3, want none for encoding regular"}},
		{"spikes where the target takes none", &deaf, Options{Encoding: "bernoulli"}, []string{"003 --encoding loihi1 bernoulli regular"}},
		{"a chip that cannot be built for", &event, Options{}, []string{"004 loihi1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, found := resolve(c.options, c.profile)
			want := make([]string, len(c.want))
			for i, w := range c.want {
				want[i] = "SPK-BUILD-" + w
			}
			wants(t, found.Err(), want...)
		})
	}
}
