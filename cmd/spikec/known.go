package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"spikec/internal/diag"
	"spikec/runtime/build"
	"spikec/runtime/dataset"
)

// registerKnown registers the flag for what an earlier conversion measured.
func (f *buildFlags) registerKnown(cmd *cobra.Command) {
	textVar(cmd.Flags(), &f.known, "calibration-file", "", "FILE",
		"FILE is the calibration.json of an earlier build or conversion of the model: its choices, where no flag says otherwise, and its scale factors, for which --normalization, --percentile and --per-channel cannot say otherwise; without re-fits no images are needed")
}

// choices reads the calibration file, if one is named, and makes its choices where neither the command line nor the
// configuration does. A choice whose flag the command does not have is left out.
func (f *buildFlags) choices(cmd *cobra.Command) (*build.Calibration, error) {
	f.brought = map[string]bool{}
	if f.known == "" {
		return nil, nil
	}
	known, err := build.ReadCalibration(f.known)
	if err != nil {
		return nil, err
	}
	var wrong []error
	for _, c := range known.Choices() {
		flag := cmd.Flags().Lookup(c.Flag)
		if flag == nil || flag.Changed {
			continue
		}
		if err := flag.Value.Set(c.Value); err != nil {
			wrong = append(wrong, &diag.Failure{List: diag.List{{ID: idKnownChoice, Severity: diag.Error, Subject: f.known,
				Message: fmt.Sprintf("--%s: got %q, %v", c.Flag, c.Value, err)}}})
		}
		flag.Changed = true
		f.brought["--"+c.Flag] = true
	}
	return known, errors.Join(wrong...)
}

// traced names the calibration file in findings about flags that it brought: the user gave none.
func (f *buildFlags) traced(err error) error {
	var failure *diag.Failure
	if !errors.As(err, &failure) {
		return err
	}
	list := slices.Clone(failure.List)
	for i := range list {
		if flag, _, _ := strings.Cut(list[i].Subject, " "); f.brought[flag] {
			list[i].Subject += " (brought by " + f.known + ")"
		}
	}
	return &diag.Failure{List: list}
}

// idKnownChoice is a choice of a calibration file that its flag does not take. The number is stable.
const idKnownChoice = "SPK-CLI-007"

// open opens the images: those for calibration only where they are needed or named.
func (f *buildFlags) open(cmd *cobra.Command, known *build.Calibration) (data, calibration *dataset.Set, err error) {
	if known != nil && f.data.calibration == "" && !build.NeedsImages(f.conversion.options.Disable) {
		data, err = build.OpenEvaluation(cmd.Context(), f.data.data, f.emulation.limit)
		return data, nil, err
	}
	return build.OpenData(cmd.Context(), f.data.data, f.data.calibration, f.emulation.limit)
}
