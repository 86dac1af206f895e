package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/runtime/dataset/npz"
	"spikec/runtime/simulate/describe"
)

// TestEngines: the same description gives the same spikes on both engines, but for the step: a spike of the engine in steps has the time
// at which the step began that found it.
func TestEngines(t *testing.T) {
	text := func(engine string) string {
		return strings.Replace(`simulate:
  ENGINE
  dt: 0.001*ms
  duration: 60*ms
  populations:
    In: {n: 2, spikes: {times: [5*ms, 9*ms, 14.5*ms, 30*ms, 31*ms, 44*ms], indices: [0, 1, 0, 1, 0, 1]}}
    A: {n: 3, model: lif, parameters: {t_ref: 2.0505*ms}}
  synapses:
    F: {from: In, to: A, weight: 9*mV + 4*mV*i, delay: 0.5*ms + 0.25*ms*j, connect: {condition: j <= i + 1}}
    S: {from: A, to: A, weight: 6*mV, delay: 1.5*ms, connect: {condition: i != j}}
  monitors: {s: {spikes: A}}
`, "ENGINE", engine, 1)
	}
	steps, events := simulated(t, text("engine: steps")), simulated(t, text("engine: events\n  ties: batch"))
	got, want := column(t, steps, "s", 0), column(t, events, "s", 0)
	if len(got) < 4 || len(got) != len(want) || !slices.Equal(column(t, steps, "s", 1), column(t, events, "s", 1)) {
		t.Fatalf("in steps %v of %v, by events %v of %v", got, column(t, steps, "s", 1), want, column(t, events, "s", 1))
	}
	for k := range got {
		if math.Abs(got[k]-want[k]) > 2e-5 { // a step for each synapse on the way
			t.Errorf("spike %d: %v s in steps, %v s by events", k, got[k], want[k])
		}
	}
}

// sweptText is a sweep.
const sweptText = `simulate:
  dt: 0.5*ms
  duration: 200*ms
  parameters: {I0: 2*nA}
  populations: {N: {n: 3, model: lif_noisy, input: {I: I0}}}
  monitors: {s: {spikes: N}, v: {state: N.V, record: 1, every: 5*ms}, r: {rate: N, smooth: 5*ms}}
  sweep: {I0: 'linspace(0*nA, 4*nA, 9)'}
  plots: [{fI: s}, {raster: s}]
`

