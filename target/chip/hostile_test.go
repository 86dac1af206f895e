package chip

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spikec/internal/diag"
	"spikec/internal/golden"
)

// hostile are files that are refused. Each starts from a whole profile, by replacing text, so that what is reported is
// what the replacement broke. The diagnostics are in testdata/hostile.txt.
var hostile = []struct {
	name, base string
	edits      []string // old, new, old, new, …
}{
	{"unknown keys, with the closest known one", "generic8", []string{"threshold: {bits", "treshold: {bits", "kernel_max", "kernelmax", "full: none", "xyzzy: none"}},
	{"values out of range", "generic8", []string{"threshold: {bits: 16", "threshold: {bits: 40", "latency: 0", "latency: -1", "step: 1", "step: 99999999999999999999"}},
	{"wrong types", "generic8", []string{"cores: null", "cores: many", "dense: true", "dense: yes", "neurons: null", "neurons: [1]", "  max: 127", "  max: 127.5",
		"program:", "program: 3\nx:", "modes: [subtract, zero]", "modes: subtract", "name: Generic 8-bit weights, 16-bit membrane", "name: null"}},
	{"words", "generic8", []string{"sign: twos", "sign: two", "compare: ge, when", "compare: eq, when", "kind: tick", "kind: tock", "round: rne", "round: nearest"}},
	{"numbers that contradict each other", "generic8", []string{"min: -127", "min: -129", "max: 127", "max: -130", "min: 1, max: 32767", "min: 1, max: 32768",
		"max: 32767, overflow", "max: 40000, overflow", "refractory: {min: 0, max: 0}", "refractory: {min: 2, max: 1}"}},
	{"steps of mixed weights", "loihi1", []string{"step: 2", "step: 3", "max: 254", "max: 256"}},
	{"operations", "generic8", []string{"{op: emit, to: targets}", "{op: emitt, to: targets}", "into: a, order: none, arith: int}", "into: 3a, order: any, shft: 2}",
		"value: thr, arith: sat16}", "value: thr}", "program:\n", "program:\n  - just text\n  - {var: v}\n  - {op: clamp, var: v}\n"}},
	{"nested loops", "generic8", []string{"program:\n", "program:\n  - {op: for_each, event: pre, target: all, serve: queued, do: [{op: for_each, event: pre, target: all, serve: queued, do: [{op: clear, var: z}]}]}\n"}},
	{"events on a chip of steps", "generic8", []string{"program:\n", "program:\n  - {op: for_each, event: pre, target: all, serve: queued, do: [{op: clear, var: z}]}\n",
		"to: targets}", "to: [targets, queue], also: \"v > 0\"}"}},
	{"events that are served twice, and what stands outside", "tinyodin", []string{"event: virtual\n    target: one", "event: pre\n    target: all",
		"program:\n", "program:\n  - {op: clear, var: z}\n", "depth: 128", "depth: 0"}},
	{"parameters of events", "tinyodin", []string{"serve: at_once\n    upto: max_neur", "serve: soon\n    upto: max", "aer_src == 1", "aer_src"}},
	{"events without a queue", "odin", []string{"depth: 32", "depth: null", "event: virtual_leak\n    target: one", "event: tref\n    target: one"}},
	{"arithmetics", "generic8", []string{"arith: int}", "arith: s16.15}", "a + bias\", arith: sat16", "a + bias\", arith: sat99"}},
	{"expressions", "generic8", []string{"a + bias", "a / bias + f(2)", "against: thr", "against: thr +", "program:\n", "program:\n  - {op: hold, var: v, value: 0, while: ref}\n"}},
	{"unknown names", "generic8", []string{"a + bias", "a + bais"}},
	{"a program without effect", "generic8", []string{"  - {op: fire, var: v, compare: ge, against: thr}\n", ""}},
	{"a test that is not the one described", "loihi1", []string{"against: \"vth << 6\"", "against: \"vth << 5\"", "fire, var: v, compare: gt", "fire, var: v, compare: ge",
		"mode: zero", "mode: subtract, value: vth, arith: int"}},
	{"an empty program", "generic8", []string{"\nprogram:\n", "\nprogram: []\ncost: {}\nsops: s\nconfig: {formats: [], order: null}\nconstraints: []\nrest:\n"}},
	{"a constraint that nothing checks", "generic8", []string{"fan_in_sum|w| + |bias| < 2^31", "fan_in_sum|w| + |bias| < 2^30"}},
	{"a class without proof", "generic8", []string{"class: D", "class: A"}},
	{"registers", "generic8", []string{"bias: bias, constants: {}", "bias: null, constants: {thr: 1, 1a: 2, k: 3.5}", "a + bias", "a"}},
	{"spikes of a sign that is not the one described", "generic8", []string{"lower: {kind: none", "lower: {kind: spike"}},
	{"negative spikes that are not described", "generic8", []string{"to: targets}", "to: targets, lower: negative}"}},
	{"stages that there are not", "generic8", []string{"to: targets}", "to: targets, stage: fire}", "against: thr}", "against: thr, stage: later}"}},
	{"operations of no stage", "generic8", []string{"latency: 0", "stages: 2\n  latency: 0"}},
	{"duplicate keys", "generic8", []string{"latency: 0", "latency: 0\n  latency: 1", "schema: chip-profile/v1", "schema: chip-profile/v1\nschema: chip-profile/v1"}},
	{"anchors and aliases", "generic8", []string{"cores: null", "cores: &x null", "neurons: null", "neurons: *x"}},
	{"a bomb", "", []string{"", "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"}},
	{"tags", "generic8", []string{"cores: null", "cores: !!binary aGk=", "id: generic8", "id: !mine generic8"}},
	{"merge keys and keys that are no words", "generic8", []string{"cores: null", "<<: {cores: 1}", "neurons: null", "[1, 2]: 3"}},
	{"two documents", "generic8", []string{"schema: chip", "---\na: 1\n---\nschema: chip"}},
	{"not YAML", "generic8", []string{"cores: null", "cores: [1, 2"}},
	{"another syntax error", "generic8", []string{"cores: null", "\tcores: null"}},
	{"not a mapping", "", []string{"", "- 1\n- 2\n"}},
	{"a word", "", []string{"", "hello"}},
	{"only a comment", "", []string{"", "# nothing\n"}},
	{"no text", "", []string{"", "\x00\x01\x02"}},
	{"almost everything missing", "", []string{"", "schema: chip-profile/v2\nid: Bad Name\nproof: {}\nweight: {}\n"}},
	{"a child's mistakes and its parent's lines", "", []string{"", "schema: chip-profile/v1\nid: x\nname: n\nrevision: r\ninherits: generic8\n" +
		"proof: {class: D, reference: {kind: none, repository: null, commit: null, licence: null}, golden: null}\nweight: {bits: 4}\nstate: {v: 3}\nlineage: [generic4]\n"}},
	{"a parent that is a file", "", []string{"", "inherits: x.yaml\n"}},
	{"a parent that is a list", "", []string{"", "inherits: [generic8]\n"}},
	{"text of several lines", "generic8", []string{"name: Generic 8-bit weights, 16-bit membrane", "name: \"a\\nb\"", "sops: \"stored synapses of spiking sources\"", "sops: \"\""}},
}

