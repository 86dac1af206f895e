package main

import (
	"errors"

	"github.com/spf13/cobra"

	"spikec/runtime/build"
)

// newCheck is `spikec check`.
func newCheck() *cobra.Command {
	var opt build.CheckOptions
	var e emulationFlags
	var g gateFlags
	var s shardFlags
	var o outputFlags
	cmd := &cobra.Command{
		Use:   "check DIR",
		Short: "Emulate a build from its files alone and compare with what it recorded",
		Long: `Reads the files in DIR and the images that they were evaluated on, and nothing else, runs the emulator, prints the
accuracy, and compares the SHA-256 of all output counts and potentials with the recorded one. Every file has its SHA-256
in manifest.json: a changed byte is an error. With --data or --limit other images are emulated; then there is only the
accuracy to look at.

With --shard one part of the images is emulated, for spikec merge to join; --script writes what does that on many machines.`,
		Example: `  spikec check build
  spikec check build --engine reference --limit 100
  spikec check build --data mnist:data/mnist --min-accuracy 0.985
  spikec check build --shard 0/8 --partial part-0.json
  spikec check build --script slurm --shards 64 > check.sh`,
		Args: func(cmd *cobra.Command, args []string) error {
			var gate error
			if cmd.Flags().Changed("shard") && cmd.Flags().Changed("min-accuracy") { // what a configuration says is for other runs
				gate = errGateOfShard
			}
			s.ask(cmd)
			return errors.Join(gate, exactly("DIR")(cmd, args))
		},
		ValidArgsFunction: completeFolder,
		PreRunE:           func(*cobra.Command, []string) error { return s.lonely() },
		RunE: func(cmd *cobra.Command, args []string) error {
			opt.Limit, opt.Engine, opt.Jobs = e.limit, e.engine, e.jobs
			if s.script != "" {
				return s.print(cmd, args[0], opt, &o)
			}
			opt.Progress = o.reporter(cmd)
			if s.shard.n > 0 {
				return s.run(cmd, args[0], opt, &o)
			}
			result, err := build.Check(cmd.Context(), args[0], opt)
			opt.Progress.Close()
			if err != nil {
				return err
			}
			if err := o.printLadder(cmd, result, false); err != nil {
				return err
			}
			return g.check(result)
		},
	}
	textVar(cmd.Flags(), &opt.Data, "data", "", "SPEC", "evaluation images in place of the recorded ones, SPEC as for build")
	e.registerLimit(cmd)
	e.registerEngine(cmd)
	g.registerLeast(cmd)
	s.register(cmd)
	o.register(cmd)
	return cmd
}
