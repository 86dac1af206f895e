// Package anchor is one small network as images for the profile generic8: what the speed of engines is anchored to, and
// what their bits are checked with. bench/anchor/anchor.c runs the same network, hard coded.
//
// It is 28x28-12c5-2s-64c5-2s-10o (Diehl et al. 2015), trained without biases and stored in 8 bits. Every membrane starts
// at half its threshold.
package anchor

import (
	_ "embed" // of the weights
	"encoding/binary"

	"spikec/internal/window"
	"spikec/target/image"
)

// stored is int32 shift, threshold 1, threshold 2 (little endian), then int8 w1[12][25], w2[64][12][25], w3[10][1024]
// (input c·16 + position).
//
//go:embed diehl_q.bin
var stored []byte

// Classes is the number of logits.
const Classes = 10

// Golden holds, by number of first MNIST test images and by steps, the hash of all their logits: FNV-1a (64 bits) over
// int32, little endian, image by image. Source: bench/anchor/anchor.c and an independent program in Go, written apart
// from this emulator, which agree on them.
var Golden = map[int]map[int]string{
	32:   {8: "4cc7d68eb1a9c80a", 16: "843fbc07e3f19cfb", 32: "a68b250470498e1c", 64: "fedbb2cd0ba862bf", 128: "8d6f431b9acd24c0"},
	1024: {8: "305fb96bdfd0f3de", 16: "4fee3d3d243f03f9", 32: "e8e103224e7c0b1a", 64: "730df840adb81c9a", 128: "087b0d7ebce04842"},
}

// Network holds the weights.
type Network struct {
	shift      uint
	theta      [2]int32
	w1, w2, w3 []int8
}

// New reads the bundled weights.
func New() *Network {
	word := func(i int) int32 { return int32(binary.LittleEndian.Uint32(stored[4*i:])) }
	n := &Network{shift: uint(word(0)), theta: [2]int32{word(1), word(2)}}
	data := stored[12:]
	for _, w := range []struct {
		to *[]int8
		n  int
	}{{&n.w1, 12 * 25}, {&n.w2, 64 * 12 * 25}, {&n.w3, Classes * 1024}} {
		for _, b := range data[:w.n] {
			*w.to = append(*w.to, int8(b))
		}
		data = data[w.n:]
	}
	return n
}

// Pools is the network whose pools are populations of neurons with weights 1 and threshold 4. Its output is the last
// pool; Logits reads it.
func (n *Network) Pools(steps int) *image.Image {
	p2 := window.Square(2, 2)
	return n.image(steps,
		layer("pool1", [3]int{12, 24, 24}, [3]int{12, 12, 12}, nil, p2, 12, ones(4*12), 4),
		layer("conv2", [3]int{12, 12, 12}, [3]int{64, 8, 8}, nil, window.Square(5, 1), 1, kernel(n.w2, 64, 12, 25), n.theta[1]),
		layer("pool2", [3]int{64, 8, 8}, [3]int{64, 4, 4}, nil, p2, 64, ones(4*64), 4))
}

// Folded is the network whose pools are folded into the next layer, with the third layer on the chip.
func (n *Network) Folded(steps int) *image.Image {
	p2 := window.Square(2, 2)
	return n.image(steps,
		layer("conv2", [3]int{12, 24, 24}, [3]int{64, 8, 8}, &p2, window.Square(5, 1), 1, kernel(n.w2, 64, 12, 25), 4*n.theta[1]),
		layer("out", [3]int{64, 8, 8}, [3]int{Classes, 1, 1}, &p2, window.Square(4, 1), 1, kernel(n.w3, Classes, 64, 16), 32767))
}

// Logits returns w3 · counts, counts being those of the last pool.
func (n *Network) Logits(counts []int32) [Classes]int32 {
	var l [Classes]int32
	for k := range l {
		for c := range 64 {
			for p := range 16 {
				l[k] += int32(n.w3[k*1024+c*16+p]) * counts[p*64+c]
			}
		}
	}
	return l
}

// image chains cores behind the first convolution, which is the drive.
func (n *Network) image(steps int, cores ...image.Core) *image.Image {
	first := layer("conv1", [3]int{1, 28, 28}, [3]int{12, 24, 24}, nil, window.Square(5, 1), 1, kernel(n.w1, 12, 1, 25), n.theta[0])
	d := image.Drive{Cores: []int{0}, Register: "bias", Shift: n.shift, Synapses: first.Synapses[0].Synapses}
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

// ones returns n weights 1.
func ones(n int) []int32 {
	w := make([]int32, n)
	for i := range w {
		w[i] = 1
	}
	return w
}
