package emulator

import (
	"spikec/target/chip"
	"spikec/target/image"
)

// NewFastBy returns a constructor of fast engines that gather or do not.
func NewFastBy(gathers bool) func(*image.Image, *chip.Profile) (Engine, error) {
	return func(img *image.Image, p *chip.Profile) (Engine, error) { return newFast(img, p, gathers) }
}

// NewFastHolding returns a constructor of fast engines that hold the spikes of so many steps only, but for windows of two
// stages, of which all are held.
func NewFastHolding(steps int) func(*image.Image, *chip.Profile) (Engine, error) {
	return func(img *image.Image, p *chip.Profile) (Engine, error) {
		e, err := NewFast(img, p)
		if err == nil && p.Execution.StageCount() == 1 {
			e.(*fast).held = steps
		}
		return e, err
	}
}
