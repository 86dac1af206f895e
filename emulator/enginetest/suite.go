// Package enginetest holds the tests that every engine passes:
//
//	func TestFast(t *testing.T) { enginetest.Run(t, emulator.NewFast) }
//
// They compare an engine with answers worked out by hand, and with the reference engine on random networks, at every
// step of every core.
package enginetest

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"spikec/emulator"
	"spikec/internal/parallel"
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

// randomNetworks compares the engine with the reference engine on many pairs of a network and a profile, and the
// reference engine with itself on some: it answers alike whether it is observed or not, and whatever it ran before. An
// engine may refuse pairs, but not all of a profile.
func randomNetworks(t *testing.T, make Constructor) {
	ids := Profiles()
	tallies := map[string]*tally{}
	for _, id := range ids {
		tallies[id] = &tally{reasons: map[string]int{}}
	}
	n := pairs(make)
	var mu sync.Mutex
	err := parallel.For(context.Background(), n, parallel.Jobs(0), func(_, i int) error {
		id, seed := ids[i%len(ids)], uint64(i)
		refused, err := randomPair(make, seed, id)
		if err != nil {
			return fmt.Errorf("seed %d, %s: %w", seed, id, err)
		}
		mu.Lock()
		defer mu.Unlock()
		tallies[id].add(refused)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		c := tallies[id]
		if t.Logf("%s: %d of %d networks accepted, refused are %v", id, c.accepted, c.drawn, c.reasons); c.accepted == 0 {
			t.Errorf("%s: no network was accepted", id)
		}
	}
}

// tally counts what an engine says to the networks of a profile.
type tally struct {
	drawn, accepted int
	reasons         map[string]int
}

// add counts one network.
func (c *tally) add(refused error) {
	if c.drawn++; refused == nil {
		c.accepted++
	} else {
		c.reasons[reason(refused)]++
	}
}

// number is what makes refusals for the same reason differ.
var number = regexp.MustCompile(`-?[0-9]+`)

// reason returns an error without the place where it was found.
func reason(err error) string {
	text := err.Error()
	if _, after, found := strings.Cut(text, "): "); found {
		text, _, _ = strings.Cut(after, "; core")
	}
	return number.ReplaceAllString(text, "#")
}

// pairs returns how many pairs to draw.
func pairs(make Constructor) int {
	n := 1000
	if Long() {
		n = 10000
	}
	img, p := RandomImage(0, "generic8")
	if e, err := make(img, p); err == nil && e.Name() == "reference" {
		n /= 10
	}
	return n
}

// randomPair compares the engine with the reference engine on a network, unless the engine refuses it.
func randomPair(make Constructor, seed uint64, id string) (refused, err error) {
	img, p := RandomImage(seed, id)
	ref, err := emulator.NewReference(img, p)
	if err != nil {
		return nil, err
	}
	e, refused := make(img, p)
	if refused != nil {
		return refused, nil
	}
	if n := len(e.Explain()); n != len(img.Cores) {
		return nil, fmt.Errorf("%d explanations for %d cores", n, len(img.Cores))
	}
	second := RandomCodes(img, seed+1)
	if seed%4 == 0 {
		clear(second) // a dark picture
	}
	if err := Diff(img, ref, e, RandomCodes(img, seed), second); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, strings.Join(e.Explain(), "\n"))
	}
	return nil, nil
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
		if _, err := s.Run(append([]uint8{}, []uint8{9, 9, 9}[:n]...), 0); err == nil {
			t.Errorf("a picture of %d codes was accepted, want 2", n)
		}
	}
	if _, err := s.Run([]uint8{1, 2}, 0); err != nil {
		t.Error(err)
	}
}
