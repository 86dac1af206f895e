package build

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/emulator"
	"spikec/internal/diag"
	"spikec/runtime/ladder"
	"spikec/target/chip"
	"spikec/target/image"
)

// testForm is a form of a chip's own files for tests: a stored image of which the host's part counts for nothing.
const testForm = "test-words"

func init() {
	registerWords(testForm, words{
		write: func(img *image.Image, _ *chip.Profile) (map[string][]byte, diag.List, error) {
			var b bytes.Buffer
			err := image.Encode(&b, img)
			return map[string][]byte{"chip.bin": b.Bytes()}, nil, err
		},
		read: readTestWords,
		machine: func(files map[string][]byte, host *image.Image, p *chip.Profile) (machine, error) {
			img, err := readTestWords(files, host, p)
			if err != nil {
				return nil, err
			}
			if slices.Contains(p.Config.Formats, "broken") {
				img.Cores[len(img.Cores)-2].InitialV = []int32{1}
			}
			e, err := emulator.NewReference(img, p)
			if err != nil {
				return nil, err
			}
			return e.NewSession(), nil
		},
	})
}

func readTestWords(files map[string][]byte, host *image.Image, _ *chip.Profile) (*image.Image, error) {
	on, err := image.Decode(files["chip.bin"])
	if err != nil {
		return nil, (&diag.List{{ID: "SPK-TEST-001", Severity: diag.Error, Subject: "chip.bin", Message: err.Error()}}).Err()
	}
	img := *host
	img.Cores = slices.Clone(host.Cores)
	for i := range img.Cores {
		c, d := &img.Cores[i], &on.Cores[i]
		c.Registers, c.InitialV, c.Synapses, c.Routes = d.Registers, d.InitialV, d.Synapses, d.Routes
	}
	return &img, nil
}

// wordsRequest is a build for a chip that has files of the form for tests.
func wordsRequest(t *testing.T, more ...string) Request {
	r := request(t, t.TempDir(), "generic8")
	p := *r.Profile
	p.Config.Formats = append([]string{"unknown", testForm}, more...)
	r.Profile = &p
	return r
}

// TestWords builds for a chip with files of its own, and checks and emulates from them.
func TestWords(t *testing.T) {
	r := wordsRequest(t)
	l, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	plain := request(t, t.TempDir(), "generic8")
	built(t, plain)
	files, others := contents(t, r.Out), contents(t, plain.Out)
	if files[imageFile] != "" || files[hostFile] == "" || files[filepath.Join(testForm, "chip.bin")] != others[imageFile] {
		t.Errorf("files of the build: %d bytes of %s", len(files[imageFile]), imageFile)
	}
	host, err := image.Decode([]byte(files[hostFile]))
	if err != nil {
		t.Fatal(err)
	}
	for i := range host.Cores {
		if c := &host.Cores[i]; c.Registers != nil || c.InitialV != nil || !c.Source && c.Routes != nil {
			t.Errorf("core %d of %s has registers, membranes or routes", i, hostFile)
		}
	}
	c, err := Check(context.Background(), r.Out, CheckOptions{})
	if err != nil || !c.Check.CountsCompared || c.CountsSHA256 != l.CountsSHA256 || l.Stages[len(l.Stages)-1].SharedWith != ladder.Image {
		t.Errorf("check gives %+v, %v", c, err)
	}
	if _, err := Run(context.Background(), r); err != nil {
		t.Errorf("the build is not replaced by another one: %v", err)
	}
	exported, _, err := ExportFolder(r.Out, testForm, "")
	if err != nil || string(exported["chip.bin"]) != others[imageFile] || !slices.Contains(Formats(), testForm) || !IsFolder(testForm) || IsFolder("nir") {
		t.Errorf("exported %d files of %v, %v", len(exported), Formats(), err)
	}
	_, _, err = ExportFolder(plain.Out, testForm, "")
	wants(t, err, "SPK-EXPORT-002 generic8 not programmed "+testForm)
	_, _, err = ExportFolder(r.Out, testForm, "old")
	wants(t, err, "SPK-EXPORT-001 --dialect old")
	put(t, filepath.Join(r.Out, testForm, "notes.txt"), "x")
	_, err = Check(context.Background(), r.Out, CheckOptions{})
	wants(t, err, "SPK-FILE-003 notes.txt move out")
	if _, err := Run(context.Background(), r); err == nil || !strings.Contains(err.Error(), "notes.txt") {
		t.Errorf("a build with a foreign file is replaced: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(r.Out, testForm)); err != nil {
		t.Fatal(err)
	}
	_, err = Check(context.Background(), r.Out, CheckOptions{})
	wants(t, err, "SPK-FILE-002 chip.bin")
}

// TestAlteredWord changes a weight in the chip's own file, and brings checksums and manifest in order: it is the changed weight
// that runs.
func TestAlteredWord(t *testing.T) {
	r := wordsRequest(t)
	built(t, r)
	name := testForm + "/chip.bin"
	img, err := image.Decode([]byte(contents(t, r.Out)[name]))
	if err != nil {
		t.Fatal(err)
	}
	switch s := img.Cores[len(img.Cores)-1].Synapses[0].Synapses.(type) {
	case *image.Conv2d:
		for i := range s.Weight {
			s.Weight[i] = -s.Weight[i]
		}
	default:
		t.Fatalf("synapses of %T", s)
	}
	var b bytes.Buffer
	if err := image.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	rewrite(t, r.Out, func(m *Manifest) {
		for i := range m.Files {
			if m.Files[i].Name == name {
				m.Files[i].Size, m.Files[i].SHA256 = int64(b.Len()), digest(b.Bytes())
			}
		}
	})
	put(t, filepath.Join(r.Out, name), b.String())
	var d *Difference
	if _, err := Check(context.Background(), r.Out, CheckOptions{}); !errors.As(err, &d) || d.Between != [2]string{"recorded", ladder.Files} {
		t.Errorf("an altered weight gives %v", err)
	}
}

// TestMachineDiffers builds for a chip whose machine is not what the image says.
func TestMachineDiffers(t *testing.T) {
	_, err := Run(context.Background(), wordsRequest(t, "broken"))
	var d *Difference
	if !errors.As(err, &d) || d.Between != [2]string{ladder.Files, testForm} || d.Image != 0 || d.Step != 0 || d.Layer == "" {
		t.Errorf("got %v", err)
	}
}
