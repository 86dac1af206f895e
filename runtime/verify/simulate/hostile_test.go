package simulate

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"strings"
	"testing"
)

// recordings returns the recorded simulations by name.
func recordings(t *testing.T) map[string][]byte {
	t.Helper()
	r, err := os.Open("../testdata/seeds.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	z, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for a := tar.NewReader(z); ; {
		h, err := a.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if out[path.Base(h.Name)], err = io.ReadAll(a); err != nil {
			t.Fatal(err)
		}
	}
}

// slow are parts of the names of recordings that take long.
var slow = []string{"stats", "statistics", "net_1000", "fI", "spikeprop", "poisson_group", "correlated", "resume", "span", "cnn", "program"}

// TestWrongValues puts values of the wrong kind in place of every parameter and every output of every family, one after another: an
// error or a difference, never a panic, and never a pass where the value is one that the family compares.
func TestWrongValues(t *testing.T) {
	passed := 0
	for name, data := range recordings(t) {
		if containsAny(name, slow) {
			continue
		}
		var doc map[string]any
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"parameters", "outputs"} {
			object := doc[part].(map[string]any)
			for key, was := range object {
				for _, bad := range []any{nil, "x", []any{-1.0}} {
					object[key] = bad
					b, err := json.Marshal(doc)
					if err != nil {
						t.Fatal(err)
					}
					if d, err := Verify(t.Context(), b); part == "outputs" && d == "" && err == nil {
						passed++
					}
				}
				object[key] = was
			}
		}
	}
	// Outputs that nobody compares are remarks, such as how near a membrane came to its threshold.
	if passed > 200 {
		t.Errorf("%d wrong outputs passed", passed)
	}
}

// TestChangedOutputs: a recording differs if any number that it lists is another, for one recording of each kind of output.
func TestChangedOutputs(t *testing.T) {
	all := recordings(t)
	for _, c := range []struct{ name, key string }{
		{"d000_lif_stdp_seed42.json", "weights_final"}, {"d001_event_stdp.json", "spike_times_ms"}, {"d002_2_threshold_reset.json", "trace_v"},
		{"d004_if_nonleaky.json", "soft_spike_steps"}, {"d004_rf_resonant_doublet.json", "y"}, {"d004_rstdp.json", "w_final"},
		{"d004_izh_single_python.json", "U"}, {"d_brian_stdp_traces.json", "w_final"},
	} {
		var doc map[string]any
		if err := json.Unmarshal(all[c.name], &doc); err != nil {
			t.Fatal(err)
		}
		list := doc["outputs"].(map[string]any)[c.key].([]any)
		list[len(list)/2] = list[len(list)/2].(float64) + 1e-3
		b, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := Verify(t.Context(), b); err != nil || d == "" {
			t.Errorf("%s: a change of %s was not seen: %v", c.name, c.key, err)
		}
	}
}

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// TestOtherCases: other parameters of a family run, and give another answer than the recording's: nothing goes by its name.
func TestOtherCases(t *testing.T) {
	all := recordings(t)
	for _, c := range []struct {
		name, key string
		value     any
	}{
		{"d001_lif_timestep_1p6nA.json", "input", "1.7 nA in steps 250..499, else 0"}, {"d002_2_threshold_reset.json", "threshold", "v > 0.7"},
		{"d004_hh_rest.json", "gK", 30.0}, {"d004_izh_net_5.json", "seed", 43.0}, {"d_brian_timed_array.json", "run_regularly", "v = v + 0.1 every 2 ms"},
		{"d_brian_sde_methods.json", "seed", 43.0}, {"d004_poisson_generators_seed42.json", "seed", "43, set again before every generator"},
	} {
		var doc map[string]any
		if err := json.Unmarshal(all[c.name], &doc); err != nil {
			t.Fatal(err)
		}
		doc["parameters"].(map[string]any)[c.key] = c.value
		doc["case"] = "another"
		b, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := Verify(t.Context(), b); err != nil || d == "" {
			t.Errorf("%s with %s = %v: difference %q, error %v", c.name, c.key, c.value, d, err)
		}
	}
}
