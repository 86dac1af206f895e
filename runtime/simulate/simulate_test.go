package simulate

import (
	"fmt"
	"strings"
	"testing"

	"spikec/runtime/simulate/describe"
)

// shorter returns an example whose duration is cut so that all of them run in a few seconds.
func shorter(t testing.TB, name string) *describe.Description {
	t.Helper()
	d, err := Example(name)
	if err != nil {
		t.Fatal(err)
	}
	if d.Training != nil {
		if name == "stdp_digits" {
			d.Training.Values = append(d.Training.Values, describe.Named{Name: "images", Text: describe.Text{Text: "60", Line: 1}}, describe.Named{Name: "test", Text: describe.Text{Text: "20", Line: 1}})
		}
		d.Training.Values = append(d.Training.Values, describe.Named{Name: "epochs", Text: describe.Text{Text: "2", Line: 1}})
		return d
	}
	text, err := ExampleText(name)
	if err != nil {
		t.Fatal(err)
	}
	b := newBuilder(d, nil)
	if b.duration > 0.03 {
		at := fmt.Sprintf("duration: %s\n", d.Duration.Text)
		d, err = describe.Parse(name+".yaml", []byte(strings.Replace(string(text), at, "duration: 30*ms\n", 1)))
		if err != nil {
			t.Fatal(err)
		}
	}
	if d.Sweep != nil {
		d.Sweep.Values = []describe.Text{{Text: b.d.Parameters[0].Text.Text, Line: 1}}
	}
	return d
}

// TestExamples: every bundled example runs, and what it names is what it gives.
func TestExamples(t *testing.T) {
	for _, name := range Examples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := shorter(t, name)
			o, err := Run(t.Context(), Request{Description: d, Jobs: 1})
			if err != nil {
				t.Fatal(err)
			}
			if len(o.Result.Monitors) != len(d.Monitors) || d.Training == nil && len(o.figures) != len(d.Plots) || len(o.figures) < len(d.Plots) {
				t.Errorf("%d monitors, %d figures", len(o.Result.Monitors), len(o.figures))
			}
			for k, f := range o.figures {
				if f.Title == "" || f.Description == "" {
					t.Errorf("plot %s has the title %q and the description %q", o.names[k], f.Title, f.Description)
				}
			}
			if About(name) == "" {
				t.Error("says nothing about itself")
			}
		})
	}
}
