package emulator

import "spikec/target/image"

// driveHost computes the currents of one drive, once a picture. Both engines use it: what the host computes is not the
// chip's arithmetic but integers that the image defines (image.Drive).
type driveHost struct {
	drive *image.Drive
	shape [3]int // of the picture: C, H, W
	size  int    // neurons of the population
	macs  int64  // stored non-zero weights
}

// newDriveHost prepares a drive.
func newDriveHost(img *image.Image, d *image.Drive) *driveHost {
	population := img.Cores[d.Cores[0]].Shape
	h := &driveHost{drive: d, shape: img.Input.Shape, size: population[0] * population[1] * population[2]}
	for a := range d.Synapses.Axons() {
		d.Synapses.Each(a, func(_ int, w int32) {
			if w != 0 {
				h.macs++
			}
		})
	}
	return h
}

// compute writes the currents of the picture to current, one a neuron of the population:
//
//	current[n] = (Σ_a code[a]·w[a][n] + 2^(Shift−1)) >> Shift
func (h *driveHost) compute(codes []uint8, current []int64) {
	clear(current)
	C, plane := h.shape[0], h.shape[1]*h.shape[2]
	var x int64
	add := func(n int, w int32) { current[n] += x * int64(w) }
	for a := range codes {
		if x = int64(codes[a%C*plane+a/C]); x != 0 {
			h.drive.Synapses.Each(a, add)
		}
	}
	if h.drive.Shift == 0 {
		return
	}
	for n := range current {
		current[n] = (current[n] + 1<<(h.drive.Shift-1)) >> h.drive.Shift
	}
}
