package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"

	"spikec/emulator"
	"spikec/internal/diag"
	"spikec/runtime/ladder"
	"spikec/target/chip"
	"spikec/target/image"
)

// words are the form of a chip's own files: what it is programmed with. A build for a chip that has them holds them, in a folder of
// the form's name, and beside them what is not on the chip (image.Image.Host) in the file host.spk; together they stand for
// image.spk. Files are known by their names in that folder.
type words struct {
	// write returns the files of an image. What the chip cannot hold is a *diag.Failure, all at once; the list is for what is
	// worth saying.
	write func(img *image.Image, p *chip.Profile) (map[string][]byte, diag.List, error)
	// read returns the image that files and host stand for. It takes nothing from host that is on the chip, and refuses files
	// that say anything else than what an image can be, as a *diag.Failure; it allocates memory in proportion to what it reads.
	read func(files map[string][]byte, host *image.Image, p *chip.Profile) (*image.Image, error)
	// machine returns the chip that the files program, in the arithmetic that `spikec verify` has proved, beside the emulation
	// of the image; nil: the emulation of the image is that.
	machine func(files map[string][]byte, host *image.Image, p *chip.Profile) (machine, error)
	// partial: there are networks for the chip that the form has no words for. What write refuses is then a warning, and the
	// build holds image.spk.
	partial bool
}

// machine is a chip in the form in which it is programmed.
type machine interface {
	// Trace presents a picture as emulator.Session does. It tells observe of every step of every core's window the spikes, and
	// the membranes where it has them, else nil. The result has what the host reads at the end, as the last checkpoint.
	Trace(codes []uint8, picture int, observe emulator.Observer) (*emulator.Result, error)
}

// wordForms are the forms by the names that profiles give them (config.formats). Each words_<chip>.go adds its own.
var wordForms = map[string]words{}

// registerWords adds a form to the table.
func registerWords(name string, w words) {
	if _, ok := wordForms[name]; ok {
		panic("build: form " + name + " registered twice")
	}
	wordForms[name] = w
}

// wordsOf returns the form of a chip's own files, the first in its profile that there is; "" where the chip has none.
func wordsOf(p *chip.Profile) (string, words) {
	for _, name := range p.Config.Formats {
		if w, ok := wordForms[name]; ok {
			return name, w
		}
	}
	return "", words{}
}

// imageFiles returns the files of a build that hold an image, in the order of their names.
func imageFiles(img *image.Image, p *chip.Profile) ([]namedFile, diag.List, error) {
	form, w := wordsOf(p)
	name, stored := imageFile, img
	var list []namedFile
	var found diag.List
	if form != "" {
		name, stored = hostFile, img.Host()
		files, more, err := w.write(img, p)
		var refused *diag.Failure
		switch {
		case err != nil && w.partial && errors.As(err, &refused):
			name, stored, files = imageFile, img, nil
			more = slices.Clone(refused.List)
			for i := range more {
				more[i].Severity, more[i].Message = diag.Warning, more[i].Message+": the build has no files of "+form
			}
		case err != nil:
			return nil, nil, err
		}
		found = more
		for _, file := range slices.Sorted(maps.Keys(files)) {
			list = append(list, namedFile{path.Join(form, file), files[file]})
		}
	}
	var buf bytes.Buffer
	if err := image.Encode(&buf, stored); err != nil {
		return nil, nil, err
	}
	return append([]namedFile{{name, buf.Bytes()}}, list...), found, nil
}

// readImage is the reverse, from the files of the build in dir. The error is a *diag.Failure where the files are not what
// imageFiles wrote.
func readImage(dir string, contents map[string][]byte, p *chip.Profile) (*image.Image, error) {
	form, w := wordsOf(p)
	if _, ok := contents[imageFile]; ok && w.partial {
		form = ""
	}
	name := imageFile
	if form != "" {
		name = hostFile
	}
	fail := func(id, subject, remedy, format string, args ...any) error {
		return (&diag.List{{ID: id, Severity: diag.Error, Subject: filepath.Join(dir, subject), Message: fmt.Sprintf(format, args...), Remedy: remedy}}).Err()
	}
	const remedy = "build the folder again"
	data, ok := contents[name]
	if !ok {
		return nil, fail(idManifest, manifestFile, remedy, "does not list %s", name)
	}
	img, err := image.Decode(data)
	if err != nil {
		return nil, fail(idContent, name, remedy, "%v", err)
	}
	if form == "" {
		return img, nil
	}
	if d := img.Difference(img.Host()); d != "" {
		return nil, fail(idContent, name, remedy, "holds more than what is not on the chip: %s", d)
	}
	return w.read(ownFiles(form, contents), img, p)
}

