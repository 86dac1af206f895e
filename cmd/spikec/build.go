package main

import (
	"errors"

	"github.com/spf13/cobra"

	"spikec/models/onnx"
	"spikec/runtime/build"
	"spikec/target/chip"
)

// newBuild is `spikec build`.
func newBuild() *cobra.Command {
	f := buildFlags{next: []string{"check", "report"}}
	cmd := &cobra.Command{
		Use:   "build MODEL.onnx|NET.nir --target ID|FILE.yaml --data SPEC --out DIR",
		Short: "Turn a trained network into chip files, and measure every stage",
		Long: `Reads a trained network, converts it by the published rules, quantises it to the target's number formats, places it
on the target's cores, writes the files into DIR, reads them back and runs them on the target's emulator. The result
is the ladder: the accuracy of every stage on the images of --data.

Nothing is learned from those images: scale factors and the re-fit use the images of --calibration, which are by
default the training part of --data. Of these --calibration-limit are taken, drawn with --seed. The table of rates is
measured on the first 200 of them; candidates of --auto are fitted to 200 at most and compared on up to 400 others, which
takes 250 images or more. DIR holds complete files or is not there; a build that stands there already is
replaced, anything else is not.

A file of NIR holds a spiking network, which another tool trained or spikec exported. It takes the place of the converted
one: there is nothing to convert, the flags of the conversion are refused, and accuracy is compared with the network itself in
real numbers. What the target cannot keep is named by the nodes of the file, all at once; spikec inspect shows it without data.
T, reset, membranes at the start and read-out are the file's where spikec wrote it. In other files neurons reset to zero and
membranes start at zero, as NIR has it, unless --reset and --initial-potential say otherwise, and the input is what --pixel-scale,
--mean and --std make of pixels, in every step.`,
		Example: `  spikec build model.onnx --target generic8 --data mnist --out build
  spikec build model.onnx --target loihi1 --steps 64 --data mnist:data/mnist --out build
  spikec build model.onnx --target generic8 --data npz:test.npz --calibration npz:train.npz --input-range -1,1 --out build
  spikec build net.nir --target loihi1 --data mnist --steps 64 --reset subtract --out build
  spikec build model.onnx --target mychip.yaml --data cifar10:data --mean 0.49,0.48,0.45 --std 0.25,0.24,0.26 --out build`,
		Args:              exactly("MODEL.onnx|NET.nir"),
		ValidArgsFunction: completeNetwork,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd, args[0], build.ReadNetwork, chip.Load, build.Run)
		},
	}
	textVar(cmd.Flags(), &f.target, "target", "", "ID|FILE.yaml", "chip profile, ID|FILE.yaml; spikec targets lists the bundled ones")
	textVar(cmd.Flags(), &f.out, "out", "", "DIR", "folder DIR to write")
	f.model.register(cmd)
	f.data.register(cmd)
	f.conversion.register(cmd)
	f.conversion.registerChip(cmd)
	f.registerKnown(cmd)
	f.emulation.registerLimit(cmd)
	f.emulation.registerEngine(cmd)
	f.gates.register(cmd)
	f.output.register(cmd)
	require(cmd, "target", "data", "out")
	return cmd
}

// buildFlags are the flags of one build, or of a part of one.
type buildFlags struct {
	target, out string
	known       string          // file of a calibration
	brought     map[string]bool // flags that it set
	model       modelFlags
	data        dataFlags
	conversion  conversionFlags
	emulation   emulationFlags
	gates       gateFlags
	output      outputFlags
	next        []string // the commands to look at what is written with
}

// run builds the model at path, as read reads it and as far as do goes, for the target that load finds.
func (f *buildFlags) run(cmd *cobra.Command, path string, read func(string, onnx.Options) (build.Model, error), load func(string) (*chip.Profile, error), do builder) error {
	model, noModel := read(path, f.model.options)
	if model.Spiking != nil {
		noModel = f.spiking(cmd, path)
	}
	profile, noProfile := load(f.target)
	known, noKnown := f.choices(cmd)
	data, calibration, noData := f.open(cmd, known)
	if err := errors.Join(noModel, noProfile, noKnown, noData, build.Writable(f.out)); err != nil {
		return err
	}
	r := f.conversion.request(cmd, &f.emulation)
	r.Model, r.Profile, r.Data, r.Calibration, r.Preprocessing, r.Out = model, profile, data, calibration, f.data.prep, f.out
	r.Known, r.Command = known, typed(cmd, f.brought)
	result, err := f.conversion.do(cmd, &f.output, r, do)
	if err != nil {
		return f.traced(err)
	}
	if err := f.output.printLadder(cmd, result, f.conversion.timing); err != nil {
		return err
	}
	if !f.output.json {
		lines := []string{"written: " + f.out}
		for _, command := range f.next {
			lines = append(lines, "next: "+invocation()+" "+command+" "+shellWord(f.out))
		}
		if err := f.output.next(cmd.OutOrStdout(), lines...); err != nil {
			return err
		}
	}
	return f.gates.check(result)
}
