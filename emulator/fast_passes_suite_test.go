package emulator_test

import (
	"testing"

	"spikec/emulator"
	"spikec/emulator/enginetest"
)

// TestPassSuite takes the passes alone through the suite.
func TestPassSuite(t *testing.T) { enginetest.Run(t, emulator.NewPassEngine) }
