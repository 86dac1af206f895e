package main

import (
	"github.com/spf13/cobra"

	"spikec/runtime/build"
	"spikec/target/chip"
)

// newConvert is `spikec convert`.
func newConvert() *cobra.Command {
	f := buildFlags{next: []string{"report"}}
	cmd := &cobra.Command{
		Use:   "convert MODEL.onnx --data SPEC --out DIR",
		Short: "Turn a trained network into a spiking network in real numbers",
		Long: `Goes the first part of the way of a build: converts the trained network by the published rules, and writes the
spiking network in real numbers, its scale factors, and the ladder so far into DIR. Without a target the conversion may
use whatever any target has.`,
		Example: `  spikec convert model.onnx --data mnist --out snn
  spikec convert model.onnx --target loihi1 --data mnist --steps 64 --out snn
  spikec convert model.onnx --data mnist --stop-after zero-bias --out snn`,
		Args:              exactly("MODEL.onnx"),
		ValidArgsFunction: completeModel,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd, args[0], build.ReadOutput, optionalTarget, build.Convert)
		},
	}
	textVar(cmd.Flags(), &f.target, "target", "", "ID|FILE.yaml", "chip profile whose limits to keep, ID|FILE.yaml")
	textVar(cmd.Flags(), &f.out, "out", "", "DIR", "folder DIR to write")
	f.model.register(cmd)
	f.data.register(cmd)
	f.conversion.register(cmd)
	f.registerKnown(cmd)
	f.emulation.registerLimit(cmd)
	f.emulation.registerJobs(cmd)
	f.gates.register(cmd)
	f.output.register(cmd)
	require(cmd, "data", "out")
	return cmd
}

// optionalTarget loads a profile, or returns nil where no target is named.
func optionalTarget(idOrPath string) (*chip.Profile, error) {
	if idOrPath == "" {
		return nil, nil
	}
	return chip.Load(idOrPath)
}
