// Command readme writes the figures of README.md from real runs: it builds spikec, runs the demo for every row of the
// table of results, and replaces the sections between <!-- BEGIN name --> and <!-- END name -->. Run it from anywhere
// inside the module:
//
//	go run ./docs/figures/readme
//
// It also times the way from a network and folders of images to the first report (first.go).
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"spikec/docs/figures"
	"spikec/internal/section"
	"spikec/models/zoo"
	"spikec/runtime/ladder"
)

// rows are the runs of the table of results: the demo, or a build of the bundled network that is named. The first is the
// demo as it is without flags. Where a limit is given, all images would take long.
var rows = []struct {
	target  string
	steps   int
	network string
	limit   int // images; 0 = all
}{
	{"generic8", 32, "", 0},
	{"generic8", 8, "", 0},
	{"generic4", 32, "", 0},
	{"loihi1", 64, "", 0},
	{"reckon", 32, "mnist_mlp_14x14", 0},
	{"tinyodin", 16, "mnist_mlp_14x14", 0},
	{"odin", 64, "mnist_mlp_11x11", 0},
	{"ranc", 32, "mnist_cnn_patches", 1000},
	{"speck2f", 32, "mnist_cnn_plain", 1000},
}

func main() {
	limit := flag.Int("limit", 0, "images a run, to try the program out; 0 = all, as the document needs them")
	demo := flag.Bool("demo", false, "renew the outputs alone, without the table of results")
	flag.Parse()
	figures.Main("readme", func(ctx context.Context, root string) error { return generate(ctx, root, *limit, *demo) })
}

// generate runs the demos and rewrites README.md of the module.
func generate(ctx context.Context, root string, limit int, demo bool) error {
	scratch, err := os.MkdirTemp("", "readme")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	g := generator{root: root, scratch: scratch, limit: limit, demo: demo}
	sections, err := g.sections(ctx)
	if err != nil {
		return err
	}
	return section.Rewrite(filepath.Join(g.root, "README.md"), sections)
}

// generator runs one freshly built spikec.
type generator struct {
	root, scratch string
	limit         int
	demo          bool // no table of results
}

// sections returns the sections of the document by name.
func (g *generator) sections(ctx context.Context) (map[string]string, error) {
	program, err := figures.Spikec(ctx, g.root, g.scratch)
	if err != nil {
		return nil, err
	}
	var results []*ladder.Ladder
	first, err := g.first(ctx, program)
	if err != nil {
		return nil, err
	}
	sections := map[string]string{"first": first}
	for i, row := range rows {
		folder := filepath.Join(g.scratch, strconv.Itoa(i))
		if err := os.Mkdir(folder, 0o755); err != nil {
			return nil, err
		}
		args := []string{"demo"}
		if row.network != "" {
			var err error
			if args, err = buildArgs(folder, row.network); err != nil {
				return nil, err
			}
		}
		if i > 0 {
			args = append(args, "--target", row.target, "--steps", strconv.Itoa(row.steps))
		}
		if limit := cmp.Or(g.limit, row.limit); limit > 0 {
			args = append(args, "--limit", strconv.Itoa(limit))
		}
		began := time.Now()
		output, err := g.run(ctx, program, folder, args)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			sections["demo"] = fmt.Sprintf("```console\n$ go run ./cmd/spikec demo\n%s```\n\nThis run took %s on %d cores.\n",
				strings.ReplaceAll(output, program, "go run ./cmd/spikec"), time.Since(began).Round(time.Second), runtime.NumCPU())
		}
		if g.demo {
			return sections, nil
		}
		ladders, err := readLadders(folder)
		if err != nil {
			return nil, err
		}
		results = append(results, ladders...)
	}
	sections["results"] = table(results)
	return sections, nil
}

// buildArgs puts a bundled network into a folder, and returns what builds it there.
func buildArgs(folder, network string) ([]string, error) {
	m, err := zoo.Get(network)
	if err != nil {
		return nil, err
	}
	data := m.Info.Data
	if data == "" {
		data = "mnist"
	}
	return []string{"build", network + ".onnx", "--data", data, "--out", "out/build", "--quiet"},
		errors.Join(os.WriteFile(filepath.Join(folder, network+".onnx"), m.ONNX, 0o644), os.Mkdir(filepath.Join(folder, "out"), 0o755))
}

// run runs the program in a folder and returns its standard output.
func (g *generator) run(ctx context.Context, program, folder string, args []string) (string, error) {
	fmt.Fprintln(os.Stderr, "spikec", strings.Join(args, " "))
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Stderr = folder, os.Stderr
	output, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("spikec %s: %w", strings.Join(args, " "), err)
	}
	return string(output), nil
}

// readLadders reads the result documents of all builds below a folder, in the order of their paths.
func readLadders(folder string) ([]*ladder.Ladder, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*", "*", "ladder.json"))
	if err != nil || len(paths) == 0 {
		return nil, errors.Join(err, fmt.Errorf("no ladder.json two folders below %s", folder))
	}
	slices.Sort(paths)
	var all []*ladder.Ladder
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var l ladder.Ladder
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, &l)
	}
	return all, nil
}
