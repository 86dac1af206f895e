package build

import (
	"context"
	"encoding/json"
	"testing"

	"spikec/runtime/ladder"
)

// text is a document without its times.
func text(t *testing.T, l *ladder.Ladder) string {
	t.Helper()
	l.Timing = nil
	data, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestPreparedIsRun holds that builds from one preparation are those that Run makes one by one, whatever was built before.
func TestPreparedIsRun(t *testing.T) {
	for _, target := range []string{"generic8", "loihi1"} {
		r := request(t, t.TempDir(), target)
		r.Out, r.Options.Rules = "", "best"
		p, err := Prepare(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []Variant{{}, {Bits: 3}, {Bits: 4, Limit: 25}, {Bits: 8, Limit: 1000}} {
			got, err := p.Build(context.Background(), v, nil)
			if err != nil {
				t.Fatal(err)
			}
			alone := r
			alone.Options.Bits = v.Bits
			if v.Limit > 0 {
				alone.Data = r.Data.Head(v.Limit)
			}
			want, err := Run(context.Background(), alone)
			if err != nil {
				t.Fatal(err)
			}
			want.Naive = nil
			if alone.Data.Len() < r.Data.Len() {
				want.Readouts = nil
			}
			if a, b := text(t, got), text(t, want); a != b {
				t.Errorf("%s, %+v: got\n%s\nwant\n%s", target, v, a, b)
			}
		}
	}
}

func TestPreparedRefuses(t *testing.T) {
	r := request(t, t.TempDir(), "generic4")
	p, err := Prepare(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Build(context.Background(), Variant{Bits: 8}, nil)
	wants(t, err, idTarget+" --bits")
	r.Options.Steps, r.Options.Readout = -1, "loud"
	_, err = Prepare(context.Background(), r)
	wants(t, err, idNumber+" --steps", idWord+" --readout")
	wants(t, Validate(r), idNumber+" --steps", idWord+" --readout")
}
