package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"spikec/internal/diag"
)

// Exit codes. They are a promise to scripts.
const (
	exitDone        = 0
	exitBadInput    = 1   // the input or the request is wrong
	exitBadUsage    = 2   // unknown flag, wrong arguments, bad flag value
	exitGateMissed  = 3   // an accuracy gate was missed
	exitDifference  = 4   // a read-back differs from what was written
	exitInterrupted = 130 // SIGINT or SIGTERM
)

// exitCode says how the process ends after cmd returned err; started tells whether the command itself ran, or
// whether its arguments were refused before that.
func exitCode(ctx context.Context, err error, started bool) int {
	var failure *diag.Failure
	switch {
	case err == nil:
		return exitDone
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, &failure):
		return exitBadInput
	case !started:
		return exitBadUsage
	}
	return exitBadInput
}

// printError writes what went wrong: every error of a failure, one after the other, or the error's line, with the way
// to help where the call itself was wrong.
func printError(w io.Writer, cmd *cobra.Command, err error, code int) {
	switch code {
	case exitDone:
	case exitInterrupted:
		fmt.Fprintln(w, "spikec: interrupted")
	case exitBadUsage:
		fmt.Fprintf(w, "spikec: %v\nsee: %s --help\n", err, cmd.CommandPath())
	default:
		fmt.Fprintf(w, "spikec: %v\n", err)
	}
}
