package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
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
	Bytes       int       `json:"bytes"`            // of all files where it is a folder
	SHA256      string    `json:"sha256,omitempty"` // of the file
	Files       []string  `json:"files,omitempty"`  // names, where it is a folder
	Diagnostics diag.List `json:"diagnostics"`
}

// newExport is `spikec export`.
func newExport() *cobra.Command {
	e := exported{Schema: "spikec/export/v1"}
	var o outputFlags
	cmd := &cobra.Command{
		Use:   "export DIR --format FORMAT --out PATH",
		Short: "Write a build in another file format",
		Long: `Reads the build in DIR and writes it as a file of another format, for another tool.

odin-spi, tinyodin-spi, reckon-spi, ranc-mem, ranc-json, samna-json (Speck) and pynn (SpiNNaker 1): what a chip is programmed
with, as a build for it holds it: a folder of files.

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
			e.Source = args[0]
			write := e.file
			if build.IsFolder(e.Format) {
				write = e.folder
			}
			found, err := write()
			if err != nil {
				return err
			}
			e.Diagnostics = append(diag.List{}, found...)
			if !o.json {
				messagesOf(cmd).list(found)
			}
			return o.print(cmd, e, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s: %d bytes\n", e.Path, e.Bytes)
				return err
			})
		},
	}
	choiceVar(cmd.Flags(), &e.Format, "format", "", "file format: "+alternatives(build.Formats()), build.Formats()...).word = "NAME"
	textVar(cmd.Flags(), &e.Dialect, "dialect", "", "NAME", "dialect of the format (default: the first one)")
	textVar(cmd.Flags(), &e.Path, "out", "", "PATH", "file to write, or folder where the format is one")
	o.register(cmd)
	require(cmd, "format", "out")
	return cmd
}

// file writes a format of one file, which must not be put into the build.
func (e *exported) file() (diag.List, error) {
	if err := output.Apart([]string{e.Path}, nil, []string{e.Source}); err != nil {
		return nil, err
	}
	data, found, err := build.Export(e.Source, e.Format, e.Dialect)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	e.Bytes, e.SHA256 = len(data), hex.EncodeToString(sum[:])
	return found, output.WriteFile(e.Path, func(w io.Writer) error { _, err := w.Write(data); return err })
}

// folder writes a format of several files to a folder that does not exist yet, or is empty.
func (e *exported) folder() (diag.List, error) {
	files, found, err := build.ExportFolder(e.Source, e.Format, e.Dialect)
	if err != nil {
		return nil, err
	}
	if err := output.MakeParent(e.Path, []string{e.Source}); err != nil {
		return nil, err
	}
	f, err := output.NewFolder(e.Path, func(string) error { return errors.New("it is not empty") })
	if err != nil {
		return nil, err
	}
	defer f.Discard()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := f.Write(name, files[name]); err != nil {
			return nil, err
		}
		e.Bytes += len(files[name])
		e.Files = append(e.Files, name)
	}
	return found, f.Commit()
}
