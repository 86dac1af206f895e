// Package enginetest holds the tests that every engine passes:
//
//	func TestFast(t *testing.T) { enginetest.Run(t, emulator.NewFast) }
//
// They compare an engine with answers worked out by hand, and with the reference engine on random networks, at every
// step of every core.
package enginetest

import (
	"os"
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
	t.Run("bad pictures", func(t *testing.T) { badPictures(t, make) })
}

// randomNetworks compares the engine with the reference engine on many networks, and the reference engine with itself
// on some: it answers alike whether it is observed or not, and whatever it ran before.
func randomNetworks(t *testing.T, make Constructor) {
	seeds := uint64(400)
	if Long() {
		seeds = 40000
	}
	img, p := RandomImage(0)
	if e, err := make(img, p); err == nil && e.Name() == "reference" {
		seeds /= 10
	}
	for seed := range seeds {
		randomNetwork(t, make, seed)
	}
}

// randomNetwork compares the engine with the reference engine on the network of a seed.
func randomNetwork(t *testing.T, make Constructor, seed uint64) {
	img, p := RandomImage(seed)
	ref, err := emulator.NewReference(img, p)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	e, err := make(img, p)
	if err != nil {
		t.Errorf("seed %d: %v", seed, err)
		return
	}
	if n := len(e.Explain()); n != len(img.Cores) {
		t.Errorf("seed %d: %d explanations for %d cores", seed, n, len(img.Cores))
	}
	dark := RandomCodes(img, seed)
	clear(dark)
	if err := Diff(img, ref, e, RandomCodes(img, seed), dark, RandomCodes(img, seed+1)); err != nil {
		t.Errorf("seed %d, %s: %v\n%v", seed, p.ID, err, e.Explain())
	}
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
