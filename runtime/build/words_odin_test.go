package build

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/emulator"
	"spikec/runtime/ladder"
	"spikec/target/chip"
	"spikec/target/image"
)

// eventChips are the chips of serial events and the names of their own files.
var eventChips = map[string]string{"tinyodin": "tinyodin-spi", "odin": "odin-spi"}

// TestPassesRefused: of a layer with too many neurons and too many inputs for the core, both are said.
func TestPassesRefused(t *testing.T) {
	r := request(t, t.TempDir(), "odin")
	p, neurons, axons := *r.Profile, 15, 30
	p.Capacity.Neurons, p.Capacity.AxonsIn, r.Profile = &neurons, &axons, &p
	_, err := Run(context.Background(), r)
	wants(t, err, "SPK-PLACE-004 relu2 axons", "SPK-PLACE-004 relu1 neurons 36 limit 15", "SPK-PLACE-004 relu1 input axons 60 limit 30")
}

// TestBuildForEvents builds the test network for chips of serial events, and checks, emulates and exports from their words.
func TestBuildForEvents(t *testing.T) {
	for id, form := range eventChips {
		r := request(t, t.TempDir(), id)
		l, err := Run(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		addsUp(t, l)
		p := l.Passes
		if p == nil || p.Count != 3 || l.Resources.Cores != 1 || p.Events == 0 || p.Cycles == nil || *p.Cycles != 513*p.Events || p.RowOperations == nil || *p.RowOperations != 256 {
			t.Errorf("%s: passes %+v on %d cores", id, p, l.Resources.Cores)
		}
		if want := map[string]string{"tinyodin": "membrane", "odin": "count"}[id]; l.Options.Readout != want || l.Options.Encoding != "sigma-delta" {
			t.Errorf("%s: read-out %s, encoding %s", id, l.Options.Readout, l.Options.Encoding)
		}
		c, err := Check(context.Background(), r.Out, CheckOptions{})
		if err != nil || !c.Check.CountsCompared || c.CountsSHA256 != l.CountsSHA256 || c.Passes == nil {
			t.Errorf("%s: check gives %+v, %v", id, c, err)
		}
		files, _, err := ExportFolder(r.Out, form, "")
		if err != nil || len(files) != 3*3+1 {
			t.Errorf("%s: exported %v, %v", id, slices.Sorted(maps.Keys(files)), err)
		}
	}
}

// TestAlteredSPI changes one word of a build for a chip of serial events, in the transactions and in the image of the memory, and
// brings checksums in order: a threshold that is lower makes another answer, a neuron beyond the layer is refused.
func TestAlteredSPI(t *testing.T) {
	r := request(t, t.TempDir(), "tinyodin")
	built(t, r)
	alter := func(changes map[string]func(text string) string) {
		texts := map[string]string{}
		for name, change := range changes {
			texts["tinyodin-spi/"+name] = change(contents(t, r.Out)["tinyodin-spi/"+name])
		}
		rewrite(t, r.Out, func(m *Manifest) {
			for i := range m.Files {
				if text, ok := texts[m.Files[i].Name]; ok {
					m.Files[i].Size, m.Files[i].SHA256 = int64(len(text)), digest([]byte(text))
				}
			}
		})
		for name, text := range texts {
			put(t, filepath.Join(r.Out, name), text)
		}
	}
	// Byte 2 of neuron 3 has the high bits of its threshold.
	spi := func(s string) string {
		at := strings.Index(s, "50203 ")
		return s[:at] + "50203 00000" + s[at+len("50203 00000"):]
	}
	memory := func(s string) string {
		lines := strings.Split(s, "\n")
		lines[3] = lines[3][:2] + "00" + lines[3][4:]
		return strings.Join(lines, "\n")
	}
	alter(map[string]func(string) string{"pass1.spi": spi, "pass1_neur.hex": memory})
	var d *Difference
	if _, err := Check(context.Background(), r.Out, CheckOptions{}); !errors.As(err, &d) || d.Between != [2]string{"recorded", ladder.Files} {
		t.Errorf("an altered threshold gives %v", err)
	}
	alter(map[string]func(string) string{"pass2_syn.hex": func(s string) string { return "x" + s[1:] }, "replay.txt": func(s string) string { return s + "1 0 5000 2 0\n" }})
	_, err := Check(context.Background(), r.Out, CheckOptions{})
	wants(t, err, "SPK-ODIN-021 pass2_syn.hex", "SPK-ODIN-032 replay.txt")
}

// TestSerialMachine: the chip of the words does what the image does, and a word that the image does not have is found.
func TestSerialMachine(t *testing.T) {
	for id, form := range eventChips {
		r := request(t, t.TempDir(), id)
		built(t, r)
		files := map[string][]byte{}
		for name, text := range contents(t, r.Out) {
			if filepath.Dir(name) == form {
				files[filepath.Base(name)] = []byte(text)
			}
		}
		host, err := image.Decode([]byte(contents(t, r.Out)[hostFile]))
		if err != nil {
			t.Fatal(err)
		}
		p, err := chip.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		w := wordForms[form]
		img, err := w.read(files, host, p)
		if err != nil {
			t.Fatal(err)
		}
		m, err := w.machine(files, host, p)
		if err != nil {
			t.Fatal(err)
		}
		compare := func() *Difference {
			e, err := emulator.New("auto", img, p)
			if err != nil {
				t.Fatal(err)
			}
			codes := make([]uint8, 60)
			for i := range codes {
				codes[i] = uint8(i * 37)
			}
			d, err := compareMachine(img, e.NewSession(), m, codes, 2)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		if d := compare(); d != nil {
			t.Errorf("%s: %v", id, d)
		}
		first := &img.Cores[1]
		for k, w := range first.Synapses[0].Synapses.(*image.Dense).Weight {
			if w > 1 {
				first.Synapses[0].Synapses.(*image.Dense).Weight[k]--
			}
		}
		if d := compare(); d == nil || d.Layer != first.Population {
			t.Errorf("%s: a weight of another value: %v", id, d)
		}
	}
}

// TestSmallNetworks: the bundled small networks, all the way to the words of the chips that they were trained for, on the first
// images and with few steps.
func TestSmallNetworks(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, c := range []struct {
		model, target, data string
		steps               int
	}{{"mnist_mlp_14x14", "tinyodin", "downscale:2:mnist", 8}, {"mnist_mlp_11x11", "odin", "downscale:2:crop:22x22:mnist", 16}} {
		m, err := BundledModel(c.model)
		if err != nil {
			t.Fatal(err)
		}
		p, err := chip.Load(c.target)
		if err != nil {
			t.Fatal(err)
		}
		eval, calib, err := OpenData(context.Background(), c.data, "", 150)
		if err != nil {
			t.Fatal(err)
		}
		l, err := Run(context.Background(), Request{Model: m, Profile: p, Tool: "test", Data: eval, Calibration: calib,
			Options: Options{Steps: c.steps, Jobs: 2, CalibrationLimit: 50}})
		if err != nil {
			t.Fatal(err)
		}
		if last := l.Stages[len(l.Stages)-1]; last.Stage != ladder.Files || last.Accuracy < 0.92 {
			t.Errorf("%s on %s: stage %s reaches %.2f %% of %d images", c.model, c.target, last.Stage, 100*last.Accuracy, last.N)
		}
	}
}
