package build

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"spikec/runtime/ladder"
)

func TestConvert(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	r.Profile = nil
	l, err := Convert(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if l.Last().Stage != ladder.SNN || len(l.Stages) != 3 || l.Target != "" || l.Options.Reset != "subtract" || len(l.AccuracyBySteps) != 3 || l.PerImage.Spikes <= 0 {
		t.Errorf("got %+v", l)
	}
	files := contents(t, r.Out)
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, []string{knownFile, ladderFile, manifestFile, nirFile, weightsFile, networkFile, scalesFile}) {
		t.Errorf("files %v", got)
	}
	if text := files[networkFile]; !strings.HasPrefix(text, "network tiny: T=8 reset=subtract initial=0.5\n") {
		t.Errorf("network.txt holds\n%s", text)
	}
	a := arraysOf(t, r.Out+"/"+weightsFile, "weight_0", "weight_2")
	if !slices.Equal(a[0].Shape, []int{3, 2, 3, 3}) || !slices.Equal(a[1].Shape, []int{classes, 5, 1, 2}) {
		t.Errorf("weights are %v and %v", a[0], a[1])
	}
	_, err = Check(context.Background(), r.Out, CheckOptions{})
	wants(t, err, "SPK-FILE-001 written spikec convert build")
	r.Options.Reset = "zero"
	if l, err = Convert(context.Background(), r); err != nil || l.Options.Reset != "zero" { // replaces the first
		t.Errorf("got %v", err)
	}
}

func TestConvertForATarget(t *testing.T) {
	r := request(t, t.TempDir(), "loihi1")
	l, err := Convert(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if l.Target != "loihi1" || l.Options.Reset != "zero" || l.Options.Initial != "zero" {
		t.Errorf("got %+v", l)
	}
	r.Options.Reset = "subtract"
	_, err = Convert(context.Background(), r)
	wants(t, err, "SPK-BUILD-003 --reset")
}

func TestConvertKeepsBiases(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	r.Profile, r.Options.Rules = nil, "best"
	if _, err := Convert(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	if a := arraysOf(t, r.Out+"/"+weightsFile, "bias_1"); !slices.Equal(a[0].Shape, []int{3}) {
		t.Errorf("biases are %v", a[0])
	}
}
