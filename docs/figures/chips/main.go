// Command chips writes the figures of docs/chips.md from real builds, and replaces the sections between
// <!-- BEGIN name --> and <!-- END name -->, one a network on a chip. Run it from anywhere inside the module:
//
//	go run ./docs/figures/chips -cifar DIR -models DIR
//
// Builds that are done are kept in a work folder, by their choices and numbers of images, so that a run which was stopped goes on where it
// was. Remove the folder to measure anew.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"spikec/docs/figures"
	"spikec/internal/diag"
	"spikec/internal/section"
	"spikec/runtime/build"
	"spikec/runtime/ladder"
	"spikec/target/chip"
)

// options are the flags.
type options struct {
	cifar, models, only, work string
	limit                     int
	print                     bool
}

func main() {
	var o options
	flag.StringVar(&o.cifar, "cifar", "", "folder with the binary CIFAR-10 batches")
	flag.StringVar(&o.models, "models", "", "folder with the ONNX files of the networks")
	flag.StringVar(&o.only, "only", "", "the one section to renew, by its name")
	flag.StringVar(&o.work, "work", filepath.Join(os.TempDir(), "spikec-chips"), "folder that keeps what is done")
	flag.IntVar(&o.limit, "limit", 2000, "images; 0 = all")
	flag.BoolVar(&o.print, "print", false, "print the sections instead of writing them, to try the program out")
	flag.Parse()
	figures.Main("chips", func(ctx context.Context, root string) error { return generate(ctx, root, o) })
}

// generate builds, and rewrites docs/chips.md of the module after every section.
func generate(ctx context.Context, root string, o options) error {
	commit, err := section.Version(ctx, root, "docs/chips.md")
	if err != nil {
		return err
	}
	done := false
	for i := range sections {
		s := &sections[i]
		if o.only != "" && s.name != o.only {
			continue
		}
		done = true
		results, err := s.results(ctx, o, "spikec "+commit)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		text := s.text(results)
		if o.print {
			fmt.Println(text)
			continue
		}
		if err := section.Rewrite(filepath.Join(root, "docs", "chips.md"), map[string]string{s.name: text}); err != nil {
			return err
		}
	}
	if !done {
		return fmt.Errorf("there is no section %s", o.only)
	}
	return nil
}

// result is a build, or what it was refused for.
type result struct {
	Tool    string         `json:"tool"`
	Model   string         `json:"model"` // SHA-256
	Ladder  *ladder.Ladder `json:"ladder,omitempty"`
	Refused string         `json:"refused,omitempty"` // as the command prints it
}

// results builds every row of a section that the work folder does not have.
func (s *networkOnChip) results(ctx context.Context, o options, tool string) ([]result, error) {
	m, err := build.ReadModel(filepath.Join(o.models, s.model+".onnx"))
	if err != nil {
		return nil, err
	}
	p, err := chip.Load(s.target)
	if err != nil {
		return nil, err
	}
	data, calibration, err := build.OpenData(ctx, "cifar10:"+o.cifar, "", o.limit)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.work, 0o755); err != nil {
		return nil, err
	}
	reporter := figures.Progress()
	defer reporter.Close()
	var results []result
	for _, row := range s.rows {
		var r result
		path := filepath.Join(o.work, fmt.Sprintf("%s-%s-%s-%d-%d.json", s.name, row.rules, row.pooling, row.steps, data.Len()))
		text, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			request := build.Request{Model: m, Profile: p, Data: data, Calibration: calibration, Preprocessing: s.preprocessing, Options: row.options(), LadderAlone: true, Tool: tool, Progress: reporter}
			r.Tool, r.Model = tool, m.SHA256
			var refused *diag.Failure
			if r.Ladder, err = build.Run(ctx, request); errors.As(err, &refused) {
				r.Ladder, r.Refused = nil, refusal(refused.List)
			} else if err != nil {
				return nil, err
			}
			if text, err = json.Marshal(r); err != nil {
				return nil, err
			}
			if err := os.WriteFile(path, text, 0o644); err != nil {
				return nil, err
			}
		case err != nil:
			return nil, err
		}
		r = result{} // what was written is what a later run reads
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		results = append(results, r)
	}
	return results, nil
}
