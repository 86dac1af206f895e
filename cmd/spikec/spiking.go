package main

import (
	"github.com/spf13/cobra"

	"spikec/internal/diag"
)

// idConverts is a flag of the conversion where nothing is converted. The number is stable.
const idConverts = "SPK-CLI-009"

// convertsOnly are the flags that say how a trained network is read and converted.
var convertsOnly = []string{"model-output", "rules", "pooling", "pool-neurons", "biases", "auto", "normalization", "percentile", "per-channel", "disable",
	"dump-after", "stop-after", "calibration-file"}

// spiking refuses flags of the conversion for the spiking network at path, and leaves T to the file where no flag says it.
func (f *buildFlags) spiking(cmd *cobra.Command, path string) error {
	var wrong diag.List
	for _, name := range convertsOnly {
		if flag := cmd.Flags().Lookup(name); flag != nil && flag.Changed {
			wrong.Add(diag.Diagnostic{ID: idConverts, Severity: diag.Error, Subject: "--" + name, Message: path + " holds a spiking network, of which nothing is converted", Remedy: "leave it out"})
		}
	}
	if !cmd.Flags().Changed("steps") {
		f.conversion.options.Steps = 0
	}
	return wrong.Err()
}
