package build

import (
	"testing"

	"spikec/convert"
	"spikec/models/snn"
	"spikec/target/chip"
)

func TestDefaults(t *testing.T) {
	for target, want := range map[string]resolved{
		"generic8": {encoding: "constant", readout: "membrane", reset: "subtract", potential: "half", bits: 8},
		"generic4": {encoding: "constant", readout: "membrane", reset: "subtract", potential: "half", bits: 4},
		"loihi1":   {encoding: "constant", readout: "membrane", reset: "zero", potential: "zero", bits: 8},
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
		if got.rules != convert.Strict || got.normalization != "data" || got.percentile != 99.9 || !got.perChannel || got.steps != 32 || got.engine != "auto" {
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
	got, found := resolve(Options{Rules: "best", Normalization: "model", Percentile: 99, PerChannel: &layer, Steps: 4, Encoding: "regular", Readout: "count",
		Reset: "zero", InitialPotential: "zero", Bits: 5, Engine: "fast", Disable: []string{"refit"}}, p)
	if len(found) > 0 {
		t.Fatal(found)
	}
	if got, found := resolve(Options{Steps: 30, Readout: "first-spike", ReadoutDelay: AutoDelay}, p); len(found) > 0 || got.readout != "first-spike" || got.delay != 7 {
		t.Errorf("got %+v, %v", got, found)
	}
	if got.rules != convert.Best || got.perChannel || got.steps != 4 || got.encoding != "regular" || got.readout != "count" || got.reset != "zero" ||
		got.potential != "zero" || got.bits != 5 || got.engine != "fast" || !got.disable["refit"] {
		t.Errorf("got %+v", got)
	}
}

func TestRefusedChoices(t *testing.T) {
	p, err := chip.Load("loihi1")
	if err != nil {
		t.Fatal(err)
	}
	bare := *p
	bare.Bias.Kind, bare.Execution.Input.Kind, bare.Readout.Potential = "none", "bit", false
	event := *p
	event.Execution.Kind = "event"
	for _, c := range []struct {
		name    string
		profile *chip.Profile
		options Options
		want    []string
	}{
		{"words", p, Options{Rules: "a", Normalization: "b", Encoding: "c", Readout: "d", Reset: "e", InitialPotential: "f", Engine: "g", Disable: []string{"lower", "h"}},
			[]string{"001 --rules strict, best", "001 --normalization", "001 --engine auto", "001 --reset", "001 --encoding", "001 --readout", "001 --initial-potential", "001 --disable \"lower\"", "001 --disable \"h\""}},
		{"numbers", p, Options{Percentile: 101, Steps: -1, Bits: 9}, []string{"002 --percentile 101", "002 --steps -1", "003 --bits (9, limit 8)"}},
		{"a delay of all steps", p, Options{Steps: 8, ReadoutDelay: 8}, []string{"002 --readout-delay 8, 0..7"}},
		{"a delay before the start", p, Options{Steps: 8, ReadoutDelay: -2}, []string{"002 --readout-delay -2"}},
		{"an exit from the first spike", p, Options{Readout: "first-spike", EarlyExit: lead(0)}, []string{"010 --early-exit"}},
		{"a lead below zero", p, Options{EarlyExit: lead(-1)}, []string{"002 --early-exit"}},
		{"too many steps", p, Options{Steps: maxSteps + 1}, []string{"002 --steps"}},
		{"what the target lacks", &bare, Options{Encoding: "constant", Readout: "membrane", Reset: "subtract", InitialPotential: "half"},
			[]string{"003 --reset loihi1 zero", "003 --encoding regular", "003 --readout count", "003 --initial-potential zero"}},
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
