package chip

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spikec/internal/diag"
)

func load(t *testing.T, id string) *Profile {
	t.Helper()
	p, err := Load(id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEmbedded(t *testing.T) {
	want := []string{"generic4", "generic8", "generic8-signed", "generic8-staged", "loihi1", "loihi1-lava", "loihi1-nengo", "loihi1-soft", "loihi2", "odin", "ranc", "reckon", "speck2f", "spinnaker1", "spinnaker2", "tinyodin"}
	if got := IDs(); !slices.Equal(got, want) {
		t.Fatalf("IDs %v, want %v", got, want)
	}
	readme, err := os.ReadFile("profiles/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range All() {
		if p.ID != want[i] {
			t.Errorf("profile %s is in %s.yaml", p.ID, want[i])
		}
		if !bytes.Contains(readme, []byte("| `"+p.ID+"` | "+p.Proof.Class+" |")) {
			t.Errorf("profiles/README.md does not list %s of class %s", p.ID, p.Proof.Class)
		}
	}
}

// Each value is copied by hand from the file.
func TestValues(t *testing.T) {
	g8, g4, l := load(t, "generic8"), load(t, "generic4"), load(t, "loihi1")
	signed, staged := load(t, "generic8-signed"), load(t, "generic8-staged")
	tiny, odin := load(t, "tinyodin"), load(t, "odin")
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"generic8 name", g8.Name, "Generic 8-bit weights, 16-bit membrane"},
		{"generic8 unlimited", g8.Capacity, Capacity{}},
		{"generic8 state", g8.State, State{V: &Variable{Bits: 16, Signed: true, Min: -32768, Max: 32767, Overflow: "saturate"}}},
		{"generic8 registers", g8.Registers, Registers{Threshold: "thr", Bias: "bias"}},
		{"generic8 input", g8.Execution.Input.Kind, "current"},
		{"generic8 conv", g8.Layers.Conv, &ConvLayers{Groups: true}},
		{"generic8 program", g8.Program[1], MicroOp{Op: "add", Var: "v", Term: "a + bias", Arith: "sat16"}},
		{"generic4 name", g4.Name, "Generic 4-bit weights, 16-bit membrane"},
		{"generic4 lineage", g4.Lineage, []string{"generic8"}},
		{"generic4 weight", [4]int32{int32(g4.Weight.Bits), g4.Weight.Min, g4.Weight.Max, g4.Weight.Step}, [4]int32{4, -7, 7, 1}},
		{"generic4 inherits", g4.Program, g8.Program},
		{"generic8 firing", g8.Capabilities().Firing, FiringPlain},
		{"generic8 stages", g8.Execution.StageCount(), 1},
		{"signed firing", signed.Capabilities().Firing, FiringSigned},
		{"signed count", signed.State.N, &Variable{Bits: 16, Signed: true, Max: 32767, Overflow: "saturate"}},
		{"signed lower spike", signed.Program[4], MicroOp{Op: "lower_fire", Var: "v", Compare: "lt", Against: "0", Also: "n > 0"}},
		{"signed emit", signed.Program[7], MicroOp{Op: "emit", To: "targets", Lower: "negative"}},
		{"staged firing", staged.Capabilities().Firing, FiringStaged},
		{"staged membrane", staged.State.V, &Variable{Bits: 28, Signed: true, Min: -1 << 27, Max: 1<<27 - 1, Overflow: "saturate"}},
		{"staged add", staged.Program[1], MicroOp{Op: "add", Var: "v", Term: "a + bias", Arith: "sat28", Stage: StageIntegrate}},
		{"tinyodin queue", *tiny.Execution.Queue.Depth, 128},
		{"tinyodin row", [5]string{tiny.Program[0].Event, tiny.Program[0].Target, tiny.Program[0].Serve, tiny.Program[0].Upto, tiny.Program[0].Announce},
			[5]string{EventPre, TargetAll, ServeQueued, "max_neur", "aer_src == 1"}},
		{"tinyodin output", tiny.Program[0].Do[3], MicroOp{Op: "emit", To: "output", Also: "disable + aer_src == 0"}},
		{"odin queue", *odin.Execution.Queue.Depth, 32},
		{"odin synapse", [3]string{odin.Program[1].Event, odin.Program[1].Target, odin.Program[1].Serve}, [3]string{EventPre, TargetOne, ServeAtOnce}},
		{"odin leak", odin.Program[2].Do[0], MicroOp{Op: "leak", Var: "v", By: "leak * leak_en", Toward: "floor"}},
		{"loihi1 cores", *l.Capacity.Cores, 128},
		{"loihi1 thresholds", *l.Capacity.ThresholdConfigs, 8},
		{"loihi1 threshold", l.Threshold, Threshold{Bits: 17, Min: 1, Max: 131071, Shift: 6, Scope: "layer", Compare: "gt", When: "tick", Tests: "v"}},
		{"loihi1 constants", l.Registers.Constants, map[string]int32{"weight_exp": 0, "du": 4095, "dv": 0, "bias_exp": 6}},
		{"loihi1 clamp", l.Program[6], MicroOp{Op: "clamp", Var: "v", Min: "-8388607", Max: "8388607"}},
		{"loihi1 cost", l.Cost["hop_east_west"], &Cost{Figure: Figure{Value: 3.0, Unit: "pJ", Source: "SANA-FE loihi.yaml", Status: "secondary"}}},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestFlattenedIsEqual(t *testing.T) {
	for _, p := range All() {
		text, err := p.YAML()
		if err != nil {
			t.Fatal(err)
		}
		q, err := Parse(p.ID+".yaml", text)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(p, q); d != "" {
			t.Errorf("%s: %s", p.ID, d)
		}
		if again, err := q.YAML(); err != nil || !bytes.Equal(again, text) {
			t.Errorf("%s: written a second time it differs, %v", p.ID, err)
		}
		if bytes.Contains(text, []byte("inherits")) {
			t.Errorf("%s still inherits", p.ID)
		}
	}
}

// The schema's keys and the vocabulary of programs are all described.
func TestReadmeIsComplete(t *testing.T) {
	readme, err := os.ReadFile("profiles/README.md")
	if err != nil {
		t.Fatal(err)
	}
	has := func(word string) bool {
		return regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `\b`).Match(readme)
	}
	var walk func(r *rule)
	walk = func(r *rule) {
		for _, f := range r.fields {
			if !has(f.key) {
				t.Errorf("key %s is not described", f.key)
			}
			walk(&f.rule)
		}
		for _, w := range r.words {
			if !has(w) {
				t.Errorf("value %s is not described", w)
			}
		}
		if r.elem != nil {
			walk(r.elem)
		}
	}
	walk(&schema)
	_, vocabulary, _ := bytes.Cut(readme, []byte("## Micro-operations"))
	for op, params := range operations {
		rows := regexp.MustCompile("(?m)^\\| `"+op+"` \\|.*$").FindAll(vocabulary, -1)
		if len(rows) != 1 {
			t.Errorf("operation %s is described %d times", op, len(rows))
			continue
		}
		for _, p := range params {
			if !regexp.MustCompile(`\b` + p.key + `\b`).Match(rows[0]) {
				t.Errorf("parameter %s of %s is not described", p.key, op)
			}
		}
	}
	for _, c := range Constraints() {
		if !strings.Contains(string(readme), "`"+strings.ReplaceAll(c, "|", `\|`)+"`") {
			t.Errorf("constraint %s is not described", c)
		}
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	head := func(id, parent string) string {
		return "schema: chip-profile/v1\nid: " + id + "\nname: n\ninherits: " + parent + "\nrevision: r\nproof:\n  class: D\n" +
			"  reference: {kind: none, repository: null, commit: null, licence: null}\n  golden: null\n"
	}
	child := write("child.yaml", head("child", "middle.yml")+"weight: {bits: 3, min: -3, max: 3}\nstate: {v: {bits: 8, min: -128, max: 127}}\n")
	write("middle.yml", head("middle", "generic4")+"cost: {sop: {value: 2, unit: pJ, source: s, status: derived}}\nregisters: {constants: {k: 5}}\n")
	p := load(t, child)
	if p.Weight.Bits != 3 || p.State.V.Max != 127 || p.State.V.Overflow != "saturate" || p.Cost["sop"].Value != 2.0 {
		t.Errorf("merged to %+v", p)
	}
	if want := []string{"middle", "generic4", "generic8"}; !slices.Equal(p.Lineage, want) {
		t.Errorf("lineage %v, want %v", p.Lineage, want)
	}
	gone := load(t, write("gone.yaml", head("gone", "middle.yml")+"registers: {constants: {k: null}}\ncost: {sop: null}\n"))
	if c, ok := gone.Cost["sop"]; len(gone.Registers.Constants) != 0 || !ok || c != nil {
		t.Errorf("null does not take away: %v, %v", gone.Registers.Constants, gone.Cost)
	}
	write("a.yaml", head("a", "b.yaml"))
	cycle := write("b.yaml", head("b", "a.yaml"))
	self := write("self.yaml", head("self", "self.yaml"))
	for path, want := range map[string]string{
		cycle: "a.yaml line 4: inherits: b.yaml inherits from this profile",
		self:  "self.yaml line 4: inherits: self.yaml inherits from this profile",
		write("up.yaml", head("up", "../x.yaml")):   "inherits: ../x.yaml: want the name of a file in the same folder",
		write("lost.yaml", head("lost", "x.yaml")):  "x.yaml: there is no such file",
		write("typo.yaml", head("typo", "generic")): `typo.yaml line 4: inherits: there is no target "generic"; did you mean generic4?`,
		write("empty.yaml", ""):                     "empty.yaml: not YAML: the file is empty",
		filepath.Join(dir, "none.yaml"):             "none.yaml: there is no such file",
	} {
		_, err := Load(path)
		if failure := new(diag.Failure); !errors.As(err, &failure) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
	}
}

func TestUnknownTarget(t *testing.T) {
	for _, id := range []string{"loihi", "", "../profiles/loihi1", "x\x00y"} {
		_, err := Load(id)
		if err == nil || !strings.Contains(err.Error(), "SPK-CHIP-001") || !strings.Contains(err.Error(), "one of generic4, generic8, generic8-signed, generic8-staged, loihi1") {
			t.Errorf("%q: %v", id, err)
		}
	}
	if _, err := Load("loihi"); !strings.Contains(err.Error(), "did you mean loihi1?") {
		t.Error(err)
	}
}

func TestCapabilities(t *testing.T) {
	for id, want := range map[string]Capabilities{
		"generic8": {ConstantInput: true, SpikeInput: true, ResetModes: []string{"subtract", "zero"}, Bias: true, Driven: true, InitialV: true, ReadPotential: true, SignedMembranes: true,
			PerNeuronThreshold: true, NativeConv: true, NativePool: true, SignedWeights: true},
		"ranc":   {SpikeInput: true, ResetModes: []string{"subtract", "value"}, Bias: true, InitialV: true, SignedMembranes: true, PerNeuronThreshold: true, Latency: 1, MaxDelay: 14, SignedWeights: true},
		"loihi1": {ConstantInput: true, SpikeInput: true, ResetModes: []string{"zero"}, Bias: true, Driven: true, ReadPotential: true, SignedMembranes: true, Latency: 1, SignedWeights: true},
	} {
		if d := cmp.Diff(want, load(t, id).Capabilities()); d != "" {
			t.Errorf("%s: %s", id, d)
		}
	}
}

func TestWeightLevels(t *testing.T) {
	unsigned := *load(t, "generic8")
	unsigned.Weight.Sign, unsigned.Weight.Bits, unsigned.Weight.Min, unsigned.Weight.Max = "sign_per_source", 3, 0, 7
	for _, c := range []struct {
		p    *Profile
		bits int
		want [3]int32
		err  string
	}{
		{load(t, "generic8"), 0, [3]int32{-127, 127, 1}, ""},
		{load(t, "ranc"), 0, [3]int32{-7, 7, 1}, ""},
		{load(t, "ranc"), 5, [3]int32{}, "chip: weights of 5 bits: ranc allows 2..4"},
		{load(t, "generic8"), 8, [3]int32{-127, 127, 1}, ""},
		{load(t, "generic8"), 4, [3]int32{-7, 7, 1}, ""},
		{load(t, "generic8"), 2, [3]int32{-1, 1, 1}, ""},
		{load(t, "generic8"), 1, [3]int32{}, "chip: weights of 1 bits: generic8 allows 2..8"},
		{load(t, "generic8"), 9, [3]int32{}, "chip: weights of 9 bits: generic8 allows 2..8"},
		{load(t, "loihi1"), 8, [3]int32{-254, 254, 2}, ""},
		{load(t, "loihi1"), 4, [3]int32{-14, 14, 2}, ""},
		{load(t, "spinnaker1"), 0, [3]int32{-32767, 32767, 1}, ""},
		{load(t, "spinnaker1"), 8, [3]int32{-255, 255, 1}, ""},
		{&unsigned, 0, [3]int32{0, 7, 1}, ""},
		{&unsigned, 1, [3]int32{0, 1, 1}, ""},
		{&unsigned, -1, [3]int32{}, "chip: weights of -1 bits: generic8 allows 1..3"},
	} {
		lo, hi, step, err := c.p.WeightLevels(c.bits)
		if got := [3]int32{lo, hi, step}; got != c.want {
			t.Errorf("%s %d bits: %v, want %v", c.p.ID, c.bits, got, c.want)
		}
		if err == nil && c.err != "" || err != nil && err.Error() != c.err {
			t.Errorf("%s %d bits: %v, want %s", c.p.ID, c.bits, err, c.err)
		}
	}
}

// TestSourcesDisagree: a figure may have others beside it; all are energies in one unit.
func TestSourcesDisagree(t *testing.T) {
	p, err := Parse("mine.yaml", []byte(`
schema: chip-profile/v1
id: mine
name: mine
inherits: loihi1
proof: {class: D, reference: {kind: none, repository: null, commit: null, licence: null}, golden: null}
cost:
  sop: {value: 8, unit: nJ, source: one, status: secondary, others: [{value: 20000, unit: pJ, source: another, status: memory}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	c := p.Cost["sop"]
	one, ok := c.Picojoule()
	if !ok || one != 8000 || len(c.Others) != 1 {
		t.Fatalf("%+v", c)
	}
	if other, ok := c.Others[0].Picojoule(); !ok || other != 20000 {
		t.Errorf("%+v", c.Others)
	}
	if _, ok := p.Cost["hop_east_west"].Picojoule(); !ok {
		t.Error("3 pJ are no energy")
	}
}
