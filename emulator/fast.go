package emulator

import (
	"errors"

	"spikec/target/chip"
	"spikec/target/image"
)

// NewFast builds the engine that runs layer by layer over time.
func NewFast(*image.Image, *chip.Profile) (Engine, error) {
	return nil, errors.New("emulator: fast engine is not built yet")
}
