// Package enginetest holds the tests that every engine passes:
//
//	func TestFast(t *testing.T) { enginetest.Run(t, emulator.NewFast) }
//
// They compare an engine with answers worked out by hand, and with the reference engine on random networks, at every
// step of every core.
package enginetest

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"spikec/emulator"
	"spikec/target/chip"
	"spikec/target/image"
)

// Constructor builds an engine, or says why it cannot run the image.
type Constructor = func(*image.Image, *chip.Profile) (emulator.Engine, error)

// Long reports whether SPIKEC_LONG asks for the tests that take minutes.
func Long() bool { return os.Getenv("SPIKEC_LONG") != "" }

// Run runs the suite.
func Run(t *testing.T, make Constructor) {
	for _, c := range handCases {
		t.Run(c.name, func(t *testing.T) { c.run(t, make) })
	}
	runOpCases(t, make)
	t.Run("random networks", func(t *testing.T) { randomNetworks(t, make) })
	for _, id := range styles {
		t.Run("random networks, "+id, func(t *testing.T) { randomStyles(t, make, id) })
	}
	t.Run("bad pictures", func(t *testing.T) { badPictures(t, make) })
}

// randomNetworks compares the engine with the reference engine on many networks, and the reference engine with itself
// on some: it answers alike whether it is observed or not, and whatever it ran before.
func randomNetworks(t *testing.T, make Constructor) {
	for seed := range seeds(make, 400) {
		img, p := RandomImage(seed)
		if refused := randomNetwork(t, make, img, p, seed); refused != nil {
			t.Errorf("seed %d: %v", seed, refused)
		}
	}
}

// randomStyles is randomNetworks on a profile of this package, of which an engine may refuse any network that the
// reference engine runs. It reports how many.
func randomStyles(t *testing.T, make Constructor, id string) {
	accepted, reasons := 0, map[string]int{}
	for seed := range seeds(make, 200) {
		img, p := RandomStyle(seed, id)
		if refused := randomNetwork(t, make, img, p, seed); refused != nil {
			reasons[reason(refused)]++
		} else {
			accepted++
		}
	}
	t.Logf("%d networks accepted, refused are %v", accepted, reasons)
}

// number is what makes refusals for the same reason differ.
var number = regexp.MustCompile(`-?[0-9]+`)

// reason returns an error without the place where it was found.
func reason(err error) string {
	_, text, found := strings.Cut(err.Error(), "): ")
	if !found {
		text = err.Error()
	}
	return number.ReplaceAllString(text, "#")
}

// seeds returns how many networks to draw, of so many for a fast engine.
func seeds(make Constructor, fast uint64) uint64 {
	if Long() {
		fast *= 100
	}
	img, p := RandomImage(0)
	if e, err := make(img, p); err == nil && e.Name() == "reference" {
		fast /= 10
	}
	return fast
}

// randomNetwork compares the engine with the reference engine on a network, unless the engine refuses it.
func randomNetwork(t *testing.T, make Constructor, img *image.Image, p *chip.Profile, seed uint64) (refused error) {
	ref, err := emulator.NewReference(img, p)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	e, err := make(img, p)
	if err != nil {
		return err
	}
	if n := len(e.Explain()); n != len(img.Cores) {
		t.Errorf("seed %d: %d explanations for %d cores", seed, n, len(img.Cores))
	}
	dark := RandomCodes(img, seed)
	clear(dark)
	if err := Diff(img, ref, e, RandomCodes(img, seed), dark, RandomCodes(img, seed+1)); err != nil {
		t.Errorf("seed %d, %s: %v\n%v", seed, p.ID, err, e.Explain())
	}
	return nil
}

// badPictures: a picture of the wrong size is an error, and the session runs on.
func badPictures(t *testing.T, make Constructor) {
	p := profile(t, "generic8")
	img := driven(p, 3, vector(p, "if", 2, 10))
	e, err := make(img, p)
	if err != nil {
		t.Fatal(err)
	}
	s := e.NewSession()
	for _, n := range []int{0, 1, 3} {
		if _, err := s.Run(append([]uint8{}, []uint8{9, 9, 9}[:n]...)); err == nil {
			t.Errorf("a picture of %d codes was accepted, want 2", n)
		}
	}
	if _, err := s.Run([]uint8{1, 2}); err != nil {
		t.Error(err)
	}
}
