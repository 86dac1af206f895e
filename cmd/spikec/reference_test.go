package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"spikec/convert"
	"spikec/internal/golden"
)

// referencePath is the document that is made from the commands.
const referencePath = "../../docs/cli.md"

// TestReference compares docs/cli.md with the commands as they are; -update writes it anew.
func TestReference(t *testing.T) {
	want := reference(newRoot())
	if golden.Updating() {
		if err := os.WriteFile(referencePath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(referencePath)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/cli.md is not what the commands say: go test ./cmd/spikec -run TestReference -update writes it anew")
	}
}

// reference describes every command in Markdown.
func reference(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("# Command line\n\nMade from the program: `go test ./cmd/spikec -run TestReference -update`.\n\n")
	about, variables, _ := strings.Cut(root.Long, "\n\n"+environmentHeading)
	b.WriteString(about + "\n\n| command | does |\n|---|---|\n")
	var commands []*cobra.Command
	for _, c := range documented(root) {
		if len(c.Commands()) == 0 {
			commands = append(commands, c)
			fmt.Fprintf(&b, "| [`%s`](#%s) | %s |\n", c.CommandPath(), strings.ReplaceAll(c.CommandPath(), " ", "-"), c.Short)
		}
	}
	b.WriteString("| `spikec completion SHELL` | Print the completion script for bash, zsh, fish or powershell |\n")
	fmt.Fprintf(&b, `
## Configuration file

%s in the working directory, or the file that --config names, gives flags their values: one line a flag, by its name.

    target: generic8
    steps: 16
    mean: [0.49, 0.48, 0.45]

What stands on the command line wins. One file serves all commands: each takes the flags that it has. A key that is no
flag of any command is an error, named with its line.

## Passes of the conversion

What --dump-after, --stop-after and --disable name, in order.

| pass | what it does | can be left out |
|---|---|---|
%s
## Environment

%s
`, defaultConfig, passTable(), strings.ReplaceAll(variables, "\nNO_COLOR", "\n\nNO_COLOR"))
	for _, c := range commands {
		fmt.Fprintf(&b, "\n## %s\n\n    %s\n\n%s\n", c.CommandPath(), c.UseLine(), first(c.Long, c.Short))
		if c.Example != "" {
			fmt.Fprintf(&b, "\n```sh\n%s\n```\n", strings.ReplaceAll(strings.TrimPrefix(c.Example, "  "), "\n  ", "\n"))
		}
		writeFlags(&b, c)
	}
	return b.String()
}

// passTable describes the passes, a line each.
func passTable() string {
	var b strings.Builder
	for _, p := range convert.Passes {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", p.Name, p.About, map[bool]string{true: "yes", false: ""}[p.Optional])
	}
	return b.String()
}

// inUsage finds a default that stands in the usage because it depends on the target or the machine.
var inUsage = regexp.MustCompile(`^(.*) \(default:? (.*)\)$`)

// writeFlags describes the flags of a command as a table.
func writeFlags(b *strings.Builder, c *cobra.Command) {
	heading := "\n| flag | meaning | default |\n|---|---|---|\n"
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" {
			return
		}
		word, usage := pflag.UnquoteUsage(f)
		name := strings.TrimSpace("--" + f.Name + " " + word)
		if f.NoOptDefVal != "" && f.Value.Type() != "bool" {
			name += "[=" + f.NoOptDefVal + "]"
		}
		value := strings.TrimPrefix(strings.Trim(f.DefValue, "[]"), "false")
		if m := inUsage.FindStringSubmatch(usage); m != nil {
			usage, value = m[1], m[2]
		}
		b.WriteString(heading + fmt.Sprintf("| `%s` | %s | %s |\n", escape(name), escape(usage), value))
		heading = ""
	})
}

// escape lets a bar stand in a cell of a table.
func escape(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
