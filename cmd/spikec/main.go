// Command spikec compiles a trained convolutional network into a configuration for a neuromorphic chip, and proves on
// a bit-accurate emulator of that chip what accuracy the configuration will have.
//
// Every command is a file of its own: flags become a configuration, the configuration goes into one call of a package
// under runtime, and what comes back is printed. Nothing is decided here but exit codes.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from then on a second Ctrl-C ends the process at once
	os.Exit(run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}
