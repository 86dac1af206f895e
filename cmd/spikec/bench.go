package main

import (
	"io"

	"github.com/spf13/cobra"

	"spikec/emulator"
	"spikec/runtime/bench"
)

// newBench is `spikec bench`.
func newBench() *cobra.Command {
	var r bench.Request
	var o outputFlags
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast the emulator's engines are on this machine",
		Long: `Runs a network on every engine, or on one, and prints images and synaptic operations (weights added because a spike
arrived) a second. First every engine's answers are compared with the reference engine's at every checkpoint, on as many
of the images as the reference engine does in a second, at least one; then the engines take turns.
A row has the fastest of the repetitions, and the median beside it; one thread is timed by its CPU time, several by the
wall clock. The network is ` + alternatives(bench.Names()) + `, which are part of the program, or the folder of any build, which
is measured on its own images.

Figures are for this machine. SPIKEC_SIMD in the environment lowers the level of vector instructions (spikec --help).`,
		Example: `  spikec bench
  spikec bench --net vgg9 --engine fast --jobs 2
  spikec bench --net build --limit 100 --json
  SPIKEC_SIMD=scalar spikec bench`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			r.Progress = o.reporter(cmd)
			result, err := bench.Run(cmd.Context(), r)
			r.Progress.Close()
			if err != nil {
				return err
			}
			return o.print(cmd, result, func(w io.Writer) error { return bench.Text(w, result) })
		},
	}
	f := cmd.Flags()
	textVar(f, &r.Net, "net", bench.DefaultNet, "NAME|DIR", "network, "+alternatives(bench.Names())+", or the folder DIR of a build")
	intVar(f, &r.Steps, "steps", 0, 1, "T", "time steps an image (default: 32, or those of the build)").most = maxSteps
	engine := choiceVar(f, &r.Engine, "engine", "", "the one engine to measure; auto stands for every engine (default: every engine)", emulator.Names()...)
	engine.word = "reference|fast"
	intVar(f, &r.Jobs, "jobs", 1, 1, "N", "goroutines, no more of which run than there are images; more than one are timed by the wall clock")
	intVar(f, &r.Limit, "limit", 0, 1, "N", "the first N images, in every repetition (default: as many as an engine takes in about a second)")
	intVar(f, &r.Repeat, "repeat", bench.DefaultRepeat, 1, "R", "timed repetitions")
	o.register(cmd)
	return cmd
}