// ownFiles returns the files of a form by their names in its folder.
func ownFiles(form string, contents map[string][]byte) map[string][]byte {
	files := map[string][]byte{}
	for name, data := range contents {
		if path.Dir(name) == form {
			files[path.Base(name)] = data
		}
	}
	return files
}

// machineSample is on how many images a chip's own machine runs beside the emulation.
const machineSample = 20

// onMachine runs the machine that the chip's own files program, where there is one, on the first images: every spike in every
// window, the membranes that it shows and the answer must be those of the image. The error is a *Difference where they are
// not.
func (b *run) onMachine(ctx context.Context, contents map[string][]byte, img *image.Image) error {
	form, w := wordsOf(b.Profile)
	if w.machine == nil {
		return nil
	}
	host, err := image.Decode(contents[hostFile])
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	m, err := w.machine(ownFiles(form, contents), host, b.Profile)
	if err != nil {
		return err
	}
	engine, err := emulator.New(b.opt.engine, img, b.Profile)
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	session, codes := engine.NewSession(), make([]uint8, b.eval.Size())
	for i := range min(machineSample, b.eval.Len()) {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		b.eval.Codes(i, codes)
		d, err := compareMachine(img, session, m, codes, i)
		if err != nil {
			return err
		}
		if d != nil {
			d.Between = [2]string{ladder.Files, form}
			return d
		}
	}
	return nil
}

// compareMachine compares an emulation of an image with a machine on one picture; nil: they agree.
func compareMachine(img *image.Image, session machine, m machine, codes []uint8, picture int) (*Difference, error) {
	want, wanted, err := traced(session, codes, picture)
	if err != nil {
		return nil, err
	}
	got, gotten, err := traced(m, codes, picture)
	if err != nil {
		return nil, err
	}
	for core := range img.Cores {
		c := &img.Cores[core]
		for t := range wanted[core] {
			x := &wanted[core][t]
			if t >= len(gotten[core]) {
				return &Difference{Image: picture, Layer: c.Population, Step: t, Detail: "the machine does not have this step"}, nil
			}
			y := &gotten[core][t]
			for n := range x.spikes {
				var detail string
				if x.spikes[n] != y.spikes[n] {
					detail = fmt.Sprintf("the image has %s, the machine %s", spikeText(x.spikes[n]), spikeText(y.spikes[n]))
				} else if y.membranes != nil && x.membranes[n] != y.membranes[n] {
					detail = fmt.Sprintf("the image has membrane %d, the machine %d", x.membranes[n], y.membranes[n])
				}
				if detail != "" {
					return &Difference{Image: picture, Layer: c.Population, Neuron: position(c.Shape, c.Index(n)), Step: t, Detail: detail}, nil
				}
			}
		}
	}
	last, end := len(want.Steps)-1, len(got.Steps)-1
	if !slices.Equal(want.Counts[last], got.Counts[end]) || !slices.Equal(want.Potentials[last], got.Potentials[end]) {
		return &Difference{Image: picture, Step: -1, Detail: fmt.Sprintf("the image ends with %v output spikes and membranes %v, the machine with %v and %v",
			want.Counts[last], want.Potentials[last], got.Counts[end], got.Potentials[end])}, nil
	}
	return nil, nil
}

// traced runs a picture and keeps what every core did in every step.
func traced(m machine, codes []uint8, picture int) (*emulator.Result, map[int][]history, error) {
	steps := map[int][]history{}
	r, err := m.Trace(codes, picture, func(core, _ int, spikes []int8, membranes []int32) {
		steps[core] = append(steps[core], history{slices.Clone(spikes), slices.Clone(membranes)})
	})
	return r, steps, err
}
