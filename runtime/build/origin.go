package build

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"spikec/convert"
	"spikec/internal/diag"
	"spikec/models/ann"
	"spikec/models/nir"
	"spikec/models/onnx"
	"spikec/models/snn"
	"spikec/runtime/encode"
	"spikec/runtime/ladder"
)

// origin is where the spiking network of a build comes from: a trained network that is converted, or a file that holds it. All
// that differs between the two is here.
type origin interface {
	// ends returns the shape of the input, and name and shape of the output.
	ends() (input ann.Shape, output string, classes ann.Shape)
	// prepare makes the choices that the origin itself makes and the user leaves open.
	prepare(r *Request) diag.List
	// resolve fills in defaults for a target, and refuses what does not exist or the target does not have.
	resolve(r *Request) (resolved, diag.List)
	// border is what is put around pictures before they are the network's; nil: nothing.
	border(ctx context.Context, b *run) (*snn.Border, error)
	// stages make run.network, and measure what comes before it.
	stages() []stage
	// about is what the network is, in words, and doubts what beside preprocessing may be wrong where it decides nothing.
	about() (what, doubts string)
}

// origin returns where the spiking network of the model comes from.
func (m Model) origin() origin {
	if m.Spiking != nil {
		return spiking{m.Spiking}
	}
	return trained{m.Model}
}

// trained is a network that is converted.
type trained struct{ *onnx.Model }

func (t trained) ends() (ann.Shape, string, ann.Shape) {
	return t.Graph.Nodes[0].Shape, t.OutputName, t.Graph.Nodes[t.Graph.Output].Shape
}

func (t trained) prepare(r *Request) diag.List {
	if r.Known != nil {
		r.Known.fill(&r.Options)
	}
	return t.Diagnostics
}

func (trained) resolve(r *Request) (resolved, diag.List) { return resolve(r.Options, r.Profile) }

func (t trained) border(ctx context.Context, b *run) (*snn.Border, error) {
	return convert.BorderOf(ctx, t.Graph, b.coding.Preprocess(), b.opt.conversion())
}

func (trained) about() (what, doubts string) { return "ONNX network", "" }

func (trained) stages() []stage {
	return []stage{
		{ladder.ANN, (*run).ann},
		{"auto", (*run).auto},
		{"convert", (*run).convert},
		{"naive", (*run).naive},
		{ladder.Tailored, (*run).tailored},
		{"diagnose", (*run).diagnose},
		{"int8", (*run).int8}, // behind the conversion, which may end the run
	}
}

// Diagnostics of builds from spiking networks. The numbers are stable.
const (
	idNoTrained = "SPK-BUILD-019" // a spiking network: what its stages are compared with
	idUnsaid    = "SPK-BUILD-020" // what a file of NIR does not say
	idOtherwise = "SPK-BUILD-021" // a choice that is not the file's
	idOwnInput  = "SPK-BUILD-022" // what a file of this program takes as it is
)

// spiking is a network of a file of NIR.
type spiking struct{ *nir.File }

func (s spiking) ends() (ann.Shape, string, ann.Shape) {
	var input ann.Shape
	if b := s.Network.Border; b != nil {
		p := b.Within(s.Network.Populations[0].Shape)
		return p[:], s.Network.Populations[s.Network.Output()].Name, ann.Shape{s.Network.Populations[s.Network.Output()].Size()}
	}
	for _, n := range s.Nodes { // as the file has it: a vector takes images of any shape and its size
		if n.Name == s.Network.Populations[0].Name {
			input = n.Shape
		}
	}
	out := &s.Network.Populations[s.Network.Output()]
	return input, out.Name, ann.Shape{out.Size()}
}

func (s spiking) border(_ context.Context, b *run) (*snn.Border, error) {
	if s.own() {
		return s.Network.Border, nil
	}
	return convert.BorderOfSpiking(s.Network, b.coding.Preprocess()), nil
}

func (spiking) about() (what, doubts string) {
	return "spiking network", ", --reset and --initial-potential"
}

// own reports whether the file was written by this program, and says more than NIR does.
func (s spiking) own() bool { return s.Input != "" }

// prepare takes from the file what the user leaves open.
func (s spiking) prepare(r *Request) diag.List {
	found := slices.Clone(r.Model.found)
	found.Infof(idNoTrained, r.Model.Name, "is a spiking network: its stages are compared with itself in real numbers, stage snn, and there is no stage ann")
	found = append(found, s.choices(r)...)
	if s.own() {
		found = append(found, s.pixels(r)...)
	}
	return found
}

