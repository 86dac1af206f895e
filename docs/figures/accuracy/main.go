// Command accuracy writes the figures of docs/accuracy.md from real sweeps, and replaces the sections between
// <!-- BEGIN name --> and <!-- END name -->, one a network. Run it from anywhere inside the module:
//
//	go run ./docs/figures/accuracy -cifar DIR -models DIR
//	go run ./docs/figures/accuracy -only bundled-mnist_cnn_plain
//
// Networks whose images or files are not given keep the figures that they have. Cells that are done are kept in a work
// folder, so that a run which was stopped goes on where it was; another version of the program begins anew.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spikec/docs/figures"
	"spikec/internal/section"
)

// options are the flags.
type options struct {
	cifar, models, only, work string
	limit8, limit             int
	print                     bool
}

func main() {
	var o options
	flag.StringVar(&o.cifar, "cifar", "", "folder with the binary CIFAR-10 batches")
	flag.StringVar(&o.models, "models", "", "folder with the ONNX files of the networks that are not part of spikec")
	flag.StringVar(&o.only, "only", "", "the one network to renew, by the name of its section")
	flag.StringVar(&o.work, "work", filepath.Join(os.TempDir(), "spikec-accuracy"), "folder that keeps what is done")
	flag.IntVar(&o.limit8, "limit8", 0, "images at 8 bits; 0 = all, as the document needs them")
	flag.IntVar(&o.limit, "limit", 1000, "images at other bits; 0 = all")
	flag.BoolVar(&o.print, "print", false, "print the document instead of writing it, to try the program out")
	flag.Parse()
	figures.Main("accuracy", func(ctx context.Context, root string) error { return generate(ctx, root, o) })
}

// generate sweeps, and rewrites docs/accuracy.md of the module after every network.
func generate(ctx context.Context, root string, o options) error {
	g := generator{options: o, root: root}
	path := filepath.Join(g.root, "docs", "accuracy.md")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	document, done := string(text), 0
	for i := range networks {
		n := &networks[i]
		if o.only != "" && n.section != o.only {
			continue
		}
		if n.onnx && o.models == "" || n.data == cifar10 && o.cifar == "" {
			fmt.Fprintf(os.Stderr, "accuracy: %s stays as it is: -models or -cifar is not given\n", n.section)
			continue
		}
		made, err := g.section(ctx, n)
		if err != nil {
			return fmt.Errorf("%s: %w", n.section, err)
		}
		if document, err = section.Replace(document, map[string]string{n.section: made}); err != nil {
			return err
		}
		if done++; !o.print {
			if err := os.WriteFile(path, []byte(document), 0o644); err != nil {
				return err
			}
		}
	}
	if done == 0 {
		return fmt.Errorf("nothing to do; networks are %s", strings.Join(names(), ", "))
	}
	if o.print {
		_, err = fmt.Print(document)
	}
	return err
}

// names lists the sections.
func names() []string {
	var all []string
	for i := range networks {
		all = append(all, networks[i].section)
	}
	slices.Sort(all)
	return all
}

// generator makes sections.
type generator struct {
	options
	root string
}

// version names the program; devel where the sources are no checkout.
func (g *generator) version(ctx context.Context) string {
	commit, err := section.Version(ctx, g.root, "docs/accuracy.md")
	if err != nil {
		return "devel"
	}
	return commit
}
