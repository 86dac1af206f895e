package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"spikec/internal/diag"
	"spikec/models/nir"
	"spikec/runtime/build"
	"spikec/runtime/output"
)

// exported is what `spikec export --json` prints.
type exported struct {
	Schema      string    `json:"schema"`
	Source      string    `json:"source"`
	Format      string    `json:"format"`
	Dialect     string    `json:"dialect"`
	Path        string    `json:"path"`
	Bytes       int       `json:"bytes"`
	SHA256      string    `json:"sha256"`
	Diagnostics diag.List `json:"diagnostics"`
}

// newExport is `spikec export`.
func newExport() *cobra.Command {
	e := exported{Schema: "spikec/export/v1"}
	var o outputFlags
	cmd := &cobra.Command{
		Use:   "export DIR --format FORMAT --out FILE",
		Short: "Write a build in another file format",
		Long: `Reads the build in DIR and writes it as a file of another format, for another tool.

netx: what is on a Loihi, as layers for lava-dl; the file is read back, and must give the same image.

nir: the spiking network in real numbers, as a file of the Neuromorphic Intermediate Representation. Its input are the codes
0..255 of a picture in every step, or where the host plays spikes those. Dialects: ` + strings.Join(nir.DialectNames(), ", ") + `.
What the reader of a dialect does otherwise than the network was converted for is a warning.`,
		Example: `  spikec export build --format nir --out network.nir
  spikec export build --format nir --dialect sinabs --out sinabs.nir
  spikec export build --format netx --out network.net`,
		Args:              exactly("DIR"),
		ValidArgsFunction: completeFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			data, found, err := build.Export(args[0], e.Format, e.Dialect)
			if err != nil {
				return err
			}
			write := func(w io.Writer) error { _, err := w.Write(data); return err }
			if err := output.WriteFile(e.Path, write); err != nil {
				return err
			}
			sum := sha256.Sum256(data)
			e.Source, e.Bytes, e.SHA256, e.Diagnostics = args[0], len(data), hex.EncodeToString(sum[:]), append(diag.List{}, found...)
			if !o.json {
				messagesOf(cmd).list(found)
			}
			return o.print(cmd, e, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s: %d bytes\n", e.Path, e.Bytes)
				return err
			})
		},
	}
	choiceVar(cmd.Flags(), &e.Format, "format", "nir", "file format", build.Formats()...)
	textVar(cmd.Flags(), &e.Dialect, "dialect", "", "NAME", "dialect of the format (default: the first one)")
	textVar(cmd.Flags(), &e.Path, "out", "", "FILE", "FILE to write")
	o.register(cmd)
	require(cmd, "format", "out")
	return cmd
}
