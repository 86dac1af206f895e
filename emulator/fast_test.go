package emulator_test

import (
	"testing"

	"spikec/emulator"
	"spikec/emulator/enginetest"
)

func TestFast(t *testing.T) { enginetest.Run(t, emulator.NewFast) }
