package netx

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spikec/internal/diag"
	"spikec/internal/hdf5"
	"spikec/internal/window"
	"spikec/models/snn"
	"spikec/quantize"
	"spikec/target/chip"
	"spikec/target/image"
	"spikec/target/place"
)

// Read returns the image of a file that Write wrote, for its profile: its layers, placed on the chip. name is the file's, for
// messages. The error is a *diag.Failure that names the first thing that is not as Write writes it.
func Read(name string, data []byte, p *chip.Profile) (*image.Image, error) {
	root, err := hdf5.Read(data, maxBytes)
	if err != nil {
		return nil, failure(idFile, name, "", "%s", strings.TrimPrefix(err.Error(), "hdf5: "))
	}
	r := &reader{profile: p, net: quantize.Network{Chip: p.ID, Reset: snn.Zero}}
	if r.net.Format, err = quantize.FormatOf(p, 0); err != nil {
		return nil, failure(idFile, p.ID, "", "%v", err)
	}
	r.group(group(root, "spikec"), "/spikec", r.host)
	r.layers(group(root, "layer"))
	if r.err != nil {
		return nil, failure(idFile, name, "want a file that spikec wrote", "%v", r.err)
	}
	img, found, err := place.Run(context.Background(), &r.net, p)
	if err != nil {
		return nil, err
	}
	in, out := &img.Input, &img.Output
	in.Encoding, in.Seed, in.Parameter, in.Step, out.EarlyExit, out.Margin = r.encoding, r.seed, r.parameter, r.step, r.exit, r.margin
	more, _ := image.Check(img, p)
	return img, diag.List(append(found, more...)).Err()
}

// reader reads one file. The first error stays.
type reader struct {
	profile   *chip.Profile
	net       quantize.Network
	names     []string // of populations, those of the chip
	input     [3]int
	drive     *quantize.Projection
	shift     uint
	bias      []int32 // of the first layer
	encoding  string
	seed      uint64
	parameter int
	step      float64
	exit      string
	margin    int32
	at        string // the group that is read
	err       error
}

// fail keeps an error about a dataset of the group that is read.
func (r *reader) fail(key, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s/%s: %s", r.at, key, fmt.Sprintf(format, args...))
	}
}

// group reads a group by f, unless something was wrong before.
func (r *reader) group(g *hdf5.Group, at string, f func(g *hdf5.Group)) {
	if r.err != nil {
		return
	}
	if r.at = at; g == nil {
		r.err = errors.New(at + ": missing")
		return
	}
	f(g)
}

// group returns a group in another; nil where there is none.
func group(g *hdf5.Group, name string) *hdf5.Group {
	if g == nil {
		return nil
	}
	below, _ := g.Links[name].(*hdf5.Group)
	return below
}

// get returns the data of a dataset as type T, whose elements are of type []E.
func get[T any](r *reader, g *hdf5.Group, key string) (data T, dims []int) {
	d, _ := g.Links[key].(*hdf5.Dataset)
	if d != nil {
		if data, ok := d.Data.(T); ok {
			return data, d.Dims
		}
	}
	r.fail(key, "missing, or of another type")
	return data, nil
}

// one returns the one element of a dataset.
func one[E any](r *reader, g *hdf5.Group, key string) (x E) {
	data, _ := get[[]E](r, g, key)
	if len(data) != 1 {
		r.fail(key, "%d elements, want one", len(data))
		return x
	}
	return data[0]
}

// integer returns one integer of lo..hi.
func (r *reader) integer(g *hdf5.Group, key string, lo, hi int) int {
	x := one[int64](r, g, key)
	if x < int64(lo) || x > int64(hi) {
		r.fail(key, "%d, want %d to %d", x, lo, hi)
		return lo
	}
	return int(x)
}