// choices takes from the file how the network runs.
func (s spiking) choices(r *Request) diag.List {
	var found diag.List
	net, o := s.Network, &r.Options
	word := func(flag string, choice *string, said string) {
		if *choice == "" {
			*choice = said
		} else if s.own() && *choice != said {
			found.Warnf(idOtherwise, flag+" "+*choice, "the network was made for %s", said)
		}
	}
	if !s.own() && o.Reset == "" && o.InitialPotential == "" {
		found.Add(diag.Diagnostic{ID: idUnsaid, Severity: diag.Info, Subject: r.Model.Name, Message: "NIR says that neurons reset to zero, and nothing of membranes at the start: they begin at zero",
			Remedy: "--reset subtract and --initial-potential half, where the network was trained with these"})
	}
	word("--reset", &o.Reset, string(net.Reset))
	word("--initial-potential", &o.InitialPotential, s.initial())
	o.Steps, o.Readout = cmp.Or(o.Steps, net.Steps), cmp.Or(o.Readout, net.Readout.Kind)
	if o.ReadoutDelay == 0 && net.Readout.Delay < o.Steps {
		o.ReadoutDelay = net.Readout.Delay
	}
	return found
}

// pixels lets a network of this program, whose weights hold the preprocessing, take pixels as they are.
func (s spiking) pixels(r *Request) diag.List {
	var found diag.List
	p := &r.Preprocessing
	if r.Data.Pixels == nil || p.PixelScale != 0 || p.Mean != nil || p.Std != nil || p.InputRange != nil {
		found.Add(diag.Diagnostic{ID: idOwnInput, Severity: diag.Error, Subject: r.Model.Name, Message: "takes stored pixels 0..255 as they are: preprocessing is part of its weights",
			Remedy: "data of pixels, without --pixel-scale, --mean, --std and --input-range"})
	}
	*p = encode.Options{}
	if s.Input == nir.InputCodes && r.Data.Pixels != nil {
		p.PixelScale, p.InputRange = 1, &[2]float64{0, 255}
	}
	return found
}

// resolve says of what the target does not offer where the file says it: the user may have given no flag.
func (s spiking) resolve(r *Request) (resolved, diag.List) {
	v, found := resolveSpiking(r.Options, r.Profile)
	said := map[string]string{"--reset": string(s.Network.Reset), "--initial-potential": s.initial(), "--readout": s.Network.Readout.Kind}
	given := map[string]string{"--reset": r.Options.Reset, "--initial-potential": r.Options.InitialPotential, "--readout": r.Options.Readout}
	for i, d := range found {
		if word := said[d.Subject]; d.ID == idTarget && word != "" && given[d.Subject] == word {
			found[i].Message = fmt.Sprintf("the network has %s: %s", word, d.Message)
			found[i].Remedy += ", which makes it another network"
		}
	}
	return v, found
}

// initial words where the membranes of the network start.
func (s spiking) initial() string {
	if s.Network.Initial > 0 {
		return "half"
	}
	return "zero"
}

func (s spiking) stages() []stage { return []stage{{"adopt", s.adopt}} }

// adopt makes the network one for the target.
func (s spiking) adopt(b *run, ctx context.Context) error {
	task := b.Progress.Start("adopt", 1)
	defer task.Done()
	opt := b.opt.conversion()
	opt.Jobs = b.Options.Jobs
	net, found, err := convert.Adopt(ctx, s.Network, s.scaled(b.coding.Preprocess(), &b.opt), b.calib.Images(), b.opt.allowed(), opt)
	if err != nil {
		return err
	}
	net.Name = b.Model.Name
	b.network = net
	b.note(found)
	task.Add(1)
	return nil
}

// scaled returns how codes become the input of the network: where that are spikes, each is worth one of the file's.
func (s spiking) scaled(pre convert.Preprocess, v *resolved) convert.Preprocess {
	if s.Input == nir.InputSpikes && v.coding != nil {
		pre.Scale = []float64{pre.Scale[0] * v.coding.Peak()}
	}
	return pre
}

// allowed is what the target allows a conversion to use.
func (v *resolved) allowed() convert.Capabilities {
	c := v.capabilities
	return convert.Capabilities{Bias: c.Bias, PerNeuronThreshold: c.PerNeuronThreshold, Firing: snn.Firing(c.Firing), Staggered: c.Staggered()}
}

// plan checks the data against the network, and chooses their coding.
func (b *run) plan() diag.List {
	r := &b.Request
	input, name, classes := b.Model.origin().ends()
	var found, more diag.List
	if classes.Size() != classes.Channels() {
		found.Add(diag.Diagnostic{ID: idOutput, Severity: diag.Error, Subject: name,
			Message: fmt.Sprintf("the network's output is a map %s, not one value a class", classes), Remedy: "end the network in a classifier"})
	}
	r.Preprocessing.Split = b.opt.rules != convert.Strict
	if r.Calibration == nil && r.Known != nil {
		b.coding, more = r.Known.Coding, r.Known.Coding.Check(r.Data, classes.Size())
	} else {
		b.coding, more = encode.Plan(r.Data, r.Calibration, input, classes.Size(), r.Preprocessing)
	}
	found = append(found, more...)
	if r.Known != nil {
		found = append(found, r.Known.fits(*r, b.coding)...)
		found = append(found, r.Known.agrees(r.Options, &b.opt, b.disabled())...)
	}
	return found
}
