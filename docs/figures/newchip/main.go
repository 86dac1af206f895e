// Command newchip writes the examples of docs/new-chip.md: the profiles of docs/newchip, and what spikec prints about them. Run
// it from anywhere inside the module:
//
//	go run ./docs/figures/newchip
package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"spikec/docs/figures"
	"spikec/internal/section"
	"spikec/models/zoo"
)

func main() {
	figures.Main("newchip", generate)
}

// model is the network of the examples, a file in the folder where they run.
const model = "mnist_cnn_plain"

// examples are the commands, by the sections that hold them. Of what they print, lines lines are shown; 0 = all.
var examples = []struct {
	section, command string
	lines            int
}{
	{"mistakes", "spikec targets kolibri2.yaml", 0},
	{"targets", "spikec targets kolibri1.yaml", 12},
	{"refused", "spikec build " + model + ".onnx --target kolibri1.yaml --data mnist --limit 1000 --quiet --out build", 0},
	{"build", "spikec build " + model + ".onnx --target kolibri1.yaml --data mnist --limit 1000 --pool-neurons --quiet --out build", 32},
	{"check", "spikec check build --engine reference --limit 20 --quiet", 7},
}

// generate rewrites the document.
func generate(ctx context.Context, root string) error {
	scratch, err := os.MkdirTemp("", "newchip")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	program, err := figures.Spikec(ctx, root, scratch)
	if err != nil {
		return err
	}
	z, err := zoo.Get(model)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(scratch, model+".onnx"), z.ONNX, 0o600); err != nil {
		return err
	}
	sections := map[string]string{}
	for _, name := range []string{"kolibri1", "kolibri2"} {
		text, err := os.ReadFile(filepath.Join(root, "docs", "newchip", name+".yaml"))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(scratch, name+".yaml"), text, 0o600); err != nil {
			return err
		}
		sections[name] = "```yaml\n" + strings.TrimSpace(string(text)) + "\n```\n"
	}
	delete(sections, "kolibri2") // it is shown by what is wrong with it
	for _, e := range examples {
		words := strings.Fields(e.command)
		c := exec.CommandContext(ctx, program, words[1:]...)
		c.Dir = scratch
		out, _ := c.CombinedOutput() // some are meant to fail
		sections[e.section] = shown(e.command, string(out), e.lines)
	}
	return section.Rewrite(filepath.Join(root, "docs", "new-chip.md"), sections)
}

// shown returns a command with what it printed, as a block of a document.
func shown(command, out string, lines int) string {
	all := strings.Split(strings.TrimSpace(out), "\n")
	if lines > 0 && len(all) > lines {
		all = append(all[:lines], "…")
	}
	for i := range all {
		all[i] = strings.TrimRight(all[i], " ")
	}
	return "```\n$ " + command + "\n" + strings.Join(all, "\n") + "\n```\n"
}