// shape returns C,H,W; one number is a vector.
func (r *reader) shape(g *hdf5.Group) [3]int {
	data, _ := get[[]int64](r, g, "shape")
	s := [3]int{1, 1, 1}
	size := int64(1)
	if len(data) != 1 && len(data) != 3 {
		r.fail("shape", "%d dimensions, want 1 or 3", len(data))
		return s
	}
	for d, n := range data {
		if n < 1 || n > maxSize/size {
			r.fail("shape", "%v, want 1 to %d neurons", data, maxSize)
			return [3]int{1, 1, 1}
		}
		size *= n
		s[d] = int(n)
	}
	return s
}

// host reads what the host does.
func (r *reader) host(g *hdf5.Group) {
	if s := one[string](r, g, "schema"); s != schema {
		r.fail("schema", "%q, want %q", s, schema)
	}
	if c := one[string](r, g, "chip"); c != r.profile.ID {
		r.fail("chip", "%q, want %q", c, r.profile.ID)
	}
	r.names, _ = get[[]string](r, g, "populations")
	r.net.Steps = r.integer(g, "steps", 1, 1<<16)
	r.encoding, r.seed, r.parameter = one[string](r, g, "encoding"), one[uint64](r, g, "seed"), r.integer(g, "parameter", 0, 1<<30)
	r.step, r.input = one[float64](r, g, "step"), r.shape(g)
	r.net.Readout = snn.Readout{Kind: one[string](r, g, "readout"), Delay: r.integer(g, "delay", 0, 1<<16)}
	r.exit, r.margin = one[string](r, g, "exit"), int32(r.integer(g, "margin", 0, 1<<31-1))
	if !slices.Contains([]string{snn.Membrane, snn.Count, snn.FirstSpike}, r.net.Readout.Kind) {
		r.fail("readout", "%q", r.net.Readout.Kind)
	}
	if len(r.names) < 1 || len(r.names) > maxLayers {
		r.fail("populations", "%d, want 1 to %d", len(r.names), maxLayers)
	}
	r.net.Populations = []quantize.Population{{Name: "input", Shape: r.input, Neuron: snn.Input}}
	if d := group(g, "drive"); d != nil {
		r.group(d, "/spikec/drive", r.readDrive)
	}
}

// readDrive reads the synapses from the codes to the first layer.
func (r *reader) readDrive(g *hdf5.Group) {
	weight, _ := get[[]int32](r, g, "weight")
	p := quantize.Projection{Target: 1, Window: r.window(g, "window"), Groups: r.integer(g, "groups", 1, maxSize), Weight: weight, Identity: r.encoding == "regular"}
	if _, ok := g.Links["pool"]; ok {
		w := r.window(g, "pool")
		p.Pool = &w
	}
	r.shift = uint(r.integer(g, "shift", 0, 31))
	if _, ok := g.Links["bias"]; ok {
		r.bias, _ = get[[]int32](r, g, "bias")
	}
	r.drive = &p
}

// window reads a window.
func (r *reader) window(g *hdf5.Group, key string) (w window.Window2d) {
	d, _ := get[[]int64](r, g, key)
	if len(d) != 10 {
		r.fail(key, "%d numbers, want 10", len(d))
		return window.Square(1, 1)
	}
	for _, x := range d {
		if x < 0 || x > window.Max {
			r.fail(key, "%d, want at most %d", x, window.Max)
			return window.Square(1, 1)
		}
	}
	for i, to := range []*[2]int{&w.Kernel, &w.Stride, &w.Dilation, &w.PadBegin, &w.PadEnd} {
		*to = [2]int{int(d[2*i]), int(d[2*i+1])}
	}
	if err := w.Validate(); err != nil {
		r.fail(key, "%v", err)
		return window.Square(1, 1)
	}
	return w
}

