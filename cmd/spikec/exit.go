package main

import (
	"context"
	"errors"

	"spikec/internal/diag"
	"spikec/runtime/build"
	"spikec/runtime/ladder"
	"spikec/runtime/verify"
)

// Exit codes. They are a promise to scripts.
const (
	exitDone        = 0
	exitBadInput    = 1   // the input or the request is wrong
	exitBadUsage    = 2   // unknown flag, wrong arguments, bad flag value
	exitGateMissed  = 3   // an accuracy gate was missed
	exitDifference  = 4   // two stages that must agree in every bit do not, or the emulator and a recorded answer
	exitInterrupted = 130 // SIGINT or SIGTERM
)

// exitCode says how the process ends after a command returned err; started tells whether the command itself ran, or
// whether its arguments were refused before that.
func exitCode(ctx context.Context, err error, started bool) int {
	var failure *diag.Failure
	var missed *ladder.Missed
	var difference *build.Difference
	var recorded *verify.Different
	switch {
	case err == nil || errors.Is(err, errStopped):
		return exitDone
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, &difference), errors.As(err, &recorded):
		return exitDifference
	case errors.As(err, &missed):
		return exitGateMissed
	case !started && !errors.As(err, &failure):
		return exitBadUsage
	}
	return exitBadInput
}
