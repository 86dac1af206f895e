package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"spikec/runtime/dataset"
	"spikec/runtime/fetch"
)

// newData is `spikec data` with the commands below it.
func newData() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "List data sets, and fetch them",
		Long: `Images to evaluate and calibrate with come from the user, but for those of MNIST that are bundled. These commands say where
known data sets are published and under which terms, and fetch them.`,
		Example: `  spikec data list
  spikec data get fashion-mnist --to fashion`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDataList(), newDataGet())
	return cmd
}

// newDataList is `spikec data list`.
func newDataList() *cobra.Command {
	var o outputFlags
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List known data sets: source, licence, files with their SHA-256, and the forms of --data",
		Example: "  spikec data list\n  spikec data list --json",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			list := dataList{Schema: "spikec/data-list/v1", Sets: fetch.Sets}
			for _, s := range dataset.Sources() {
				list.Forms = append(list.Forms, dataForm{s.Forms, s.About})
			}
			return o.print(cmd, list, list.text)
		},
	}
	o.registerJSON(cmd)
	return cmd
}

// dataList is what `spikec data list --json` prints.
type dataList struct {
	Schema string      `json:"schema"`
	Sets   []fetch.Set `json:"sets"`
	Forms  []dataForm  `json:"forms"`
}

// dataForm is a kind of data spec.
type dataForm struct {
	Forms []string `json:"forms"`
	About string   `json:"about"`
}

// text prints the list for people.
func (l dataList) text(w io.Writer) error {
	p := &printer{w: w}
	for _, s := range l.Sets {
		p.printf("%s\n  %s\n  by       %s\n  page     %s\n  licence  %s\n  from     %s\n  use      spikec data get %s --to DIR, then --data %s\n", s.Name, s.About, s.Origin, s.Page, s.Licence, s.URL, s.Name, s.Spec)
		if a := s.Archive; a != nil {
			p.printf("  packed   %11d bytes  %s  %s\n", a.Size, a.SHA256, a.Name)
		}
		for _, f := range s.Files {
			p.printf("  file     %11d bytes  %s  %s\n", f.Size, f.SHA256, f.Name)
		}
		p.printf("\n")
	}
	p.printf("--data takes\n")
	for _, f := range l.Forms {
		p.printf("  %s: %s\n", alternatives(f.Forms), f.About)
	}
	return p.err
}

// printer prints until something fails.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// newDataGet is `spikec data get`.
func newDataGet() *cobra.Command {
	var r fetch.Request
	var o outputFlags
	cmd := &cobra.Command{
		Use:   "get NAME",
		Short: "Fetch a data set, and take it only with the SHA-256 that is known",
		Long: `Fetches the files of a data set, from where they are published or from a mirror, into a folder that is complete or not
there. Every file must have the size and SHA-256 that spikec data list shows. Without a network, --mirror names a folder that
has the files. Files that are there already are not fetched again.`,
		Example: `  spikec data get fashion-mnist
  spikec data get cifar10 --mirror https://data.example.org/datasets --to data/cifar10
  spikec data get mnist --mirror /media/usb/mnist`,
		Args: exactly("NAME"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			for _, s := range fetch.Sets {
				if len(args) == 0 {
					names = append(names, cobra.CompletionWithDesc(s.Name, s.About))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := fetch.Find(args[0])
			if err != nil {
				return err
			}
			if r.Out == "" {
				r.Out = s.Name
			}
			r.Progress = o.reporter(cmd)
			got, err := s.Get(cmd.Context(), r)
			r.Progress.Close()
			if err != nil {
				return err
			}
			return o.print(cmd, got, func(w io.Writer) error {
				how := "from " + got.From
				if got.From == "" {
					how = "is there already"
				}
				_, err := fmt.Fprintf(w, "%s: %d files in %s, %s; licence: %s\nuse it with --data %s\n", s.Name, len(got.Files), got.Folder, how, s.Licence, got.Spec)
				return err
			})
		},
	}
	textVar(cmd.Flags(), &r.Mirror, "mirror", "", "URL|DIR", "URL or folder, URL|DIR, that has the files, in place of where they are published")
	textVar(cmd.Flags(), &r.Out, "to", "", "DIR", "folder DIR for the files (default: the name of the data set)")
	o.register(cmd)
	return cmd
}
