package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"spikec/cmd/spikec/internal/inspect"
	"spikec/convert"
	"spikec/internal/diag"
	"spikec/models/onnx"
	"spikec/runtime/build"
)

// newInspect is `spikec inspect`.
func newInspect() *cobra.Command {
	var m modelFlags
	var target, rules string
	var o outputFlags
	cmd := &cobra.Command{
		Use:   "inspect MODEL.onnx|NET.nir",
		Short: "Show a network's layers and what the conversion would change",
		Long: `Reads an ONNX file and prints its layers with shapes, parameters and multiply-accumulate operations, what became of
the file's nodes that are no layers (folded into constants, without effect, not needed by the output), sizes that the file
leaves open and what they are, and what each rule of the conversion would change. Every node that is not supported is named,
all of them at once. With a target: what will not fit there, as far as that can be told without images.

Of a file of NIR, which holds a spiking network, the nodes are printed with the shapes of what leaves them, and the populations
that they become; every node that cannot be kept is named.`,
		Example: `  spikec inspect model.onnx
  spikec inspect model.onnx --target loihi1
  spikec inspect model.onnx --rules best --json
  spikec inspect net.nir --target speck2f`,
		Args:              exactly("MODEL.onnx|NET.nir"),
		ValidArgsFunction: completeNetwork,
		RunE: func(cmd *cobra.Command, args []string) error {
			profile, err := optionalTarget(target)
			if err != nil {
				return err
			}
			if build.IsSpiking(args[0]) {
				return inspectSpiking(cmd, args[0], profile, &o)
			}
			r, err := inspect.Run(cmd.Context(), args[0], m.options, convert.Rules(rules), profile)
			if err != nil {
				return err
			}
			return o.inspected(cmd, r, r.Diagnostics, func(w io.Writer) error { return printInspection(w, r) })
		},
	}
	m.register(cmd)
	textVar(cmd.Flags(), &target, "target", "", "ID|FILE.yaml", "chip profile to compare with, ID|FILE.yaml")
	choiceVar(cmd.Flags(), &rules, "rules", string(convert.Strict), "rules of the conversion", string(convert.Strict), string(convert.Best))
	o.registerJSON(cmd)
	o.registerMessages(cmd)
	return cmd
}

// inspected prints a report on a network, as JSON or by table, and then what was found in it: as the command's error where the network is refused.
func (o *outputFlags) inspected(cmd *cobra.Command, report any, found diag.List, table func(io.Writer) error) error {
	if err := o.print(cmd, report, table); err != nil {
		return err
	}
	if err := found.Err(); err != nil {
		return err
	}
	messagesOf(cmd).list(found)
	return nil
}

// printInspection prints a report as tables.
func printInspection(w io.Writer, r *inspect.Report) error {
	fmt.Fprintf(w, "%s: opset %d, %s\n", r.Model, r.Opset, r.Producer)
	switch {
	case r.Partial && r.Unread():
		fmt.Fprintf(w, "only in part understood; the layers that are known:\n\n")
	case r.Partial:
		fmt.Fprintf(w, "all nodes are understood, see the messages for what is wrong; the layers:\n\n")
	default:
		fmt.Fprintf(w, "input %s %s, output %s %s\n", r.Input.Name, r.Input.Shape, r.Output.Name, r.Output.Shape)
		fmt.Fprintf(w, "the file has input [%s]; ", strings.Join(r.InputDimensions, ","))
		if r.Whole {
			fmt.Fprintf(w, "all of it is one image\n\n")
		} else {
			fmt.Fprintf(w, "%s is the number of images, any number N\n\n", r.InputDimensions[0])
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NODE\tOPERATION\tSHAPE\tPARAMETERS\tMACS\tDETAIL")
	for _, l := range r.Layers {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%s\n", l.Name, l.Op, l.Shape, l.Parameters, l.MACs, l.Detail)
	}
	fmt.Fprintf(t, "all\t\t\t%d\t%d\t\n", r.Parameters, r.MACs)
	t.Flush()
	printNodes(w, r.Nodes)
	printChanges(w, r)
	switch {
	case r.Target == "" || r.Partial || r.Heavy || r.Diagnostics.HasErrors():
	case r.Fits():
		fmt.Fprintf(w, "\ntarget %s: nothing found so far that does not fit; spikec build decides\n", r.Target)
	default:
		fmt.Fprintf(w, "\ntarget %s: may not fit, see the warnings; spikec build decides\n", r.Target)
	}
	return nil
}

// fates says what the fates of nodes mean, in the order in which they are counted.
var fates = []struct {
	fate onnx.Fate
	text string
}{
	{onnx.Layer, "in the network"}, {onnx.Constant, "constant"}, {onnx.Passed, "without effect"}, {onnx.Unused, "not needed by the output"},
	{onnx.Refused, "not supported"}, {onnx.Unknown, "behind something that is missing or not supported"},
}

// maxListedNodes bounds the nodes that are explained as text.
const maxListedNodes = 100

// printNodes says what became of the nodes of the file: how many of each fate, and those of which there is more to say.
func printNodes(w io.Writer, nodes []inspect.Node) {
	counts, text := map[onnx.Fate]int{}, map[onnx.Fate]string{}
	for _, n := range nodes {
		counts[n.Fate]++
	}
	var parts []string
	for _, f := range fates {
		text[f.fate] = f.text
		if counts[f.fate] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[f.fate], f.text))
		}
	}
	if len(parts) == 0 {
		return
	}
	fmt.Fprintf(w, "\nnodes of the file: %s\n", strings.Join(parts, ", "))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	listed, left := 0, 0
	for _, n := range nodes {
		switch {
		case (n.Fate == onnx.Layer || n.Fate == onnx.Unknown) && n.Why == "", n.Fate == onnx.Refused, n.Op == "Constant" && n.Fate == onnx.Constant:
		case listed == maxListedNodes:
			left++
		default:
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", n.Name, n.Op, text[n.Fate], n.Why)
			listed++
		}
	}
	t.Flush()
	if left > 0 {
		fmt.Fprintf(w, "  and %d more; --json lists them all\n", left)
	}
}

// printChanges says what the rules would change.
func printChanges(w io.Writer, r *inspect.Report) {
	switch {
	case r.Heavy, r.Partial && len(r.Changes) == 0:
		return
	case r.Partial:
		fmt.Fprintf(w, "\nrules %s, of the layers up to the last one that is known:\n", r.Rules)
	default:
		fmt.Fprintf(w, "\nrules %s:\n", r.Rules)
	}
	if len(r.Changes) == 0 {
		fmt.Fprintln(w, "nothing has to change")
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range r.Changes {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", c.Pass, c.Node, c.What)
	}
	t.Flush()
}