// written writes an outcome to a new folder and returns its files.
func written(t *testing.T, o *Outcome) map[string][]byte {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	for range 2 { // the second time over the first
		if err := o.Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	files := map[string][]byte{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestThreads: files do not depend on how many simulations run at a time, byte by byte, and hold what the result says.
func TestThreads(t *testing.T) {
	var all []map[string][]byte
	for _, jobs := range []int{1, 4} {
		d, err := describe.Parse("net.yaml", []byte(sweptText))
		if err != nil {
			t.Fatal(err)
		}
		o, err := Run(t.Context(), Request{Description: d, Jobs: jobs})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, written(t, o))
	}
	if len(all[0]) != 11 || len(all[1]) != len(all[0]) {
		t.Errorf("%d and %d files", len(all[0]), len(all[1]))
	}
	for name, data := range all[0] {
		if !bytes.Equal(data, all[1][name]) {
			t.Errorf("%s differs", name)
		}
	}
	var r Result
	if err := json.Unmarshal(all[0]["result.json"], &r); err != nil || r.Schema != "spikec/simulate/v1" || len(r.Sweep.Values) != 9 {
		t.Errorf("%v, %+v", err, r)
	}
	if rates := r.Sweep.Rates[0].RateHz; rates[0] > 5 || rates[8] < 60 {
		t.Errorf("rates %v", rates)
	}
	lines := strings.Split(strings.TrimSpace(string(all[0]["v.csv"])), "\n")
	if len(lines) != 41 || lines[0] != "t,1" {
		t.Errorf("v.csv has %d lines, the first %q", len(lines), lines[0])
	}
	path := filepath.Join(t.TempDir(), "r.npz")
	if err := os.WriteFile(path, all[0]["results.npz"], 0o644); err != nil {
		t.Fatal(err)
	}
	arrays, err := npz.Read(t.Context(), path, "v.values", "s.neuron", "sweep.value")
	if err != nil || arrays[0].Len() != 40 || arrays[2].Len() != 9 {
		t.Errorf("%v, %v", arrays, err)
	}
}

// TestFolder: a folder of something else is not replaced.
func TestFolder(t *testing.T) {
	o := simulated(t, "simulate: {duration: 1*ms, populations: {N: {model: lif}}}")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine.txt"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := o.Write(dir); err == nil || !strings.Contains(err.Error(), "it is no simulation of spikec") {
		t.Errorf("%v", err)
	}
	good := filepath.Join(t.TempDir(), "a", "b")
	if err := o.Write(good); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(good, "mine.txt"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := o.Write(good); err == nil || !strings.Contains(err.Error(), "mine.txt in it is not part of the simulation") {
		t.Errorf("%v", err)
	}
}

// TestInterrupted: a run ends with its context, and says why.
func TestInterrupted(t *testing.T) {
	stop := errors.New("enough")
	for _, name := range []string{"lif_fI", "event_network", "resume", "hh_fI"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(stop)
		d, err := Example(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Run(ctx, Request{Description: d, Jobs: 1}); !errors.Is(err, stop) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFile: pairs may stand in a file beside the description, with factors of the weight.
func TestFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pairs.csv"), []byte("source,target,factor\n0,1,2\n1,0,0.5\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "net.yaml")
	if err := os.WriteFile(path, []byte(`simulate:
  duration: 5*ms
  populations:
    A: {n: 2, spikes: {times: [1*ms, 2*ms]}}
    T: {n: 2, equations: 'v : volt'}
  synapses: {S: {from: A, to: T, weight: 3*mV, connect: {file: pairs.csv}}}
  monitors: {v: {state: T.v}}
`), 0o644); err != nil {
		t.Fatal(err)
	}
	d, err := describe.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	o, err := Run(t.Context(), Request{Description: d})
	if err != nil {
		t.Fatal(err)
	}
	for c, want := range []float64{0.0015, 0.006} {
		if v := column(t, o, "v", c+1); math.Abs(v[len(v)-1]-want) > 1e-15 {
			t.Errorf("neuron %d: %v, want %v", c, v[len(v)-1], want)
		}
	}
}

// TestFileRefuses names the first line of a file that holds no pair.
func TestFileRefuses(t *testing.T) {
	for _, c := range []struct{ line, says string }{{"0.7,1", "number neurons from 0"}, {"-1,1", "number neurons from 0"}, {"nan,1", "number neurons from 0"},
		{"0,1,inf", "factors that are finite"}, {"0,1,2,3", "write lines source,target"}, {"0,1,x", "write lines source,target"}} {
		path := filepath.Join(t.TempDir(), "pairs.csv")
		if err := os.WriteFile(path, []byte("source,target,factor\n0,1,2\n"+c.line+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		d, err := describe.Parse("net.yaml", []byte(`simulate:
  duration: 5*ms
  populations: {T: {n: 2, equations: 'v : 1', threshold: v > 1}}
  synapses: {S: {from: T, to: T, weight: 1, connect: {file: `+path+`}}}
`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Run(t.Context(), Request{Description: d}); err == nil || !strings.Contains(err.Error(), "line 3 of") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.line, err)
		}
	}
}

// TestParametersInConditions: the parameters of the description may stand in every expression that chooses pairs.
func TestParametersInConditions(t *testing.T) {
	for connect, want := range map[string]int{"condition: i < few": 2 * 5, "condition: 'i < few and j < few', p: 1": 2 * 2,
		"condition: i < few, p: few/2*(i >= 0)": 2 * 5, "range: {from: i, until: i + few}, condition: k != i + few - 1": 5, "to: few": 5} {
		o := simulated(t, `simulate:
  duration: 1*ms
  parameters: {few: 2}
  populations: {T: {n: 5, equations: 'v : 1', threshold: v > 1}}
  synapses: {S: {from: T, to: T, weight: 1, connect: {`+connect+`}}}
`)
		if got := o.Result.Synapses[0].Synapses; got != want {
			t.Errorf("%s: %d synapses, want %d", connect, got, want)
		}
	}
}

// FuzzParse: no text makes the reader of descriptions panic, and what it reads can be checked.
func FuzzParse(f *testing.F) {
	for _, name := range Examples() {
		text, err := ExampleText(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, c := range refused {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "file:") || strings.Contains(text, "data:") || len(text) > 4000 {
			return
		}
		d, err := describe.Parse("net.yaml", []byte(text))
		if err != nil {
			return
		}
		for _, p := range d.Populations {
			if p.N > 2000 {
				return
			}
		}
		_ = Check(d)
	})
}
