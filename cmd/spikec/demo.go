package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"spikec/internal/diag"
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
files. Builds that stand there from an earlier demo are replaced; anything else in their places
is refused before the first one begins.`,
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
	f.conversion.registerChip(cmd)
	f.emulation.registerLimit(cmd)
	f.emulation.registerEngine(cmd)
	f.gates.register(cmd)
	f.output.register(cmd)
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
	request.Command = typed(cmd, nil)
	request.Data, request.Calibration, err = build.OpenData(cmd.Context(), "mnist", "", f.emulation.limit)
	if err != nil {
		return err
	}
	if err := f.free(profiles); err != nil {
		return err
	}
	all := demoResult{Schema: demoSchema, Results: []*ladder.Ladder{}}
	var written []string
	for _, bundled := range zoo.Whole() {
		for _, request.Profile = range profiles {
			request.Out = f.folder(bundled, request.Profile)
			f.output.about = bundled.Name + " on " + request.Profile.ID
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
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		i := slices.IndexFunc(profiles, func(q *chip.Profile) bool { return q.ID == p.ID })
		switch {
		case i < 0:
			profiles = append(profiles, p)
		case !reflect.DeepEqual(profiles[i], p):
			wrong = append(wrong, &diag.Failure{List: diag.List{{ID: idSameTarget, Severity: diag.Error, Subject: target,
				Message: fmt.Sprintf("has the same id %s as another target that was named, and is not the same", p.ID), Remedy: "give it an id of its own"}}})
		}
	}
	return profiles, errors.Join(wrong...)
}

// Diagnostics of the demo. The numbers are stable.
const (
	idOwnFile    = "SPK-CLI-005" // a file of the user's own where a bundled network would be written
	idSameTarget = "SPK-CLI-006" // two different targets of one name
)

// folder is where the build of a network for a target goes.
func (f *demoFlags) folder(m zoo.Model, p *chip.Profile) string {
	return filepath.Join(f.out, m.Name+"-"+p.ID)
}

// free reports everything that is in the way of what the demo will write.
func (f *demoFlags) free(profiles []*chip.Profile) error {
	var wrong []error
	for _, bundled := range zoo.Whole() {
		for _, p := range profiles {
			wrong = append(wrong, build.Free(f.folder(bundled, p)))
		}
		file := filepath.Join(f.out, bundled.Info.File)
		if !absent(file) && !holds(file, bundled.ONNX) {
			wrong = append(wrong, &diag.Failure{List: diag.List{{ID: idOwnFile, Severity: diag.Error, Subject: file,
				Message: "is not replaced: it is not the bundled network", Remedy: "name another folder with --out, or remove the file"}}})
		}
	}
	return errors.Join(wrong...)
}

// absent reports whether there is nothing at a path.
func absent(path string) bool {
	_, err := os.Stat(path)
	return err != nil
}

// holds reports whether a path is that of a regular file with exactly this content.
func holds(path string, content []byte) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(content)) {
		return false
	}
	text, err := os.ReadFile(path)
	return err == nil && bytes.Equal(text, content)
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
`, strings.Join(written, "\n  "), spikec, shellWord(filepath.Clean(written[0])), spikec, shellWord(written[len(written)-1]))
	return err
}

// invocation is how this program was called, for commands that can be typed as they are printed.
func invocation() string {
	if strings.Contains(os.Args[0], string(filepath.Separator)+"go-build") {
		return "go run ./cmd/spikec"
	}
	return shellWord(os.Args[0])
}

// shellWord returns a path so that a shell takes it as one word.
func shellWord(path string) string {
	if path != "" && !strings.ContainsFunc(path, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/.,:_-+@%="+string(filepath.Separator), r)
	}) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
