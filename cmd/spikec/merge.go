package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"spikec/runtime/build"
	"spikec/runtime/output"
)

// newMerge is `spikec merge`.
func newMerge() *cobra.Command {
	var out, partial string
	var g gateFlags
	var o outputFlags
	cmd := &cobra.Command{
		Use:   "merge PARTIAL.json...",
		Short: "Join the partial results of a check in shards",
		Long: `Joins partial results that spikec check wrote with --shard, and prints what spikec check prints, as JSON byte for byte: all
that is added are integers, so neither the order nor the number of shards matters. The SHA-256 of the output counts is
compared with the recorded one, where all recorded images were emulated.

Refused, all at once and by name: shards that are missing or given twice, files that are no partial results, and those of
another build, of other images or with other settings than most. With --partial what is there is written as one partial
result, and shards may be missing.`,
		Example: `  spikec check build --shard 0/2 --partial part-0.json
  spikec check build --shard 1/2 --partial part-1.json
  spikec merge part-0.json part-1.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("argument PARTIAL.json is missing")
			}
			return nil
		},
		ValidArgsFunction: completePartials,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := output.Apart([]string{out, partial}, args, nil); err != nil {
				return err
			}
			result, missing, err := build.Merge(args, partial)
			if err != nil {
				return err
			}
			if len(missing) > 0 {
				return o.print(cmd, incomplete{"spikec/incomplete/v1", partial, missing}, func(w io.Writer) error {
					for _, what := range missing {
						if _, err := fmt.Fprintf(w, "missing: %s\n", what); err != nil {
							return err
						}
					}
					return nil
				})
			}
			if out != "" {
				if err := output.WriteFile(out, func(w io.Writer) error { return printJSON(w, result) }); err != nil {
					return err
				}
			}
			if err := o.printLadder(cmd, result, false); err != nil {
				return err
			}
			return g.check(result)
		},
	}
	textVar(cmd.Flags(), &out, "result", "", "FILE.json", "FILE.json to write the result to, as --json prints it")
	textVar(cmd.Flags(), &partial, "partial", "", "FILE.json", "FILE.json to write what is there to, as one partial result; then shards may be missing")
	g.registerLeast(cmd)
	o.register(cmd)
	return cmd
}

// incomplete is what --partial prints with --json where shards are missing.
type incomplete struct {
	Schema  string   `json:"schema"`
	Partial string   `json:"partial"`
	Missing []string `json:"missing"`
}
