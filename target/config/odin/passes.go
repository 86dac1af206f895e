package odin

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"spikec/internal/diag"
	"spikec/target/image"
)

// Passes are a network that one chip computes layer by layer: programmed for one core of an image after the other, it gets the
// spikes that its host recorded in the passes before.
//
// A pass has three files, N counting passes from 1: passN.spi is what programs it, passN_neur.hex and passN_syn.hex are what its
// memories then hold. The file replay.txt says to the host, a line each, where spikes of a pass go in a later one: in
//
//	1 0 256 2 0
//
// those of neurons 0..255 of pass 1 to the rows of pass 2 from 0 on. Lines of one pass are in the order in which a spike goes by
// them. Where the spikes of the pictures go is the host's from the beginning, and not in it.
type Passes struct {
	Memories []*Memory       // what the chip holds, by pass
	Cores    []int           // the image's core that a pass is
	Replay   [][]image.Route // by pass: cores are those of the image
}

// replayFile is the name of the host's file.
const replayFile = "replay.txt"

// Names of the files of pass i, which counts from 0.
func spiFile(i int) string     { return fmt.Sprintf("pass%d.spi", i+1) }
func neuronFile(i int) string  { return fmt.Sprintf("pass%d_%s", i+1, NeuronFile) }
func synapseFile(i int) string { return fmt.Sprintf("pass%d_%s", i+1, SynapseFile) }

// passesOf returns the cores of an image that are passes, and the number of a core's pass.
func passesOf(img *image.Image) (cores []int, number map[int]int) {
	number = map[int]int{}
	for i := range img.Cores {
		if !img.Cores[i].Source {
			number[i], cores = len(cores), append(cores, i)
		}
	}
	return cores, number
}

// WritePasses returns the files of an image. What the chip cannot hold is reported of all passes at once, as a *diag.Failure.
func WritePasses(c *Chip, img *image.Image) (map[string][]byte, error) {
	files := map[string][]byte{}
	var found diag.List
	cores, _ := passesOf(img)
	for i, core := range cores {
		m, err := Configure(c, &img.Cores[core])
		if err != nil {
			if f, ok := err.(*diag.Failure); ok {
				found = append(found, f.List...)
				continue
			}
			return nil, err
		}
		if files[spiFile(i)], err = m.SPI(); err != nil {
			return nil, err
		}
		files[neuronFile(i)], files[synapseFile(i)] = m.NeuronHex(), m.SynapseHex()
	}
	files[replayFile] = writeReplay(img)
	return files, found.Err()
}

// writeReplay returns replay.txt.
func writeReplay(img *image.Image) []byte {
	b := bytes.NewBufferString("# pass, first neuron, count, later pass, first row\n")
	cores, number := passesOf(img)
	for i, core := range cores {
		for _, r := range img.Cores[core].Routes {
			fmt.Fprintf(b, "%d %d %d %d %d\n", i+1, r.First, r.Count, number[r.Core]+1, r.Axon)
		}
	}
	return b.Bytes()
}

