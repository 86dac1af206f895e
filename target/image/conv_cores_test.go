package image

import (
	"slices"
	"testing"

	"spikec/internal/window"
	"spikec/target/chip"
)

// convCore is a core of a convolution with so many channels and a map of so many rows and columns.
func convCore(in, out, kernel, rows int) Core {
	shape := [3]int{out, rows, rows}
	return Core{Shape: shape, Neurons: out * rows * rows, Synapses: []Block{{Synapses: &Conv2d{In: [3]int{in, rows, rows}, Out: shape, Neurons: out * rows * rows, Window: window.Square(kernel, 1)}}}}
}

// TestConvWords by hand, from the formulas in sinabs.
func TestConvWords(t *testing.T) {
	for _, c := range []struct{ in, out, kernel, rows, words, neurons int }{
		{1, 12, 5, 24, 1 << (5 + 4), 12 << (5 + 5)}, {12, 64, 5, 8, 12 << (5 + 6), 64 << 6}, {64, 10, 4, 1, 64 << (4 + 4), 10}, {3, 1, 1, 3, 3, 1 << 4},
	} {
		core := convCore(c.in, c.out, c.kernel, c.rows)
		if k, n := ConvWords(core.Synapses[0].Synapses.(*Conv2d)); k != c.words || n != c.neurons {
			t.Errorf("%+v: %d and %d words", c, k, n)
		}
	}
}

// TestConvCores: a core that fits two of the chip's gives way to one that fits one of them, and what fits none is missing.
func TestConvCores(t *testing.T) {
	p := &chip.Profile{}
	p.Capacity.KernelMemory, p.Capacity.NeuronMemory = []int{16, 64, 16}, []int{64, 64, 8}
	small, large, huge := convCore(1, 2, 1, 2), convCore(16, 2, 1, 2), convCore(64, 2, 1, 2)
	img := &Image{Cores: []Core{{Source: true}, small, small, large}}
	if cores, missing := ConvCores(img, p); missing != nil {
		t.Errorf("cores %v, missing %v: want none", cores, missing)
	} else if cores[0] != -1 || cores[3] != 1 || cores[1] == cores[2] {
		t.Errorf("cores %v", cores)
	}
	img.Cores = []Core{small, huge, convCore(1, 2, 1, 8)}
	if cores, missing := ConvCores(img, p); !slices.Equal(missing, []int{1, 2}) || cores[1] != -1 {
		t.Errorf("cores %v, missing %v, want 1 and 2", cores, missing)
	}
}
