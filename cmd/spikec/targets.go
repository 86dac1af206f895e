package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"spikec/runtime/report"
	"spikec/target/chip"
)

// newTargets is `spikec targets`.
func newTargets() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "targets [ID|FILE.yaml]",
		Short: "List the chip profiles, or print one whole",
		Long: `Without an argument: every bundled chip profile, with its number formats, its limits, and how far the emulator's
arithmetic is proven. With the ID of a profile, or the path of a profile of your own: that profile, what it inherits
included, as YAML.`,
		Example: `  spikec targets
  spikec targets generic8
  spikec targets loihi1 --json`,
		Args:              atMost(1),
		ValidArgsFunction: completeOneTarget,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return printProfile(cmd.OutOrStdout(), args[0], asJSON)
			}
			return printTargets(cmd.OutOrStdout(), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return cmd
}

// targetList is what `spikec targets --json` prints.
type targetList struct {
	Schema  string      `json:"schema"`
	Targets []targetRow `json:"targets"`
}

// targetRow is one line of the table of targets.
type targetRow struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Proof   string `json:"proof"`
	Meaning string `json:"meaning"`
	Weights string `json:"weights"`
	State   string `json:"state"`
	Reset   string `json:"reset"`
	Cores   *int   `json:"cores"` // nil = not limited
}

// rowOf sums up a profile.
func rowOf(p *chip.Profile) targetRow {
	_, meaning, _ := strings.Cut(report.Proof(p.Proof.Class), ": ")
	return targetRow{
		ID: p.ID, Name: p.Name, Proof: p.Proof.Class, Meaning: meaning,
		Weights: weightText(&p.Weight), State: stateText(&p.State), Reset: strings.Join(p.Reset.Modes, ", "), Cores: p.Capacity.Cores,
	}
}

// weightText prints a weight format: "8 bits, -127..127", and the step and the exponents where there are such.
func weightText(w *chip.Weight) string {
	s := fmt.Sprintf("%d bits, %d..%d", w.Bits, w.Min, w.Max)
	if w.Step > 1 {
		s += fmt.Sprintf(" step %d", w.Step)
	}
	if w.Exponent.Min != w.Exponent.Max {
		s += fmt.Sprintf(", times 2^%d..2^%d", w.Exponent.Min, w.Exponent.Max)
	}
	return s
}

// stateText prints the format of the membrane: "16 bits, saturate".
func stateText(s *chip.State) string {
	if s.V == nil {
		return "none"
	}
	return fmt.Sprintf("%d bits, %s", s.V.Bits, s.V.Overflow)
}

// printTargets prints all bundled profiles.
func printTargets(w io.Writer, asJSON bool) error {
	var rows []targetRow
	for _, p := range chip.All() {
		rows = append(rows, rowOf(p))
	}
	if asJSON {
		return printJSON(w, targetList{"spikec/targets/v1", rows})
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	classes := map[string]string{}
	fmt.Fprintln(t, "ID\tWEIGHTS\tSTATE\tRESET\tCORES\tPROOF\tNAME")
	for _, r := range rows {
		cores := "no limit"
		if r.Cores != nil {
			cores = fmt.Sprint(*r.Cores)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, r.Weights, r.State, r.Reset, cores, r.Proof, r.Name)
		classes[r.Proof] = r.Meaning
	}
	fmt.Fprintln(t)
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		fmt.Fprintf(t, "proof %s: %s\n", class, classes[class])
	}
	return t.Flush()
}

// printProfile prints one profile with its inheritance resolved.
func printProfile(w io.Writer, idOrPath string, asJSON bool) error {
	p, err := chip.Load(idOrPath)
	if err != nil {
		return err
	}
	text, err := p.YAML()
	if err != nil {
		return err
	}
	if !asJSON {
		_, err = w.Write(text)
		return err
	}
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return err
	}
	return printJSON(w, tree)
}
