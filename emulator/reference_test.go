package emulator_test

import (
	"testing"

	"spikec/emulator"
	"spikec/emulator/enginetest"
)

func TestReference(t *testing.T) { enginetest.Run(t, emulator.NewReference) }
