package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"spikec/runtime/output"
	"spikec/runtime/page"
)

// reported is what `spikec report --json` prints.
type reported struct {
	Schema string `json:"schema"`
	Source string `json:"source"`
	Path   string `json:"path"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// newReport is `spikec report`.
func newReport() *cobra.Command {
	r := reported{Schema: "spikec/page/v1"}
	var o outputFlags
	cmd := &cobra.Command{
		Use:   "report DIR",
		Short: "Make one HTML page of a build, conversion, sweep, simulation, or the result of a check",
		Long: `Reads what is in DIR, and nothing else, and writes a page that needs nothing else: no network, no other file, so that it
can be sent by mail. It has everything that is known: accuracy with intervals, plots with the numbers behind them, tables
that can be sorted, and every diagnostic with its remedy.

DIR is the folder of a build, conversion, sweep or simulation, or a file with what spikec build or check printed with
--json. The page is report.html in the folder, where it is no part of what was built, or FILE.html beside the file.`,
		Example: `  spikec report build
  spikec report sweep --out sweep.html
  spikec simulate --example izhikevich --out neurons && spikec report neurons
  spikec check build --json > check.json && spikec report check.json`,
		Args:              exactly("DIR"),
		ValidArgsFunction: completeFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := page.Of(args[0], "spikec "+programVersion())
			if err != nil {
				return err
			}
			r.Source = args[0]
			if r.Path == "" {
				r.Path = p.Beside
			} else if filepath.Clean(r.Path) != filepath.Clean(p.Beside) {
				if err := output.Apart([]string{r.Path}, []string{args[0]}, []string{args[0]}); err != nil {
					return err
				}
			}
			var b bytes.Buffer
			if err := p.Write(&b); err != nil {
				return err
			}
			if err := output.WriteFile(r.Path, func(w io.Writer) error { _, err := w.Write(b.Bytes()); return err }); err != nil {
				return err
			}
			sum := sha256.Sum256(b.Bytes())
			r.Bytes, r.SHA256 = b.Len(), hex.EncodeToString(sum[:])
			return o.print(cmd, r, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s: %d bytes\n", r.Path, r.Bytes)
				return err
			})
		},
	}
	textVar(cmd.Flags(), &r.Path, "out", "", "FILE", "FILE to write (default: report.html in DIR)")
	o.register(cmd)
	return cmd
}