// edit applies pairs of old and new text, each of which must occur.
func edit(t *testing.T, base string, edits []string) string {
	t.Helper()
	text := ""
	if base != "" {
		b, err := os.ReadFile(filepath.Join("profiles", base+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			t.Fatalf("%q is not in %s", edits[i], base)
		}
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	return text
}

func TestHostile(t *testing.T) {
	var b strings.Builder
	for _, c := range hostile {
		_, err := Parse("x.yaml", []byte(edit(t, c.base, c.edits)))
		if failure := new(diag.Failure); !errors.As(err, &failure) {
			t.Errorf("%s: got %v, want diagnostics", c.name, err)
			continue
		}
		fmt.Fprintf(&b, "== %s\n%v\n\n", c.name, err)
	}
	golden.File(t, "hostile.txt", b.String())
}

func TestTooLarge(t *testing.T) {
	g8 := edit(t, "generic8", nil)
	if _, err := Parse("x.yaml", []byte(g8+"#"+strings.Repeat(" ", maxFile-len(g8)-1))); err != nil {
		t.Errorf("a file of the largest size: %v", err)
	}
	for want, text := range map[string]string{
		"file of 1048577 bytes, want at most 1048576":       g8 + strings.Repeat("\n", maxFile+1-len(g8)),
		"file of 40004 keys and values, want at most 20000": "a: [" + strings.Repeat("1,", 39_999) + "1]",
		"exceeded max depth of 10000":                       strings.Repeat("[", 20_000),
		" more problems are not listed":                     strings.Repeat("k: 1\n", 125),
	} {
		if _, err := Parse("x.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %.300v, want %s", err, want)
		}
	}
}

// Lists and comma-separated names mean the same, and null constants are absent.
func TestListsInPrograms(t *testing.T) {
	p, err := Parse("x.yaml", []byte(edit(t, "generic8", []string{"from: w,", "from: [w, w2], shift: [k, 2], combine: sat16,", "constants: {}", "constants: {k: 0x10, gone: null}",
		"{op: emit, to: targets}", "{op: emit, to: [output, probe]}", "kernel_max: null", "kernel_max: 16, input_max: [128, 64], channels_max: 1024", "cost: {}", "cost: {a: {value: \"RO+1\", unit: cycles, source: s, status: derived}, b: null}"})))
	if err != nil {
		t.Fatal(err)
	}
	if op := p.Program[0]; op.From != "w, w2" || !reflect.DeepEqual(List(op.Shift), []string{"k", "2"}) || op.Combine != "sat16" {
		t.Errorf("integrate is %+v", op)
	}
	if p.Program[4].To != "output, probe" || !reflect.DeepEqual(p.Registers.Constants, map[string]int32{"k": 16}) {
		t.Errorf("%+v %+v", p.Program[4], p.Registers)
	}
	if List("") != nil {
		t.Error("an empty list has elements")
	}
	text, err := p.YAML()
	if err != nil {
		t.Fatal(err)
	}
	q, err := Parse("y.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(p, q); d != "" {
		t.Error(d)
	}
}

// A chip without bias, with loops and a refractory counter, as the event-driven chips are described.
func TestEventProgram(t *testing.T) {
	text := edit(t, "generic8", []string{
		"bias: {kind: add, bits: 16,", "bias: {kind: none, bits: null,", "bias: bias,", "bias: null,",
		"kind: tick", "kind: event", "depth: null", "depth: 3",
		"fan_in_sum|w| + |bias| < 2^31", "w % 2 == 0",
		"  - {op: integrate, from: w, into: a, order: none, arith: int}\n  - {op: add, var: v, term: \"a + bias\", arith: sat16}\n  - {op: fire, var: v, compare: ge, against: thr}\n" +
			"  - {op: reset, mode: cfg, value: thr, arith: sat16}\n  - {op: emit, to: targets}\n", `
  - op: for_each
    event: pre
    target: all
    serve: queued
    upto: null
    announce: "thr == 1"
    do:
      - {op: integrate, from: w, into: v, order: arrival, arith: sat16}
      - {op: hold, var: v, value: 0, while: "ref > 0"}
      - {op: fire, var: v, compare: ge, against: thr, also: "v >= 0"}
      - {op: emit, to: [output, queue], also: "thr > 2"}
`})
	p, err := Parse("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Program[0].Do) != 4 || p.Program[0].Serve != ServeQueued || p.Program[0].Announce != "thr == 1" || p.Program[0].Do[2].Also != "v >= 0" || p.Registers.Bias != "" {
		t.Errorf("%+v", p.Program)
	}
	again, err := p.YAML()
	if err != nil {
		t.Fatal(err)
	}
	q, err := Parse("y.yaml", again)
	if err != nil || !cmp.Equal(p, q) {
		t.Errorf("%v %s", err, cmp.Diff(p, q))
	}
	if c := p.Capabilities(); c.Bias {
		t.Error("no bias, but a capability of it")
	}
}

// A profile that is accepted can be written and read back; anything else is refused with diagnostics, without a panic.
func FuzzParse(f *testing.F) {
	for _, id := range IDs() {
		b, err := os.ReadFile(filepath.Join("profiles", id+".yaml"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("inherits: generic8\nid: x\nweight: {bits: 4}\nprogram: [{op: emit, to: [a, b]}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse("fuzz.yaml", data)
		if err != nil {
			if failure := new(diag.Failure); !errors.As(err, &failure) || err.Error() == "" {
				t.Fatalf("%v is no list of diagnostics", err)
			}
			return
		}
		text, err := p.YAML()
		if err != nil {
			t.Fatal(err)
		}
		q, err := Parse("again.yaml", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if d := cmp.Diff(p, q); d != "" {
			t.Fatal(d)
		}
		p.Capabilities()
	})
}
