package build

import (
	"context"
	"errors"
	"strings"
	"testing"

	"spikec/emulator"
	"spikec/target/image"
)

// TestLocate alters one number on the chip and wants the first place where it shows.
func TestLocate(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	b, err := begin(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range []func(*run, context.Context) error{(*run).ann, (*run).convert, (*run).quantize, (*run).fixed, (*run).place} {
		if err := stage(b, context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name  string
		alter func(img *image.Image)
		want  []string
	}{
		{"a threshold of the second layer", func(img *image.Image) {
			v := append([]int32(nil), img.Cores[1].Registers["thr"]...)
			for k := range v {
				v[k] /= 3
			}
			img.Cores[1].Registers["thr"] = v
		}, []string{"fixed and image differ, first on image ", "layer relu2", "fixed has ", "core 1 has a spike, membrane "}},
		{"a membrane at the start of the first layer", func(img *image.Image) {
			v := make([]int32, img.Cores[0].Neurons)
			for k := range v {
				v[k] = img.Cores[0].Channel(img.Cores[0].InitialV, k)
			}
			v[2*3+1]++ // row 0, column 2, channel 1
			img.Cores[0].InitialV = v
		}, []string{"layer relu1, neuron (1,0,2), step 0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			img := *b.img
			img.Cores = append([]image.Core(nil), b.img.Cores...)
			for i := range img.Cores {
				registers := map[string][]int32{}
				for name, v := range img.Cores[i].Registers {
					registers[name] = v
				}
				img.Cores[i].Registers = registers
			}
			c.alter(&img)
			engine, err := emulator.New("auto", &img, b.Profile)
			if err != nil {
				t.Fatal(err)
			}
			err = b.locate("image", &img, engine, 5)
			var d *Difference
			if !errors.As(err, &d) || d.Image != 5 {
				t.Fatalf("got error %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
		})
	}
}

// TestImageStageComparesEveryOutput alters the image between place and emulation and wants the build to fail.
func TestImageStageComparesEveryOutput(t *testing.T) {
	b, err := begin(context.Background(), request(t, t.TempDir(), "generic8"))
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range []func(*run, context.Context) error{(*run).ann, (*run).convert, (*run).quantize, (*run).fixed, (*run).place} {
		if err := stage(b, context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	b.img.Cores[2].InitialV = []int32{0, 0, 0, 1}
	err = b.image(context.Background())
	var d *Difference
	if !errors.As(err, &d) || d.Image != 0 || d.Layer != "fc" || d.Neuron != [3]int{3, 0, 0} || d.Step != 0 {
		t.Errorf("got error %v", err)
	}
}
