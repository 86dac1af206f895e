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
	"spikec/emulator/anchor"
	"spikec/emulator/enginetest"
	"spikec/target/chip"
	"spikec/target/image"
)

// network is the anchor as the tests here take it.
type network struct{ *anchor.Network }

// readAnchor returns the anchor.
func readAnchor(testing.TB) network { return network{anchor.New()} }

// pools is the network with pools that fire.
func (a network) pools(steps int) *image.Image { return a.Pools(steps) }

// folded is the network with pools folded into the next layer.
func (a network) folded(steps int) *image.Image { return a.Folded(steps) }

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
func (a network) checkGolden(t *testing.T, e emulator.Engine, images [][]uint8) {
	s := e.NewSession()
	logits := map[int][]byte{}
	for _, codes := range images {
		r, err := s.Run(codes, 0)
		if err != nil {
			t.Fatal(err)
		}
		for i, steps := range r.Steps {
			for _, x := range a.Logits(r.Counts[i]) {
				logits[steps] = binary.LittleEndian.AppendUint32(logits[steps], uint32(x))
			}
		}
	}
	for steps, data := range logits {
		golden, ok := anchor.Golden[len(images)][steps]
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
