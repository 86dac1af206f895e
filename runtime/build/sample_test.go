package build

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"spikec/runtime/sample"
)

// TestSamples checks what reports show against the ladder of the same build, for every way to code, fire and read: it is from
// the chip, and does not depend on the number of goroutines.
func TestSamples(t *testing.T) {
	margin := 1.0
	for name, c := range map[string]struct {
		target string
		set    func(*Options)
	}{
		"membrane":    {"generic8", func(*Options) {}},
		"delay":       {"generic8", func(o *Options) { o.ReadoutDelay = 3 }},
		"count":       {"generic8", func(o *Options) { o.Readout = "count" }},
		"first spike": {"generic8", func(o *Options) { o.Readout = "first-spike" }},
		"exit":        {"generic8", func(o *Options) { o.Readout, o.EarlyExit = "count", &margin }},
		"regular":     {"generic8", func(o *Options) { o.Encoding = "regular" }},
		"drawn":       {"generic8", func(o *Options) { o.Encoding, o.Seed = "bernoulli", 5 }},
		"best":        {"generic8", func(o *Options) { o.Rules = "best" }},
		"signed":      {"generic8-signed", func(*Options) {}},
		"staged":      {"generic8-staged", func(*Options) {}},
		"cores":       {"loihi1", func(*Options) {}},
		"long":        {"generic8", func(o *Options) { o.Steps = 200 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request(t, t.TempDir(), c.target)
			r.Options.Steps = 9
			c.set(&r.Options)
			var stored [2][]byte
			for k, jobs := range []int{1, 3} {
				r.Out, r.Options.Jobs = filepath.Join(t.TempDir(), "out"), jobs
				if _, err := Run(context.Background(), r); err != nil {
					t.Fatal(err)
				}
				var err error
				if stored[k], err = os.ReadFile(filepath.Join(r.Out, samplesFile)); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(stored[0], stored[1]) {
				t.Error("what is sampled depends on the number of goroutines")
			}
			l, err := LookAt(r.Out)
			if err != nil {
				t.Fatal(err)
			}
			agrees(t, l)
		})
	}
}

// agrees compares the samples of a build with its ladder.
func agrees(t *testing.T, l *Look) {
	t.Helper()
	d, last := l.Samples, l.Ladder.Last()
	all, right := int64(0), int64(0)
	for _, c := range d.Confusion {
		if all += c.Images; c.Label == c.Decision {
			right += c.Images
		}
	}
	if all != last.N || right != last.Correct {
		t.Errorf("%d of %d decided rightly, the ladder has %d of %d", right, all, last.Correct, last.N)
	}
	sent, received, spikes := 0.0, 0.0, 0.0
	for _, c := range d.Cores {
		sent, received, spikes = sent+c.Sent, received+c.Received, spikes+c.Spikes
	}
	if diff := sent - received; diff > 1e-6 || diff < -1e-6 || sent == 0 {
		t.Errorf("%g spikes are sent, %g arrive", sent, received)
	}
	if diff := spikes - l.Ladder.PerImage.Spikes; diff > 1e-6 || diff < -1e-6 {
		t.Errorf("%g spikes, the ladder has %g", spikes, l.Ladder.PerImage.Spikes)
	}
	for _, x := range d.Layers {
		histograms(t, x)
	}
	if len(d.Images) == 0 {
		t.Fatal("no image is shown")
	}
	for _, m := range d.Images {
		k := &m.Scores
		if k.Steps[len(k.Steps)-1] != l.Ladder.Steps || k.Decisions[len(k.Decisions)-1] != m.Decision || !slices.Contains(k.Classes, m.Label) {
			t.Errorf("image %d: decided as %d after step %d, the ladder has %d after %d; scores of %v, the label is %d",
				m.Index, k.Decisions[len(k.Decisions)-1], k.Steps[len(k.Steps)-1], m.Decision, l.Ladder.Steps, k.Classes, m.Label)
		}
		for _, r := range m.Rasters {
			for i, train := range r.Spikes {
				if len(train) == 0 || slices.ContainsFunc(train, func(t int) bool { return max(t, -t) < 1 || max(t, -t) > r.Steps }) {
					t.Errorf("image %d, layer %s, neuron %d: spikes %v in %d steps", m.Index, r.Layer, r.Neurons[i], train, r.Steps)
				}
			}
		}
	}
}

// histograms checks that rounding moved numbers, but lost and made none.
func histograms(t *testing.T, l sample.Layer) {
	t.Helper()
	list := []sample.Histogram{}
	for _, w := range l.Weights {
		list = append(list, w.Histogram)
	}
	if l.Membranes != nil {
		list = append(list, *l.Membranes)
	}
	for _, h := range list {
		before, after := int64(0), int64(0)
		for k := range h.Before {
			before, after = before+h.Before[k], after+h.After[k]
		}
		if before != after || before == 0 {
			t.Errorf("layer %s: %d numbers before rounding, %d after", l.Name, before, after)
		}
	}
}

// TestSampledRates compares rates with what the trained network's layers give where T is so long that they are nearly the same.
func TestSampledRates(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	r.Options.Rules, r.Options.Steps, r.Options.Pooling = "best", 500, "max"
	off := false
	r.Options.Auto = &off
	r.Out = filepath.Join(t.TempDir(), "out")
	if _, err := Run(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	l, err := LookAt(r.Out)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range l.Samples.Layers {
		if x.Rates == nil {
			continue
		}
		square, wrong := 0.0, 0.0
		for k, a := range x.Rates.Activations {
			e := float64(x.Rates.Rates[k] - a)
			square, wrong = square+float64(a)*float64(a), wrong+e*e
		}
		if !(wrong < 0.05*square) {
			t.Errorf("layer %s: rates differ from activations by %.3g of their squares", x.Name, wrong/square)
		}
	}
}

// TestSamplesOnlyWhereWanted wants no samples beside a ladder alone, and a folder with them unharmed by its page.
func TestSamplesOnlyWhereWanted(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	r.Out, r.LadderAlone = filepath.Join(t.TempDir(), "out"), true
	if _, err := Run(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	if l, err := LookAt(r.Out); err != nil || l.Samples != nil {
		t.Errorf("%+v, %v", l, err)
	}
	if err := os.WriteFile(filepath.Join(r.Out, ReportFile), []byte("page"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Check(context.Background(), r.Out, CheckOptions{}); err != nil {
		t.Error(err)
	}
	r.LadderAlone = false
	if _, err := Run(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(r.Out, ReportFile)); err == nil {
		t.Error("the page of the build before is still there")
	}
}
