package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"spikec/cmd/spikec/internal/inspect"
	"spikec/convert"
)

// newInspect is `spikec inspect`.
func newInspect() *cobra.Command {
	var m modelFlags
	var target, rules string
	var o outputFlags
	cmd := &cobra.Command{
		Use:   "inspect MODEL.onnx",
		Short: "Show a network's layers and what the conversion would change",
		Long: `Reads an ONNX file and prints its layers with shapes, parameters and multiply-accumulate operations, and what each
rule of the conversion would change. Every node that is not supported is named, all of them at once. With a target:
what will not fit there, as far as that can be told without images.`,
		Example: `  spikec inspect model.onnx
  spikec inspect model.onnx --target loihi1
  spikec inspect model.onnx --rules best --json`,
		Args:              exactly("MODEL.onnx"),
		ValidArgsFunction: completeModel,
		RunE: func(cmd *cobra.Command, args []string) error {
			profile, err := optionalTarget(target)
			if err != nil {
				return err
			}
			r, err := inspect.Run(cmd.Context(), args[0], m.options, convert.Rules(rules), profile)
			if err != nil {
				return err
			}
			if err := o.print(cmd, r, func(w io.Writer) error { return printInspection(w, r) }); err != nil {
				return err
			}
			if err := r.Diagnostics.Err(); err != nil {
				return err
			}
			messagesOf(cmd).list(r.Diagnostics)
			return nil
		},
	}
	m.register(cmd)
	textVar(cmd.Flags(), &target, "target", "", "ID|FILE.yaml", "chip profile to compare with, ID|FILE.yaml")
	choiceVar(cmd.Flags(), &rules, "rules", string(convert.Strict), "rules of the conversion", string(convert.Strict), string(convert.Best))
	o.registerJSON(cmd)
	o.registerMessages(cmd)
	mustComplete(cmd, "target", completeTargets)
	return cmd
}

// printInspection prints a report as tables.
func printInspection(w io.Writer, r *inspect.Report) error {
	fmt.Fprintf(w, "%s: opset %d, %s\n", r.Model, r.Opset, r.Producer)
	if r.Partial {
		fmt.Fprintf(w, "only in part understood; the layers that are known:\n\n")
	} else {
		fmt.Fprintf(w, "input %s %s, output %s %s\n\n", r.Input.Name, r.Input.Shape, r.Output.Name, r.Output.Shape)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NODE\tOPERATION\tSHAPE\tPARAMETERS\tMACS\tDETAIL")
	for _, l := range r.Layers {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%s\n", l.Name, l.Op, l.Shape, l.Parameters, l.MACs, l.Detail)
	}
	fmt.Fprintf(t, "all\t\t\t%d\t%d\t\n", r.Parameters, r.MACs)
	t.Flush()
	if r.Partial {
		return nil
	}
	fmt.Fprintf(w, "\nrules %s:\n", r.Rules)
	if len(r.Changes) == 0 {
		fmt.Fprintln(w, "nothing has to change")
	}
	t = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range r.Changes {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", c.Pass, c.Node, c.What)
	}
	t.Flush()
	switch {
	case r.Target == "" || r.Diagnostics.HasErrors():
	case r.Fits():
		fmt.Fprintf(w, "\ntarget %s: nothing found so far that does not fit; spikec build decides\n", r.Target)
	default:
		fmt.Fprintf(w, "\ntarget %s: may not fit, see the warnings; spikec build decides\n", r.Target)
	}
	return nil
}
