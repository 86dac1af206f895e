// Package enginetest holds the tests that every engine passes:
//
//	func TestFast(t *testing.T) { enginetest.Run(t, emulator.NewFast) }
//
// They compare an engine with answers worked out by hand, and with the reference engine on random networks, at every
// step of every core.
package enginetest

import (
	"testing"

	"spikec/emulator"
	"spikec/target/chip"
	"spikec/target/image"
)

// Constructor builds an engine, or says why it cannot run the image.
type Constructor = func(*image.Image, *chip.Profile) (emulator.Engine, error)

// Run runs the suite.
func Run(t *testing.T, make Constructor) {
	for _, c := range handCases {
		t.Run(c.name, func(t *testing.T) { c.run(t, make) })
	}
}
