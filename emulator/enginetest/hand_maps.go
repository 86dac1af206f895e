package enginetest

import (
	"testing"

	"spikec/internal/window"
	"spikec/target/image"
)

// overlappingPool: a row of 5 positions, summed by windows of 3 that move by 2 from one position before the row, then
// weighted 1, 10, 100 from left to right. The windows are {0,1} {1,2,3} {3,4} (positions outside left out), so when all
// fire the sum is 2 + 30 + 200; position 1 alone counts in the first two windows: 11.
func overlappingPool(t *testing.T, make Constructor) {
	p := profile(t, "generic8")
	pool := window.Window2d{Kernel: [2]int{1, 3}, Stride: [2]int{1, 2}, Dilation: [2]int{1, 1}, PadBegin: [2]int{0, 1}, PadEnd: [2]int{0, 1}}
	kernel := window.Window2d{Kernel: [2]int{1, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}}
	for _, c := range []struct {
		codes []uint8
		sum   int32
		sops  int64
	}{{[]uint8{1, 1, 1, 1, 1}, 232, 7}, {[]uint8{0, 1, 0, 0, 0}, 11, 2}, {[]uint8{0, 0, 1, 0, 1}, 110, 2}} {
		cores := []image.Core{vector(p, "in", 5, 1), vector(p, "if", 1, 30000)}
		cores[0].Routes = []image.Route{{Count: 5, Core: 1}}
		cores[1].Synapses = []image.Block{{Synapses: &image.Conv2d{In: [3]int{1, 1, 5}, Out: [3]int{1, 1, 1}, Neurons: 1,
			Pool: &pool, Window: kernel, Groups: 1, Weight: []int32{1, 10, 100}}}}
		r := present(t, make, driven(p, 1, cores...), p, c.codes...)
		want(t, "membrane", r.Potentials[0], []int32{c.sum})
		want(t, "operations", r.Counters.SynapticOperations, c.sops)
	}
}

// drive: the host rounds half up, (Σ + 2) >> 2 for shift 2: sums −7, −6, 5, 6 give −2, −1, 1, 2. Codes come in C,H,W
// order, axons in H,W,C order: of the picture {1, 2; 3, 4} of two channels the axons are 1, 3, 2, 4.
func drive(t *testing.T, make Constructor) {
	p := profile(t, "generic8")
	c := vector(p, "if", 4, 100)
	c.Registers["bias"] = []int32{10, 20, 30, 40}
	img := driven(p, 2, c)
	img.Input.Shape = [3]int{2, 1, 2}
	img.Input.Drives = []image.Drive{{Cores: []int{0}, Register: "bias", Shift: 2, Synapses: &image.Dense{Inputs: 4, Neurons: 4,
		Weight: []int32{
			-7, 0, 1, 6,
			0, -2, 0, 0,
			0, 0, 2, 0,
			0, 0, 0, 0,
		}}}}
	r := present(t, make, img, p, 1, 2, 3, 4)
	want(t, "membranes after 2 steps", r.Potentials[0], []int32{2 * (10 - 2), 2 * (20 - 1), 2 * (30 + 1), 2 * (40 + 2)})
	want(t, "multiplications", r.Counters.HostMACs, 5)
}
