package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"spikec/runtime/output"
)

// newMan is `spikec man`, for those who package the program.
func newMan() *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:     "man --to DIR",
		Short:   "Write the manual pages of all commands",
		Hidden:  true,
		Example: "  spikec man --to man1",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, c := range append([]*cobra.Command{cmd.Root()}, documented(cmd.Root())...) {
				path := filepath.Join(to, pageName(c)+".1")
				if err := output.MakeParent(path, nil); err != nil {
					return err
				}
				if err := output.WriteFile(path, func(w io.Writer) error { _, err := io.WriteString(w, manPage(c)); return err }); err != nil {
					return err
				}
			}
			return nil
		},
	}
	textVar(cmd.Flags(), &to, "to", "", "DIR", "folder DIR for the pages, spikec.1, spikec-build.1 and so on")
	require(cmd, "to")
	return cmd
}

// documented lists the commands that users are told of, those below others behind them.
func documented(root *cobra.Command) []*cobra.Command {
	var list []*cobra.Command
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() && c.Name() != "completion" && c.Name() != "help" {
			list = append(append(list, c), documented(c)...)
		}
	}
	return list
}

// pageName is the name of a command's page.
func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPage is the manual page of a command, in the macros of man(7). It has no date: the same program writes the same pages.
func manPage(c *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" %s\n.SH NAME\n%s \\- %s\n", roffWord(strings.ToUpper(pageName(c))), roffWord("spikec "+programVersion()), roff(pageName(c)), roff(c.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n", roff(c.UseLine()))
	fmt.Fprintf(&b, ".SH DESCRIPTION\n%s", roffText(first(c.Long, c.Short)))
	heading := ".SH OPTIONS\n"
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" || f.Hidden {
			return
		}
		word, usage := pflag.UnquoteUsage(f)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" {
			usage += fmt.Sprintf(" (default: %s)", f.DefValue)
		}
		fmt.Fprintf(&b, "%s.TP\n.B %s\n%s\n", heading, roff(strings.TrimSpace("--"+f.Name+" "+word)), roff(usage))
		heading = ""
	})
	if c.Example != "" {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(c.Example))
	}
	if below := documented(c); len(below) > 0 || c.HasParent() {
		var pages []string
		if c.HasParent() {
			pages = append(pages, pageName(c.Parent()))
		}
		for _, s := range below {
			if s.Parent() == c {
				pages = append(pages, pageName(s))
			}
		}
		fmt.Fprintf(&b, ".SH SEE ALSO\n.BR %s (1)\n", strings.Join(mapped(pages, roff), " (1),\n.BR "))
	}
	return b.String()
}

// mapped is f of every text.
func mapped(texts []string, f func(string) string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = f(t)
	}
	return out
}

// first returns the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// roff escapes text for roff: backslashes, hyphens, and what would begin a request.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

// roffWord is one argument of a request.
func roffWord(s string) string { return `"` + strings.ReplaceAll(roff(s), `"`, `\(dq`) + `"` }

// roffText is paragraphs, and tables and lists, whose lines are indented, as they stand.
func roffText(s string) string {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(strings.Trim(s, "\n"), "\n\n") {
		b.WriteString(".PP\n")
		if strings.HasPrefix(paragraph, " ") {
			b.WriteString(".nf\n" + roff(paragraph) + "\n.fi\n")
			continue
		}
		b.WriteString(roff(paragraph) + "\n")
	}
	return b.String()
}
