package emulator_test

import (
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"testing"

	"spikec/emulator"
	"spikec/emulator/enginetest"
	"spikec/internal/window"
	"spikec/target/chip"
	"spikec/target/image"
)

// The anchor is the network 28x28-12c5-2s-64c5-2s-10o (Diehl et al. 2015), trained without biases and stored in 8 bits
// in testdata/diehl_q.bin: int32 shift, threshold 1, threshold 2 (little endian), then int8 w1[12][25],
// w2[64][12][25], w3[10][1024] (input c·16 + position). The pools are populations of integrate-and-fire neurons with
// threshold 4 and weights 1; every membrane starts at half its threshold; the logits are w3 · counts of the last pool.
type anchor struct {
	shift      uint
	theta      [2]int32
	w1, w2, w3 []int8
}

// readAnchor reads the weights.
func readAnchor(t testing.TB) *anchor {
	t.Helper()
	data, err := os.ReadFile("testdata/diehl_q.bin")
	if err != nil {
		t.Fatal(err)
	}
	word := func(i int) int32 { return int32(binary.LittleEndian.Uint32(data[4*i:])) }
	a := &anchor{shift: uint(word(0)), theta: [2]int32{word(1), word(2)}}
	data = data[12:]
	for _, w := range []struct {
		to *[]int8
		n  int
	}{{&a.w1, 12 * 25}, {&a.w2, 64 * 12 * 25}, {&a.w3, 10 * 1024}} {
		for _, b := range data[:w.n] {
			*w.to = append(*w.to, int8(b))
		}
		data = data[w.n:]
	}
	return a
}

// kernel turns weights [O][C][kH·kW] into the order of image.Conv2d, [kH·kW][C][O].
func kernel(w []int8, out, in, taps int) []int32 {
	k := make([]int32, len(w))
	for o := range out {
		for c := range in {
			for p := range taps {
				k[(p*in+c)*out+o] = int32(w[(o*in+c)*taps+p])
			}
		}
	}
	return k
}

// layer returns a core with one convolution.
func layer(name string, in, out [3]int, pool *window.Window2d, w window.Window2d, groups int, weight []int32, theta int32) image.Core {
	n := out[0] * out[1] * out[2]
	return image.Core{
		Population: name, Shape: out, Neurons: n,
		Registers: map[string][]int32{"thr": {theta}, "bias": {0}},
		InitialV:  []int32{theta / 2},
		Synapses:  []image.Block{{Synapses: &image.Conv2d{In: in, Out: out, Neurons: n, Pool: pool, Window: w, Groups: groups, Weight: weight}}},
	}
}

// ones returns n weights 1.
func ones(n int) []int32 {
	w := make([]int32, n)
	for i := range w {
		w[i] = 1
	}
	return w
}

// image chains cores behind the first convolution, which is the drive.
func (a *anchor) image(steps int, cores ...image.Core) *image.Image {
	first := layer("conv1", [3]int{1, 28, 28}, [3]int{12, 24, 24}, nil, window.Square(5, 1), 1, kernel(a.w1, 12, 1, 25), a.theta[0])
	d := image.Drive{Cores: []int{0}, Register: "bias", Shift: a.shift, Synapses: first.Synapses[0].Synapses}
	first.Synapses = nil
	cores = append([]image.Core{first}, cores...)
	for i := range cores[1:] {
		cores[i].Routes = []image.Route{{Count: cores[i].Neurons, Core: i + 1}}
	}
	last := len(cores) - 1
	return &image.Image{Chip: "generic8", Steps: steps, Cores: cores,
		Input:  image.Input{Shape: [3]int{1, 28, 28}, Step: 1, Encoding: "constant", Drives: []image.Drive{d}},
		Output: image.Output{Cores: []int{last}, Classes: cores[last].Neurons, Readout: "count"}}
}

// pools is the network with pools that fire; its output is the last pool.
func (a *anchor) pools(steps int) *image.Image {
	p2 := window.Square(2, 2)
	return a.image(steps,
		layer("pool1", [3]int{12, 24, 24}, [3]int{12, 12, 12}, nil, p2, 12, ones(4*12), 4),
		layer("conv2", [3]int{12, 12, 12}, [3]int{64, 8, 8}, nil, window.Square(5, 1), 1, kernel(a.w2, 64, 12, 25), a.theta[1]),
		layer("pool2", [3]int{64, 8, 8}, [3]int{64, 4, 4}, nil, p2, 64, ones(4*64), 4))
}

