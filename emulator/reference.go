package emulator

import (
	"errors"

	"spikec/target/chip"
	"spikec/target/image"
)

// NewReference builds the engine that is the definition of the others.
func NewReference(*image.Image, *chip.Profile) (Engine, error) {
	return nil, errors.New("emulator: reference engine is not built yet")
}
