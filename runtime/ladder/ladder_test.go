package ladder

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func result() *Ladder {
	return &Ladder{Schema: Schema, Model: "net", Stages: []Stage{{Stage: ANN, Accuracy: 0.99, N: 100}, {Stage: Files, Accuracy: 0.98, N: 100}}}
}

func TestGate(t *testing.T) {
	x := func(v float64) *float64 { return &v }
	for _, c := range []struct {
		least, drop *float64
		want        []string // of the error; none = passed
	}{
		{nil, nil, nil},
		{x(0.98), x(1.0001), nil},
		{x(0.981), nil, []string{"net: stage files reaches 98.00 % on 100 images, want 98.10 %"}},
		{nil, x(0.5), []string{"net: stage files loses 1.00 points against the trained network, want at most 0.50"}},
		{x(1), x(0), []string{"98.00 %", "1.00 points"}},
	} {
		err := result().Gate(c.least, c.drop)
		var m *Missed
		if (err == nil) != (c.want == nil) || err != nil && !errors.As(err, &m) {
			t.Errorf("got error %v, want %q", err, c.want)
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("got error %v, want %q", err, w)
			}
		}
	}
}

// TestGateOfSpikes compares with the first stage where there is no trained network.
func TestGateOfSpikes(t *testing.T) {
	l := result()
	l.Stages[0].Stage = SNN
	drop := 0.5
	if err := l.Gate(nil, &drop); err == nil || !strings.Contains(err.Error(), "loses 1.00 points against stage snn, want at most 0.50") {
		t.Errorf("got %v", err)
	}
}

func TestStages(t *testing.T) {
	l := result()
	if l.Last().Stage != Files || (&Ladder{}).Last() != (Stage{}) {
		t.Error("Last is not the last stage")
	}
	if _, ok := l.Stage(SNN); ok {
		t.Error("there is no such stage")
	}
}

// TestPromisedKeys wants the keys that scripts rely on.
func TestPromisedKeys(t *testing.T) {
	text, err := json.Marshal(result())
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	for key, inside := range map[string]string{
		"schema": "", "model": "", "target": "", "proof": "", "rules": "", "steps": "", "ladder": `"stage" "accuracy" "n" "ci95"`, "accuracyBySteps": "",
		"perImage":  `"synapticOperations" "spikes" "neuronUpdates" "memoryBytes" "macs"`,
		"energy":    `"snnNanojoule" "annInt8Nanojoule" "source"`,
		"resources": `"cores" "neurons" "synapses" "weightBytes"`, "diagnostics": "",
	} {
		value, ok := m[key]
		if !ok {
			t.Errorf("no key %s", key)
		}
		for _, k := range strings.Fields(inside) {
			if !strings.Contains(string(value), k) {
				t.Errorf("%s has no key %s: %s", key, k, value)
			}
		}
	}
}