// folded is the network with pools folded into the next layer, and the third layer on the chip.
func (a *anchor) folded(steps int) *image.Image {
	p2 := window.Square(2, 2)
	return a.image(steps,
		layer("conv2", [3]int{12, 24, 24}, [3]int{64, 8, 8}, &p2, window.Square(5, 1), 1, kernel(a.w2, 64, 12, 25), 4*a.theta[1]),
		layer("out", [3]int{64, 8, 8}, [3]int{10, 1, 1}, &p2, window.Square(4, 1), 1, kernel(a.w3, 10, 64, 16), 32767))
}

// logits returns w3 · counts.
func (a *anchor) logits(counts []int32) [10]int32 {
	var l [10]int32
	for k := range l {
		for c := range 64 {
			for p := range 16 {
				l[k] += int32(a.w3[k*1024+c*16+p]) * counts[p*64+c]
			}
		}
	}
	return l
}

// readMNIST returns the first n test images, or skips the test.
func readMNIST(t testing.TB, n int) [][]uint8 {
	t.Helper()
	f, err := os.Open("../runtime/dataset/mnist/t10k-images-idx3-ubyte.gz")
	if err != nil {
		t.Skip("no MNIST test images: ", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data := make([]uint8, 16+n*784)
	if _, err := io.ReadFull(z, data); err != nil {
		t.Fatal(err)
	}
	images := make([][]uint8, n)
	for i := range images {
		images[i] = data[16+i*784:][:784]
	}
	return images
}

// goldenAnchor holds the FNV-1a hashes of all logits (int32, little endian, image by image) after so many steps, for
// the first 32 and the first 1024 test images. Source: a C program and an independent Go program, written apart from
// this emulator, that agree on them.
var goldenAnchor = map[int]map[int]string{
	32:   {8: "4cc7d68eb1a9c80a", 16: "843fbc07e3f19cfb", 32: "a68b250470498e1c", 64: "fedbb2cd0ba862bf", 128: "8d6f431b9acd24c0"},
	1024: {8: "305fb96bdfd0f3de", 16: "4fee3d3d243f03f9", 32: "e8e103224e7c0b1a", 64: "730df840adb81c9a", 128: "087b0d7ebce04842"},
}

// TestAnchor runs the network of the speed anchor against its golden hashes. A run of T steps has the answers of all
// powers of two below T at its checkpoints.
func TestAnchor(t *testing.T) {
	a := readAnchor(t)
	p, err := chip.Load("generic8")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		engine        string
		images, steps int
		long          bool
	}{
		{"fast", 32, 64, false}, {"reference", 32, 64, false},
		{"fast", 1024, 128, true}, {"reference", 32, 128, true}, {"reference", 1024, 64, true},
	} {
		t.Run(fmt.Sprintf("%s, %d images, %d steps", c.engine, c.images, c.steps), func(t *testing.T) {
			if c.long && !enginetest.Long() {
				t.Skip("takes long: set SPIKEC_LONG=1")
			}
			e, err := emulator.New(c.engine, a.pools(c.steps), p)
			if err != nil {
				t.Fatal(err)
			}
			a.checkGolden(t, e, readMNIST(t, c.images))
		})
	}
}

// checkGolden compares the logits of all images at all checkpoints with the golden hashes.
func (a *anchor) checkGolden(t *testing.T, e emulator.Engine, images [][]uint8) {
	s := e.NewSession()
	logits := map[int][]byte{}
	for _, codes := range images {
		r, err := s.Run(codes)
		if err != nil {
			t.Fatal(err)
		}
		for i, steps := range r.Steps {
			for _, x := range a.logits(r.Counts[i]) {
				logits[steps] = binary.LittleEndian.AppendUint32(logits[steps], uint32(x))
			}
		}
	}
	for steps, data := range logits {
		golden, ok := goldenAnchor[len(images)][steps]
		if !ok {
			continue // the golden hashes begin at 8 steps
		}
		h := fnv.New64a()
		h.Write(data)
		if got := fmt.Sprintf("%016x", h.Sum64()); got != golden {
			t.Errorf("after %d steps: hash %s, want %s", steps, got, golden)
		}
	}
}

// TestAnchorNoDiff compares the engines on real pictures, at every step.
func TestAnchorNoDiff(t *testing.T) {
	a := readAnchor(t)
	p, err := chip.Load("generic8")
	if err != nil {
		t.Fatal(err)
	}
	images := readMNIST(t, 2)
	enginetest.NoDiff(t, a.pools(20), p, images...)
	enginetest.NoDiff(t, a.folded(20), p, images...)
}
