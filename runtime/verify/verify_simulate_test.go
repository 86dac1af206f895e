package verify

import (
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/runtime/progress"
)

// TestSimulate runs all recorded simulations.
func TestSimulate(t *testing.T) { passes(t, "simulate", "testdata/seeds.tar.gz", 87) }

// TestSimulateHostile: recordings that are wrong, or that ask for more than is done, are refused by what is wrong with them.
func TestSimulateHostile(t *testing.T) {
	for text, want := range map[string]string{
		`{"family": "if", "kind": "exact"}`: ".parameters is missing",
		`{"family": "if", "kind": "exact", "parameters": {"C": 1, "theta": 1, "dt": 1e-300, "I": 1, "T": 1}, "outputs": {}}`:                                                                                                                                    "steps of 1e-300: want 1 to",
		`{"family": "if", "kind": "exact", "parameters": {"C": 0, "theta": 1, "dt": 1, "I": 1, "T": 1}, "outputs": {}}`:                                                                                                                                         "parameters.C is 0: want more than 0",
		`{"family": "lif_stdp", "kind": "exact", "parameters": {"num_inputs": 1e12}, "outputs": {}}`:                                                                                                                                                            "num_inputs is 1e+12: want a whole number from 1 to",
		`{"family": "event_network", "kind": "exact", "parameters": {"neurons": 2, "resting_potential_mV": 0, "threshold_mV": 1, "reset_potential_mV": 0, "tau_m_ms": 1, "refractory_period_ms": 1, "synapses": [[0, 5, 1, 1]], "stimuli": []}, "outputs": {}}`: "synapses[0][1] is 5: want a whole number from 0 to 1",
		`{"family": "izhikevich_network", "kind": "exact", "parameters": {"Ne": 2048, "Ni": 2048, "T_ms": 1000000}, "outputs": {}}`:                                                                                                                             "updates: at most",
		`{"family": "resume", "kind": "exact", "parameters": [], "outputs": {}}`:                                                                                                                                                                                "parameters.a is missing",
		`{"family": "stdp_window", "kind": "exact", "parameters": {"A": "x", "tau_s": 1, "lo_s": 0, "hi_s": 1, "points": 3}, "outputs": {}}`:                                                                                                                    "parameters.A is no number",
		`{"family": "spikeprop", "kind": "exact", "parameters": {"inputs": 1, "hidden": 1, "delays_ms": [1], "W1_initial": [[]]}, "outputs": {}}`:                                                                                                               "is missing",
	} {
		_, err := Run(t.Context(), "simulate", []string{packed(t, map[string]string{"case.json": text})}, progress.None)
		failure, ok := err.(*diag.Failure)
		if !ok || !strings.Contains(failure.List[0].String(), strings.TrimPrefix(want, ".")) {
			t.Errorf("%s\ngot  %v\nwant %s", text, err, want)
			if ok {
				t.Error(failure.List[0].String())
			}
		}
	}
	// A family that nobody knows is a failure by name, not an error.
	r, err := Run(t.Context(), "simulate", []string{packed(t, map[string]string{"case.json": `{"family": "tea", "kind": "exact", "parameters": {}, "outputs": {}}`})}, progress.None)
	if err != nil || r.Failed != 1 || *r.Cases[0].Difference != `recordings of the family "tea" are not supported` {
		t.Errorf("%v, %v", r, err)
	}
}
