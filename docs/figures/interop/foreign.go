package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"spikec/models/onnx"
	"spikec/models/zoo"
	"spikec/runtime/build"
	"spikec/runtime/dataset/npz"
	"spikec/runtime/encode"
	"spikec/runtime/ladder"
	"spikec/target/chip"
)

// foreign are networks that other programs write as files of NIR, with weights that spikec found, and the chips that they are
// built for. The files are in models/nir/testdata/foreign; how they were trained to reset and to start is for the user to say.
var foreign = []struct {
	program, model, data, readout string
	targets                       []string
}{
	{"sinabs", "mnist_cnn_plain", "mnist", "membrane", []string{"generic8", "spinnaker2"}},
	{"snntorch", "mnist_mlp_11x11", "downscale:2:crop:22x22:mnist", "count", []string{"generic8", "speck2f"}},
}

const (
	// foreignImages is how many images the other programs decide for the record, and builtImages on how many chips are measured.
	foreignImages = 20
	builtImages   = 1000
)

// foreignFile is where the file of a program is kept.
func (g *generator) foreignFile(program string) string {
	return filepath.Join(g.root, "models", "nir", "testdata", "foreign", program+".nir")
}

// write lets the programs write their files.
func (g *generator) write(ctx context.Context, p pythons) error {
	for _, f := range foreign {
		r, err := g.trained(ctx, f.model, f.data, foreignImages)
		if err != nil {
			return err
		}
		r.Options.Readout, r.Options.InitialPotential = f.readout, "zero"
		if _, err := build.Convert(ctx, r); err != nil {
			return fmt.Errorf("%s: %w", f.model, err)
		}
		shape := r.Data.Shape
		var b bytes.Buffer
		if err := npz.Write(&b, npz.Uint8s("x", r.Data.Pixels, r.Data.Len(), shape[0], shape[1], shape[2])); err != nil {
			return err
		}
		images, file := filepath.Join(g.scratch, f.program+".images.npz"), g.foreignFile(f.program)
		if err := os.WriteFile(images, b.Bytes(), 0o644); err != nil {
			return err
		}
		python := p.torch
		if f.program == "snntorch" { // whose exporter wants a newer nir than sinabs
			python = p.snntorch
		}
		cmd := exec.CommandContext(ctx, python, filepath.Join(g.root, "bench", "interop", "foreign.py"), f.program, filepath.Join(r.Out, "network.nir"), images, file, strings.TrimSuffix(file, ".nir")+".json")
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("foreign.py %s: %w", f.program, err)
		}
	}
	return nil
}

// trained is a build of a bundled network, without a target.
func (g *generator) trained(ctx context.Context, model, data string, images int) (build.Request, error) {
	m, err := build.BundledModel(model)
	if err != nil {
		return build.Request{}, err
	}
	z, err := zoo.Get(model)
	if err != nil {
		return build.Request{}, err
	}
	eval, calib, err := build.OpenData(ctx, data, "", images)
	how := z.Info.Preprocessing
	return build.Request{Model: m, Data: eval, Calibration: calib, Out: filepath.Join(g.scratch, "convert-"+model), LadderAlone: true, Tool: "interop",
		Preprocessing: encode.Options{PixelScale: how.PixelScale, Mean: how.Mean, Std: how.Std}}, err
}

// built builds the files of the programs for chips, and returns what comes of them as a table.
func (g *generator) built(ctx context.Context) (string, error) {
	var b strings.Builder
	b.WriteString("| file | trained network | chip | images | stage snn | stage files | same decision |\n|---|---|---|---|---|---|---|\n")
	for _, f := range foreign {
		model, err := build.ReadNetwork(g.foreignFile(f.program), onnx.Options{})
		if err != nil {
			return "", err
		}
		for _, id := range f.targets {
			p, err := chip.Load(id)
			if err != nil {
				return "", err
			}
			eval, calib, err := build.OpenData(ctx, f.data, "", builtImages)
			if err != nil {
				return "", err
			}
			l, err := build.Run(ctx, build.Request{Model: model, Profile: p, Data: eval, Calibration: calib, LadderAlone: true, Tool: "interop", Options: build.Options{Reset: "subtract"}})
			if err != nil {
				return "", fmt.Errorf("%s for %s: %w", f.program, id, err)
			}
			snn, _ := l.Stage(ladder.SNN)
			files := l.Last()
			fmt.Fprintf(&b, "| %s.nir | %s | %s | %d | %.1f %% | %.1f %% | %.1f %% |\n", f.program, f.model, id, files.N, 100*snn.Accuracy, 100*files.Accuracy, 100**files.Agreement)
		}
	}
	return b.String(), nil
}
