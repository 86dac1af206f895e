package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"spikec/convert"
	"spikec/runtime/build"
	"spikec/runtime/sweep"
)

// newSweep is `spikec sweep`.
func newSweep() *cobra.Command {
	var f sweepFlags
	cmd := &cobra.Command{
		Use:   "sweep MODEL.onnx --target ID|FILE.yaml... --steps T,... --bits B,... --data SPEC",
		Short: "Measure accuracy, latency and cost over a grid of choices",
		Long: `Builds the network for every combination of targets, rules, percentiles, steps and bits, and prints a line for each: the
accuracy of the stages, cost of an image, steps of an image. A cell is on a front where no other one is as accurate for
less, or more accurate for as much. Apart from the lists, flags mean what they mean for spikec build.

With --out every cell is kept once it is done, and a sweep that was interrupted goes on from there when it is called
again; so does one with a larger grid. DIR then holds results.json and results.csv, which have the same bytes whether the
sweep was interrupted or not. A cell that does not fit its target is a result too, and says why; where no cell can be
built, that is an error.`,
		Example: `  spikec sweep model.onnx --target generic8 --steps 4,8,16,32 --bits 8,4 --data mnist --out sweep
  spikec sweep model.onnx --target generic8 --target loihi1 --rules strict,best --steps 16,64 --data mnist --limit 1000
  spikec sweep model.onnx --target generic8 --percentile 99,99.9,100 --steps 8 --data mnist --csv`,
		Args:              exactly("MODEL.onnx"),
		ValidArgsFunction: completeModel,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.Var(&texts{to: &f.targets, word: "ID|FILE.yaml"}, "target", "chip profile, ID|FILE.yaml; may be given more than once")
	textVar(flags, &f.out, "out", "", "DIR", "folder DIR that keeps the cells that are done, and gets the results (default: nothing is kept)")
	f.model.register(cmd)
	f.data.register(cmd)
	f.conversion.registerChoices(cmd)
	f.conversion.registerChip(cmd)
	f.lists(flags)
	f.emulation.registerLimit(cmd)
	f.emulation.registerEngine(cmd)
	flags.BoolVar(&f.csv, "csv", false, "print the result as comma-separated values")
	f.output.register(cmd)
	apart(cmd, "json", "csv")
	mustComplete(cmd, "rules", cobra.FixedCompletions([]string{string(convert.Strict), string(convert.Best)}, cobra.ShellCompDirectiveNoFileComp))
	require(cmd, "target", "data")
	return cmd
}

// sweepFlags are the flags of a sweep.
type sweepFlags struct {
	targets, rules []string
	percentiles    []float64
	steps, bits    []int
	out            string
	csv            bool
	model          modelFlags
	data           dataFlags
	conversion     conversionFlags
	emulation      emulationFlags
	output         outputFlags
}

// lists lets flags that a build has take several values.
func (f *sweepFlags) lists(flags *pflag.FlagSet) {
	f.rules, f.steps = []string{string(convert.Strict)}, []int{32}
	for name, v := range map[string]pflag.Value{
		"rules":      choices(&f.rules, string(convert.Strict), string(convert.Best)),
		"percentile": reals(&f.percentiles, 50, 100, "P,..."),
		"steps":      integers(&f.steps, 1, maxSteps, "T,..."),
		"bits":       integers(&f.bits, 2, maxBits, "B,..."),
	} {
		flag := flags.Lookup(name)
		flag.Value, flag.DefValue = v, v.String()
	}
}

// run sweeps.
func (f *sweepFlags) run(cmd *cobra.Command, path string) error {
	model, noModel := build.ReadOutput(path, f.model.options)
	profiles, noProfile := loadTargets(f.targets)
	data, calibration, noData := build.OpenData(cmd.Context(), f.data.data, f.data.calibration, f.emulation.limit)
	if err := errors.Join(noModel, noProfile, noData); err != nil {
		return err
	}
	r := sweep.Request{Build: f.conversion.request(cmd, &f.emulation), Out: f.out,
		Grid: sweep.Grid{Targets: profiles, Rules: f.rules, Percentiles: f.percentiles, Steps: f.steps}}
	r.Build.Model, r.Build.Data, r.Build.Calibration, r.Build.Preprocessing = model, data, calibration, f.data.prep
	for _, bits := range f.bits {
		r.Grid.Bits = append(r.Grid.Bits, sweep.Width{Bits: bits})
	}
	r.Progress = f.output.reporter(cmd)
	result, err := sweep.Run(cmd.Context(), r)
	r.Progress.Close()
	if err != nil {
		return err
	}
	if err := f.print(cmd, result); err != nil {
		return err
	}
	if f.csv { // which has no room for what is wrong with cells
		return result.Err()
	}
	return result.ErrSaid()
}

// print writes the result to standard output.
func (f *sweepFlags) print(cmd *cobra.Command, result *sweep.Result) error {
	if f.csv {
		return sweep.CSV(cmd.OutOrStdout(), result)
	}
	return f.output.print(cmd, result, func(w io.Writer) error {
		err := sweep.Text(w, result)
		if err == nil && f.out != "" {
			err = f.output.next(w, "written: "+f.out, "next: "+invocation()+" report "+shellWord(f.out))
		}
		return err
	})
}
