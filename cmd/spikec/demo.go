package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"spikec/models/zoo"
	"spikec/runtime/build"
	"spikec/runtime/encode"
	"spikec/runtime/ladder"
	"spikec/runtime/output"
	"spikec/target/chip"
)

// demoSchema is the name and version of the demo's JSON form.
const demoSchema = "spikec/demo/v1"

// newDemo is `spikec demo`.
func newDemo() *cobra.Command {
	var f demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Build both bundled networks and measure them on all MNIST test images",
		Long: `Takes the two trained networks that come with spikec, one that obeys the published rules and one that breaks them all,
from their ONNX files to chip files for every target named, and prints the ladder of each: the accuracy of every
stage on the 10,000 bundled MNIST test images. Needs no other files and no network.

Writes into --out: a folder with the chip files of each network and target, NETWORK-TARGET, and the networks' ONNX
files. Builds that stand there from an earlier demo are replaced.`,
		Example: `  spikec demo
  spikec demo --target loihi1 --steps 64
  spikec demo --target generic8 --target generic4 --limit 1000 --json`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.targets = []string{"generic8"}
	cmd.Flags().Var(&texts{to: &f.targets, word: "ID|FILE.yaml"}, "target", "chip profile, ID|FILE.yaml; may be given more than once")
	textVar(cmd.Flags(), &f.out, "out", "spikec-demo", "DIR", "folder DIR to write into")
	f.conversion.register(cmd)
	f.conversion.registerBits(cmd)
	f.emulation.registerLimit(cmd)
	f.emulation.registerEngine(cmd)
	f.gates.register(cmd)
	f.output.register(cmd)
	mustComplete(cmd, "target", completeTargets)
	return cmd
}

// demoFlags are the flags of the demo.
type demoFlags struct {
	targets    []string
	out        string
	conversion conversionFlags
	emulation  emulationFlags
	gates      gateFlags
	output     outputFlags
}

// demoResult is what `spikec demo --json` prints.
type demoResult struct {
	Schema  string           `json:"schema"`
	Results []*ladder.Ladder `json:"results"`
}

// run builds every bundled network for every target.
func (f *demoFlags) run(cmd *cobra.Command) error {
	profiles, err := loadTargets(f.targets)
	if err != nil {
		return err
	}
	request := f.conversion.request(cmd, &f.emulation)
	request.Data, request.Calibration, err = build.OpenData(cmd.Context(), "mnist", "", f.emulation.limit)
	if err != nil {
		return err
	}
	all := demoResult{Schema: demoSchema, Results: []*ladder.Ladder{}}
	var written []string
	for _, bundled := range zoo.All() {
		for _, request.Profile = range profiles {
			request.Out = filepath.Join(f.out, bundled.Name+"-"+request.Profile.ID)
			result, err := f.build(cmd, bundled, request)
			if err != nil {
				return err
			}
			all.Results = append(all.Results, result)
			written = append(written, request.Out+string(filepath.Separator))
		}
		file := filepath.Join(f.out, bundled.Info.File)
		if err := output.WriteFile(file, func(w io.Writer) error { _, err := w.Write(bundled.ONNX); return err }); err != nil {
			return err
		}
		written = append(written, file)
	}
	if err := f.output.print(cmd, all, func(w io.Writer) error { return printNextSteps(w, written) }); err != nil {
		return err
	}
	var missed []error
	for _, result := range all.Results {
		missed = append(missed, f.gates.check(result))
	}
	return errors.Join(missed...)
}

// loadTargets loads all profiles; the error names everything that is wrong with any of them.
func loadTargets(targets []string) ([]*chip.Profile, error) {
	var profiles []*chip.Profile
	var wrong []error
	for _, target := range targets {
		p, err := chip.Load(target)
		profiles, wrong = append(profiles, p), append(wrong, err)
	}
	return profiles, errors.Join(wrong...)
}

// build makes one build of the demo and, as a table, shows it at once.
func (f *demoFlags) build(cmd *cobra.Command, bundled zoo.Model, request build.Request) (*ladder.Ladder, error) {
	var err error
	if request.Model, err = build.BundledModel(bundled.Name); err != nil {
		return nil, err
	}
	p := bundled.Info.Preprocessing
	request.Preprocessing = encode.Options{PixelScale: p.PixelScale, Mean: p.Mean, Std: p.Std}
	result, err := f.conversion.do(cmd, &f.output, request, build.Run)
	if err != nil || f.output.json {
		return result, err
	}
	if err := f.output.printLadder(cmd, result, f.conversion.timing); err != nil {
		return nil, err
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout())
	return result, err
}

// printNextSteps prints what the demo has left behind, and what can be done with it.
func printNextSteps(w io.Writer, written []string) error {
	spikec := invocation()
	_, err := fmt.Fprintf(w, `written:
  %s

next: emulate a build again from its files alone, and build a network for another chip
  %s check %s
  %s build %s --target loihi1 --steps 64 --data mnist --out build
`, strings.Join(written, "\n  "), spikec, filepath.Clean(written[0]), spikec, written[len(written)-1])
	return err
}

// invocation is how this program was called, for commands that can be typed as they are printed.
func invocation() string {
	if strings.Contains(os.Args[0], string(filepath.Separator)+"go-build") {
		return "go run ./cmd/spikec"
	}
	return os.Args[0]
}
