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
	"spikec/models/snn"
	"spikec/runtime/encode"
)

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
	in, out := &s.Network.Populations[0], &s.Network.Populations[s.Network.Output()]
	classes := ann.Shape{out.Size()}
	if b := s.Network.Border; b != nil {
		picture := b.Within(in.Shape)
		return picture[:], out.Name, classes
	}
	var input ann.Shape
	for _, n := range s.Nodes { // as the file has it: a vector takes images of any shape and its size
		if n.Name == in.Name {
			input = n.Shape
		}
	}
	return input, out.Name, classes
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
