package verify

import (
	"encoding/json"
	"testing"

	"spikec/target/chip"
)

func TestLoihi1(t *testing.T) { passes(t, "loihi1", "testdata/loihi1.tar.gz", 16) }

// loihi1Cases returns the recorded cases.
func loihi1Cases(t *testing.T) []loihi1Case {
	t.Helper()
	f, err := Open("testdata/loihi1.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	var cases []loihi1Case
	for _, name := range f.Names() {
		data, err := f.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		var c loihi1Case
		if err := json.Unmarshal(data, &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

// TestLoihi1Mutated: cases fail where a rule is another one; how many of the 16 do is known (chip reference §6.7).
func TestLoihi1Mutated(t *testing.T) {
	cases := loihi1Cases(t)
	for _, m := range []struct {
		name   string
		change func(p []chip.MicroOp)
		least  int
	}{
		{"decays round down", func(p []chip.MicroOp) { p[1].Round, p[4].Round = "floor", "floor" }, 16},
		{"the decay of the current without its offset", func(p []chip.MicroOp) { p[1].Mul = "4096-du" }, 16},
		{"the sum of a step does not wrap", func(p []chip.MicroOp) { p[0].Arith = "int" }, 2},
		{"the current does not wrap", func(p []chip.MicroOp) { p[2].Arith = "int" }, 5},
		{"no rest", func(p []chip.MicroOp) { p[10].By = "1" }, 8},
	} {
		p, err := chip.Load(loihi1Profile)
		if err != nil {
			t.Fatal(err)
		}
		m.change(p.Program)
		failed := 0
		for i := range cases {
			d, err := cases[i].run(t.Context(), p)
			if err != nil || d != "" {
				failed++
			}
		}
		if failed < m.least {
			t.Errorf("%s: %d of %d cases fail, want %d", m.name, failed, len(cases), m.least)
		}
	}
}