// layers reads the layers, in the order of their numbers.
func (r *reader) layers(g *hdf5.Group) {
	if r.err == nil && g == nil {
		r.err = errors.New("/layer: missing")
	}
	if r.err != nil {
		return
	}
	flat := false
	for i := range len(g.Links) {
		name := strconv.Itoa(i)
		r.group(group(g, name), "/layer/"+name, func(g *hdf5.Group) {
			kind := one[string](r, g, "type")
			switch {
			case (i == 0) != (kind == kindInput) || i > 2*maxLayers:
				r.fail("type", "%q", kind)
			case kind == kindFlatten:
				flat = true
			default:
				r.layer(g, kind, flat)
				flat = false
			}
		})
	}
	if r.err == nil && len(r.net.Populations) != len(r.names)+1 {
		r.err = fmt.Errorf("/layer: %d layers of neurons, want %d", len(r.net.Populations)-1, len(r.names))
	}
}

// layer adds a population and what leads to it.
func (r *reader) layer(g *hdf5.Group, kind string, flat bool) {
	k := len(r.net.Populations)
	if k > len(r.names) {
		r.fail("type", "more layers than populations")
		return
	}
	p := quantize.Population{Name: r.names[k-1], Shape: r.shape(g), Neuron: snn.IF}
	if k == len(r.names) && r.net.Readout.Kind == snn.Membrane {
		p.Neuron = snn.Integrator
	}
	if c := &r.profile.Capacity; c.Cores != nil && c.Neurons != nil && p.Size() > *c.Cores**c.Neurons {
		r.fail("shape", "%v, and the chip has %d neurons", p.Shape, *c.Cores**c.Neurons)
	}
	if r.err != nil {
		return
	}
	channels := p.Shape[0]
	p.Initial, p.Bias = make([]int32, channels), make([]int32, channels)
	if n := group(g, "neuron"); n != nil {
		p.Threshold = slices.Repeat([]int32{int32(r.threshold(n)) + 1}, channels)
	}
	switch {
	case kind == kindInput && p.Threshold == nil:
		r.played(&p)
	case p.Threshold == nil:
		r.fail("neuron", "missing")
	case kind == kindInput:
		r.driven(&p)
	default:
		if _, ok := g.Links["bias"]; ok {
			bias, _ := get[[]float32](r, g, "bias")
			p.Bias = r.integers("bias", bias, maxBias)
		}
		r.synapses(g, kind, k, &p, flat)
	}
	if len(p.Bias) != channels {
		r.fail("bias", "%d values for %d channels", len(p.Bias), channels)
	}
	for _, j := range r.net.Projections {
		if j.Target == k && len(j.Weight) > maxSynapses/(p.Shape[1]*p.Shape[2]) {
			r.fail("weight", "more than %d synapses", maxSynapses)
		}
	}
	r.net.Populations = append(r.net.Populations, p)
}

// threshold reads a group of neurons.
func (r *reader) threshold(g *hdf5.Group) int {
	if t, i, v := one[string](r, g, "type"), one[int64](r, g, "iDecay"), one[int64](r, g, "vDecay"); t != "CUBA" || i != 4096 || v != 0 {
		r.fail("neuron", "of type %s with decays %d and %d, want CUBA, 4096 and 0", t, i, v)
	}
	return r.integer(g, "vThMant", 1, maxThreshold)
}

// played makes a population of spikes that the host plays.
func (r *reader) played(p *quantize.Population) {
	if r.drive != nil || p.Shape != r.input {
		r.fail("shape", "%v, and the host plays %v", p.Shape, r.input)
	}
	coding, ok := (&image.Input{Encoding: r.encoding, Seed: r.seed, Parameter: r.parameter}).Coding()
	if !ok {
		r.fail("neuron", "missing, and the encoding %s plays no spikes", r.encoding)
	}
	p.Neuron, p.Coding, p.Threshold, p.Initial, p.Bias = snn.Source, &coding, nil, nil, make([]int32, p.Shape[0])
}

