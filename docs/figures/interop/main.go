// Command interop writes the figures of docs/interop.md from real runs: it converts the bundled networks, writes them as
// files of NIR in the dialects of sinabs and snnTorch, plays pictures on them by the readers' rules, and lets
// bench/interop/readers.py compare the spikes of every neuron with what those programs do with the files. The other way it lets
// those programs write files, and builds from them. Run it from anywhere inside the module, with the Pythons in which the requirements of bench/interop are installed:
//
//	go run ./docs/figures/interop -nir PYTHON -torch PYTHON -snntorch PYTHON
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"spikec/docs/figures"
	"spikec/internal/section"
	"spikec/models/nir"
	"spikec/models/snn"
	"spikec/runtime/build"
	"spikec/runtime/dataset/npz"
	"spikec/target/chip"
)

func main() {
	reference := flag.String("nir", "python3", "Python with requirements-nir.txt")
	torch := flag.String("torch", "python3", "Python with requirements.txt")
	snntorch := flag.String("snntorch", "python3", "Python with requirements-snntorch.txt")
	images := flag.Int("images", 100, "pictures a network; the document needs 100")
	alone := flag.Bool("foreign", false, "only the files of other programs, and what comes of them")
	flag.Parse()
	figures.Main("interop", func(ctx context.Context, root string) error {
		return generate(ctx, root, pythons{*reference, *torch, *snntorch}, *images, *alone)
	})
}

// pythons are paths of Pythons.
type pythons struct{ reference, torch, snntorch string }

// cases are the networks: a model for a target, whose reset it is converted for.
var cases = []struct{ model, target string }{
	{"mnist_cnn_plain", "generic8"}, {"mnist_cnn_bnmax", "generic8"}, {"mnist_cnn_plain", "loihi1"}, {"mnist_cnn_bnmax", "loihi1"},
}

// generate rewrites the document, or the section of other programs' files alone.
func generate(ctx context.Context, root string, p pythons, images int, alone bool) error {
	scratch, err := os.MkdirTemp("", "interop")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	g := generator{root: root, scratch: scratch, images: images}
	sections := map[string]string{}
	if err := g.write(ctx, p); err != nil {
		return err
	}
	if sections["foreign"], err = g.built(ctx); err != nil {
		return err
	}
	if alone {
		return section.Rewrite(filepath.Join(g.root, "docs", "interop.md"), sections)
	}
	for _, c := range cases {
		if err := g.network(ctx, c.model, c.target); err != nil {
			return fmt.Errorf("%s for %s: %w", c.model, c.target, err)
		}
	}
	for name, python := range map[string]string{"nir": p.reference, "netx": p.reference, "counts": p.torch} {
		if sections[name], err = g.compare(ctx, python, name); err != nil {
			return err
		}
	}
	return section.Rewrite(filepath.Join(g.root, "docs", "interop.md"), sections)
}

// generator writes files that readers.py reads.
type generator struct {
	root, scratch string
	images        int
}

// network converts a model, and writes it in every dialect, with what is expected of the first pictures.
func (g *generator) network(ctx context.Context, model, target string) error {
	p, err := chip.Load(target)
	if err != nil {
		return err
	}
	request, err := g.trained(ctx, model, "mnist", g.images)
	if err != nil {
		return err
	}
	out, eval := filepath.Join(g.scratch, "build-"+model+"-"+target), request.Data
	request.Profile, request.Out = p, out
	if _, err := build.Convert(ctx, request); err != nil {
		return err
	}
	if target == "loihi1" {
		if err := g.netx(ctx, request); err != nil {
			return err
		}
	}
	data, err := os.ReadFile(filepath.Join(out, "network.nir"))
	if err != nil {
		return err
	}
	f, _, err := nir.Read("network.nir", data)
	if err != nil {
		return err
	}
	net := f.Network
	codes := make([]float32, 0, g.images*eval.Size())
	for _, c := range eval.Pixels {
		codes = append(codes, float32(c))
	}
	labels := make([]int32, len(eval.Labels))
	for i, l := range eval.Labels {
		labels[i] = int32(l)
	}
	for _, name := range nir.DialectNames() {
		if err := g.dialect(net, nir.Dialects[name], filepath.Join(g.scratch, strings.Join([]string{model, target, name}, ".")), codes, labels); err != nil {
			return err
		}
	}
	return nil
}

// netx builds for a chip, and exports what is on it.
func (g *generator) netx(ctx context.Context, r build.Request) error {
	r.Out += "-chip"
	if _, err := build.Run(ctx, r); err != nil {
		return err
	}
	data, _, err := build.Export(r.Out, "netx", "")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(g.scratch, r.Model.Name+"."+r.Profile.ID+".net"), data, 0o644)
}

// dialect writes a network in one dialect: a file of NIR, and an archive of codes, labels, T and, for a dialect that is
// compared, what every neuron of every population sends.
func (g *generator) dialect(net *snn.Network, d nir.Dialect, path string, codes []float32, labels []int32) error {
	data, _, err := nir.Write(net, d)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".nir", data, 0o644); err != nil {
		return err
	}
	if d.Name != "sinabs" && d.Name != "snntorch" {
		return nil
	}
	f, _, err := nir.Read(path, data)
	if err != nil {
		return err
	}
	read := f.Network
	shape, size := net.Populations[0].Shape, net.Populations[0].Size()
	counts := make([][]float32, len(read.Populations))
	for i := range g.images {
		played, err := nir.Play(read, d.Rules, codes[i*size:(i+1)*size])
		if err != nil {
			return err
		}
		for k := range counts {
			counts[k] = append(counts[k], played[k]...)
		}
	}
	arrays := []*npz.Array{npz.Float32s("codes", codes[:g.images*size], g.images, shape[0], shape[1], shape[2]),
		npz.Int32s("labels", labels, len(labels)), npz.Int32s("steps", []int32{int32(net.Steps)}, 1)}
	for k := 1; k < len(counts); k++ {
		arrays = append(arrays, npz.Float32s(fmt.Sprintf("counts_%d", k), counts[k], g.images, len(counts[k])/g.images))
	}
	var b bytes.Buffer
	if err := npz.Write(&b, arrays...); err != nil {
		return err
	}
	return os.WriteFile(path+".npz", b.Bytes(), 0o644)
}

// result is what readers.py found: a table, and whether all is as it must be.
type result struct {
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
	Passed  bool       `json:"passed"`
}

// compare runs readers.py, and returns its table.
func (g *generator) compare(ctx context.Context, python, what string) (string, error) {
	cmd := exec.CommandContext(ctx, python, filepath.Join(g.root, "bench", "interop", "readers.py"), what, g.scratch)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("readers.py %s: %w", what, err)
	}
	var r result
	if err := json.Unmarshal(out, &r); err != nil {
		return "", fmt.Errorf("readers.py %s: %w\n%s", what, err, out)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(r.Columns, " | "), strings.Repeat("---|", len(r.Columns)))
	for _, row := range r.Rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	if !r.Passed {
		return "", fmt.Errorf("readers.py %s: not as it must be\n%s", what, b.String())
	}
	return b.String(), nil
}
