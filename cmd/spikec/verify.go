package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"spikec/runtime/verify"
)

// newVerify is `spikec verify`.
func newVerify() *cobra.Command {
	var o outputFlags
	cmd := &cobra.Command{
		Use:   "verify CHIP PATH...",
		Short: "Compare the emulator with recorded answers of a chip, bit by bit",
		Long: `Runs the emulator on recorded answers of a chip's reference, loading each network through the chip's own configuration
format where it has one, and compares every recorded value. PATH is a folder, which is searched for cases, a .tar.gz of one, or
a .json.gz. Prints how many cases passed, and the first difference of each that did not.

With simulate for CHIP, cases are recorded simulations of neurons, networks, generators and learning rules. Each is run again by
its family and its parameters, and compared within the tolerance of its family.

CHIP is one of

` + verify.List(),
		Example: `  spikec verify tinyodin golden/tinyodin.tar.gz
  spikec verify reckon golden/reckon --json
  spikec verify simulate golden/seeds`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return fmt.Errorf("want CHIP and at least one PATH")
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return verify.Names(), cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			p := o.reporter(cmd)
			r, err := verify.Run(cmd.Context(), args[0], args[1:], p)
			p.Close()
			if err != nil {
				return err
			}
			if err := o.print(cmd, r, func(w io.Writer) error { return verify.Text(w, r) }); err != nil {
				return err
			}
			return r.Err()
		},
	}
	o.register(cmd)
	return cmd
}