// ReadPasses reads the files of a network whose host has cores of the given kinds (image.Image.Host). Everything that is wrong
// with them is reported at once, as a *diag.Failure; what is read takes memory in proportion to the passes of the host.
func ReadPasses(c *Chip, files map[string][]byte, host *image.Image) (*Passes, error) {
	cores, _ := passesOf(host)
	p := &Passes{Cores: cores, Memories: make([]*Memory, len(cores)), Replay: make([][]image.Route, len(cores))}
	var found diag.List
	keep := func(err error) bool {
		if f, ok := err.(*diag.Failure); ok {
			found = append(found, f.List...)
		} else if err != nil {
			found.Errorf("SPK-ODIN-030", c.ID, "%v", err)
		}
		return err == nil
	}
	known := map[string]bool{replayFile: true}
	for i := range cores {
		for _, name := range []string{spiFile(i), neuronFile(i), synapseFile(i)} {
			if known[name] = true; files[name] == nil {
				found.Errorf("SPK-ODIN-030", name, "is missing: the network has %d passes", len(cores))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !known[name] {
			found.Errorf("SPK-ODIN-030", name, "is no file of a network of %d passes", len(cores))
		}
	}
	if files[replayFile] == nil {
		found.Errorf("SPK-ODIN-030", replayFile, "is missing")
	}
	if err := found.Err(); err != nil {
		return nil, err
	}
	for i := range cores {
		m, err := ReadSPI(c, spiFile(i), files[spiFile(i)])
		if !keep(err) {
			continue
		}
		p.Memories[i] = m
		again := NewMemory(c)
		neurons := keep(again.ReadNeuronHex(neuronFile(i), files[neuronFile(i)]))
		synapses := keep(again.ReadSynapseHex(synapseFile(i), files[synapseFile(i)]))
		if neurons && !bytes.Equal(m.Neurons, again.Neurons) {
			found.Errorf("SPK-ODIN-031", neuronFile(i), "holds other words than %s writes", spiFile(i))
		}
		if synapses && !bytes.Equal(m.Synapses, again.Synapses) {
			found.Errorf("SPK-ODIN-031", synapseFile(i), "holds other words than %s writes", spiFile(i))
		}
	}
	keep(p.readReplay(files[replayFile], host))
	return p, found.Err()
}

// readReplay reads replay.txt.
func (p *Passes) readReplay(text []byte, host *image.Image) error {
	l := newLines(replayFile)
	if !l.fits(text) {
		return l.Found.Err()
	}
	for line := range l.each(text, "#") {
		words := bytes.Fields(line)
		var v [5]int
		ok := len(words) == len(v)
		for k := 0; ok && k < len(v); k++ {
			x, err := strconv.ParseUint(string(words[k]), 10, 16)
			v[k], ok = int(x), err == nil
		}
		if !ok {
			l.errorf("SPK-ODIN-032", "got %q, want five numbers: pass, first neuron, count, later pass, first row", clip(line))
			continue
		}
		from, to := v[0]-1, v[3]-1
		if from < 0 || to <= from || to >= len(p.Cores) {
			l.errorf("SPK-ODIN-032", "spikes of pass %d to pass %d of %d: want those of one to a later one", v[0], v[3], len(p.Cores))
			continue
		}
		r := image.Route{First: v[1], Count: v[2], Core: p.Cores[to], Axon: v[4]}
		if source, target := &host.Cores[p.Cores[from]], &host.Cores[r.Core]; r.Count < 1 || r.First+r.Count > source.Neurons || r.Axon+r.Count > target.Axons() {
			l.errorf("SPK-ODIN-032", "%d neurons from %d on of pass %d with %d, to rows from %d on of pass %d with %d", r.Count, r.First, v[0], source.Neurons, r.Axon, v[3], target.Axons())
			continue
		}
		p.Replay[from] = append(p.Replay[from], r)
	}
	return l.err()
}

// Image returns the image that the passes and what their host does stand for. Neurons and rows of the chip that host does not
// count must be silent: everything else is refused, all at once, as a *diag.Failure.
func (p *Passes) Image(host *image.Image) (*image.Image, error) {
	img := *host
	img.Cores = slices.Clone(host.Cores)
	var found diag.List
	for i, k := range p.Cores {
		chip, err := p.Memories[i].Core()
		if err != nil {
			if f, ok := err.(*diag.Failure); ok {
				found = append(found, f.List...)
				continue
			}
			return nil, err
		}
		c := &img.Cores[k]
		found = append(found, cut(c, &chip, spiFile(i), p.Memories[i].Chip)...)
		c.Routes = p.Replay[i]
	}
	if err := found.Err(); err != nil {
		return nil, err
	}
	return &img, nil
}

// cut fills a core from the whole chip, and reports what the chip has beyond it.
func cut(c, whole *image.Core, file string, chip *Chip) diag.List {
	var found diag.List
	weights := whole.Synapses[0].Synapses.(*image.Dense).Weight
	n := c.Neurons
	if n > Size || c.Axons() > Size {
		found.Errorf("SPK-ODIN-033", file, "programs %d neurons and rows, for a layer of %d neurons and %d rows", Size, n, c.Axons())
		return found
	}
	c.Registers = map[string][]int32{}
	for name, v := range whole.Registers {
		c.Registers[name] = compact(v[:min(n, len(v))])
	}
	c.InitialV = slices.Clone(whole.InitialV[:n])
	for i := n; i < Size; i++ {
		if thr := whole.Registers["thr"][i]; whole.Registers["disable"][i] == 0 || thr != 1<<chip.threshold.bits-1 {
			found.Errorf("SPK-ODIN-033", file, "neuron %d is not one of the layer's %d, and not silent: want it disabled, with the largest threshold", i, n)
			break
		}
	}
	used := make([]bool, Size) // rows
	blocks := c.Synapses
	c.Synapses = nil
	for _, b := range blocks {
		d := &image.Dense{Inputs: b.Synapses.Axons(), Neurons: n, Weight: make([]int32, 0, b.Synapses.Axons()*n)}
		for a := range d.Inputs {
			row := b.FirstAxon + a
			used[row] = true
			d.Weight = append(d.Weight, weights[row*Size:row*Size+n]...)
		}
		c.Synapses = append(c.Synapses, image.Block{FirstAxon: b.FirstAxon, Synapses: d})
	}
	for row := range Size {
		for k, w := range weights[row*Size : (row+1)*Size] {
			if w != 0 && (!used[row] || k >= n) {
				found.Errorf("SPK-ODIN-033", file, "the synapse of row %d and neuron %d is none of the layer's, which has %d rows and %d neurons: want weight 0, got %d", row, k, c.Axons(), n, w)
				return found
			}
		}
	}
	return found
}

// compact returns the values, or one of them where all are equal.
func compact(v []int32) []int32 {
	if !slices.ContainsFunc(v, func(x int32) bool { return x != v[0] }) {
		return v[:1:1]
	}
	return slices.Clone(v)
}
