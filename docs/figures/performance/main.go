// Command performance writes the figures of docs/performance.md from real runs: it builds spikec and the speed anchor, lets
// their engines take turns, and replaces the sections between <!-- BEGIN name --> and <!-- END name -->. Run it from
// anywhere inside the module, on a machine with nothing else to do:
//
//	go run ./docs/figures/performance
//	go run ./docs/figures/performance -cifar DIR -model FILE.onnx -- --mean 0.49,0.48,0.45 --std 0.25,0.24,0.26
//	go run ./docs/figures/performance -only brian2 -brian venv/bin/python
//
// Flags behind -- are passed on to spikec build.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"spikec/docs/figures"
	"spikec/internal/section"
)

// options are the flags.
type options struct {
	rounds       int
	quick        bool
	only         string
	cifar, model string
	brian        string
	build        []string // flags of spikec build
}

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 5, "turns that every engine takes")
	flag.BoolVar(&o.quick, "quick", false, "few images, to try the program out; nothing is written")
	flag.StringVar(&o.only, "only", "", "the one section to renew: machine, speed, threads, steps, images, vgg9, cifar10, simulations or brian2")
	flag.StringVar(&o.cifar, "cifar", "", "folder with the binary CIFAR-10 batches")
	flag.StringVar(&o.model, "model", "", "ONNX file of a network for CIFAR-10")
	flag.StringVar(&o.brian, "brian", "", "Python that has Brian 2 (bench/peers/requirements-brian2.txt)")
	flag.Parse()
	o.build = flag.Args()
	figures.Main("performance", func(ctx context.Context, root string) error { return generate(ctx, root, o) })
}

// generate measures, and rewrites docs/performance.md of the module.
func generate(ctx context.Context, root string, o options) error {
	if (o.cifar == "") != (o.model == "") {
		return fmt.Errorf("-cifar and -model belong together")
	}
	scratch, err := os.MkdirTemp("", "performance")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	p := &programs{root: root, scratch: scratch}
	if err := p.build(ctx); err != nil {
		return err
	}
	sections, err := measure(ctx, p, o)
	if err != nil {
		return err
	}
	path := filepath.Join(p.root, "docs", "performance.md")
	if !o.quick {
		return section.Rewrite(path, sections)
	}
	document, err := section.Renew(path, sections)
	if err != nil {
		return err
	}
	_, err = fmt.Print(document)
	return err
}

// measure makes every section.
func measure(ctx context.Context, p *programs, o options) (map[string]string, error) {
	sections := map[string]string{}
	for _, s := range []struct {
		name string
		make func(context.Context, *programs, options) (string, error)
	}{
		{"machine", machine}, {"speed", speed}, {"threads", threads}, {"steps", steps}, {"images", images}, {"vgg9", vgg9}, {"cifar10", cifar10},
		{"simulations", simulations}, {"brian2", brian2},
	} {
		if s.name == "cifar10" && o.cifar == "" || s.name == "brian2" && o.brian == "" || o.only != "" && s.name != o.only {
			continue // what was measured before stays
		}
		fmt.Fprintln(os.Stderr, "performance:", s.name)
		text, err := s.make(ctx, p, o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		sections[s.name] = text
	}
	if len(sections) == 0 {
		return nil, fmt.Errorf("-only %s: there is no such section, or what it needs was not given", o.only)
	}
	return sections, nil
}