// driven makes the first population, whose current the host computes.
func (r *reader) driven(p *quantize.Population) {
	d := r.drive
	if d == nil {
		r.fail("neuron", "and no drive of the host")
		return
	}
	if r.bias != nil {
		p.Bias = r.bias
	}
	p.DriveShift = r.shift
	in := r.input
	if d.Pool != nil {
		out, err := d.Pool.Output([2]int{in[1], in[2]})
		if err != nil {
			r.fail("drive", "%v", err)
			return
		}
		in = [3]int{in[0], out[0], out[1]}
	}
	out, err := d.Window.Output([2]int{in[1], in[2]})
	if err != nil || in[0]%d.Groups != 0 || p.Shape[0]%d.Groups != 0 || out != [2]int{p.Shape[1], p.Shape[2]} ||
		len(d.Weight) != p.Shape[0]*(in[0]/d.Groups)*d.Window.Kernel[0]*d.Window.Kernel[1] {
		r.fail("shape", "%v, and the drive of the host gives another one (%v)", p.Shape, err)
		return
	}
	// The image has kH, kW, C/Groups, O.
	o, cg, taps := p.Shape[0], in[0]/d.Groups, d.Window.Kernel[0]*d.Window.Kernel[1]
	weight := make([]int32, len(d.Weight))
	for t := range taps {
		for c := range cg {
			for k := range o {
				weight[(k*cg+c)*taps+t] = d.Weight[(t*cg+c)*o+k]
			}
		}
	}
	d.Weight = weight
	r.net.Projections = append(r.net.Projections, *d)
}

// integers returns integers of −limit..limit.
func (r *reader) integers(key string, v []float32, limit int32) []int32 {
	n := make([]int32, len(v))
	for i, x := range v {
		if x != x || x < -float32(limit) || x > float32(limit) || float32(int32(x)) != x {
			r.fail(key, "%g, want integers of at most %d", x, limit)
			return nil
		}
		n[i] = int32(x)
	}
	return n
}

// synapses adds the projection of a layer with weights from the population before.
func (r *reader) synapses(g *hdf5.Group, kind string, k int, p *quantize.Population, flat bool) {
	from := r.net.Populations[k-1].Shape
	weight, dims := get[[]float32](r, g, "weight")
	j := quantize.Projection{Source: k - 1, Target: k, Groups: 1, Weight: r.integers("weight", weight, 256)}
	w := &j.Window
	size := from[0] * from[1] * from[2]
	switch {
	case r.err != nil:
	case kind == kindDense:
		*w = window.Window2d{Kernel: [2]int{from[1], from[2]}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}
		if !slices.Equal(dims, []int{p.Shape[0], size}) || p.Shape[1]*p.Shape[2] != 1 || flat != (from[1]*from[2] > 1) {
			r.fail("weight", "dimensions %v behind %v, flattened: %t", dims, from, flat)
		}
	case kind == kindConv:
		for key, to := range map[string]*[2]int{"stride": &w.Stride, "padding": &w.PadBegin, "dilation": &w.Dilation} {
			*to = r.pair(g, key)
		}
		if w.PadEnd = w.PadBegin; len(dims) == 4 {
			w.Kernel = [2]int{dims[2], dims[3]}
		}
		err := w.Validate()
		var out [2]int
		if err == nil {
			out, err = w.Output([2]int{from[1], from[2]})
		}
		if err != nil || flat || len(dims) != 4 || dims[0] != p.Shape[0] || dims[1] != from[0] || out != [2]int{p.Shape[1], p.Shape[2]} || r.integer(g, "groups", 1, 1) != 1 {
			r.fail("weight", "dimensions %v behind %v give no layer of %v (%v)", dims, from, p.Shape, err)
		}
	default:
		r.fail("type", "%q", kind)
	}
	r.net.Projections = append(r.net.Projections, j)
}

// pair returns two integers, which Validate looks at.
func (r *reader) pair(g *hdf5.Group, key string) [2]int {
	d, _ := get[[]int64](r, g, key)
	if len(d) != 2 || min(d[0], d[1]) < 0 || max(d[0], d[1]) > window.Max {
		r.fail(key, "%v, want two integers", d)
		return [2]int{}
	}
	return [2]int{int(d[0]), int(d[1])}
}
