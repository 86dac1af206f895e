package enginetest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"spikec/emulator"
	"spikec/target/chip"
	"spikec/target/image"
)

// NoDiff fails the test where an engine that runs the image differs from the reference engine, for any of the
// pictures, which one session runs one after the other.
func NoDiff(t testing.TB, img *image.Image, p *chip.Profile, pictures ...[]uint8) {
	t.Helper()
	eachOther(t, img, p, func(ref, e emulator.Engine) {
		if err := Diff(img, ref, e, pictures...); err != nil {
			t.Errorf("%s: %v", e.Name(), err)
		}
	})
}

// eachOther calls body with the reference engine and every other engine that runs the image.
func eachOther(t testing.TB, img *image.Image, p *chip.Profile, body func(ref, e emulator.Engine)) {
	t.Helper()
	ref, err := emulator.NewReference(img, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range emulator.Names() {
		e, err := emulator.New(name, img, p)
		if err != nil || e.Name() == ref.Name() || e.Name() != name {
			continue // it cannot run the image, or is not an engine of its own
		}
		body(ref, e)
	}
}

// Diff runs pictures on two engines, one after the other in one session each, and returns an error that names the
// first layer, neuron and step in which the second engine differs from the first one, or the first result or counter.
func Diff(img *image.Image, a, b emulator.Engine, pictures ...[]uint8) error {
	sa, sb := a.NewSession(), b.NewSession()
	for i, codes := range pictures {
		if err := diffPicture(img, sa, sb, codes, i); err != nil {
			return fmt.Errorf("picture %d: %w", i, err)
		}
	}
	return nil
}

// record is what one core did in one step.
type record struct {
	spikes    []int8
	membranes []int32
}

// diffPicture compares one picture, observed and then not observed.
func diffPicture(img *image.Image, a, b emulator.Session, codes []uint8, picture int) error {
	steps := make(map[[2]int]record)
	ra, err := a.Trace(codes, picture, func(core, t int, spikes []int8, membranes []int32) {
		steps[[2]int{core, t}] = record{slices.Clone(spikes), slices.Clone(membranes)}
	})
	if err != nil {
		return err
	}
	seen := 0
	var at [3]int // core, step, neuron of the first difference
	var what string
	rb, err := b.Trace(codes, picture, func(core, t int, spikes []int8, membranes []int32) {
		seen++
		n, text := diffStep(steps[[2]int{core, t}], spikes, membranes)
		if here := [3]int{core, t, n}; text != "" && (what == "" || slices.Compare(here[:], at[:]) < 0) {
			at, what = here, text
		}
	})
	switch {
	case err != nil:
		return err
	case what != "":
		return fmt.Errorf("%s, step %d: %s", neuronName(img, at[0], at[2]), at[1], what)
	case seen != len(steps):
		return fmt.Errorf("observed %d steps of cores, want %d", seen, len(steps))
	}
	if err := diffResult(ra, rb); err != nil {
		return err
	}
	if rb, err = b.Run(codes, picture); err != nil {
		return err
	}
	if err := diffResult(ra, rb); err != nil {
		return fmt.Errorf("without observer: %w", err)
	}
	return nil
}

// diffStep returns the first neuron that differs and how, or an empty text.
func diffStep(want record, spikes []int8, membranes []int32) (neuron int, text string) {
	if len(want.spikes) != len(spikes) || len(want.membranes) != len(membranes) {
		return 0, fmt.Sprintf("%d neurons, want %d", len(spikes), len(want.spikes))
	}
	for n := range spikes {
		if spikes[n] != want.spikes[n] || membranes[n] != want.membranes[n] {
			return n, fmt.Sprintf("membrane %d, spike %v; want %d, %v", membranes[n], spikes[n], want.membranes[n], want.spikes[n])
		}
	}
	return 0, ""
}

// neuronName names a neuron of a core by its layer and its place there.
func neuronName(img *image.Image, core, n int) string {
	c := &img.Cores[core]
	k := c.Index(n)
	return fmt.Sprintf("layer %s (core %d), neuron (c %d, y %d, x %d)", c.Population, core,
		k%c.Shape[0], k/c.Shape[0]/c.Shape[2], k/c.Shape[0]%c.Shape[2])
}

// diffResult compares results.
func diffResult(want, got *emulator.Result) error {
	for _, f := range []struct {
		what      string
		got, want any
	}{
		{"checkpoints", got.Steps, want.Steps},
		{"counts", got.Counts, want.Counts},
		{"potentials", got.Potentials, want.Potentials},
		{"counters", got.Counters, want.Counters},
	} {
		if !reflect.DeepEqual(f.got, f.want) {
			return fmt.Errorf("%s %+v, want %+v", f.what, f.got, f.want)
		}
	}
	return nil
}

// SameAnswers is NoDiff for results alone: of many steps, not every one is looked at.
func SameAnswers(t testing.TB, img *image.Image, p *chip.Profile, pictures ...[]uint8) {
	t.Helper()
	eachOther(t, img, p, func(ref, e emulator.Engine) {
		a, b := ref.NewSession(), e.NewSession()
		for i, codes := range pictures {
			want, err := a.Run(codes, i)
			if err != nil {
				t.Fatal(err)
			}
			got, err := b.Run(codes, i)
			if err != nil {
				t.Fatal(err)
			}
			if err := diffResult(want, got); err != nil {
				t.Errorf("%s: picture %d: %v", e.Name(), i, err)
			}
		}
	})
}
