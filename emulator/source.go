package emulator

import (
	"fmt"

	"spikec/emulator/encoder"
	"spikec/target/image"
)

// spikeHost plays the spikes of a core that is the host (image.Core.Source). Both engines use it: what the host sends is not
// the chip's arithmetic but what the image's coding defines (package emulator/encoder).
type spikeHost struct {
	core   *image.Core
	shape  [3]int // of the picture: C, H, W
	player *encoder.Player
	codes  []uint8 // pad zeros, then those of the core's neurons
	pad    int
	words  []uint64 // of one step, without a pad
}

// newSpikeHost returns the player of a core; the spikes of its neuron n are bit pad + n. check has accepted the image's
// coding.
func newSpikeHost(img *image.Image, c *image.Core, pad int) *spikeHost {
	coding, _ := img.Input.Coding()
	p, err := encoder.NewPlayer(coding)
	if err != nil {
		panic("emulator: coding that was checked: " + err.Error())
	}
	return &spikeHost{core: c, shape: img.Input.Shape, player: p, pad: pad, codes: make([]uint8, pad+c.Neurons),
		words: make([]uint64, (c.Neurons+encoder.WordBits-1)/encoder.WordBits)}
}

// begin starts a picture, codes in C,H,W order.
func (s *spikeHost) begin(codes []uint8, picture int) {
	C, plane := s.shape[0], s.shape[1]*s.shape[2]
	for i := range s.core.Neurons {
		n := s.core.First + i
		s.codes[s.pad+i] = codes[n%C*plane+n/C]
	}
	s.player.Begin(s.codes, s.core.First-s.pad, picture)
}

// step plays the next step, without a pad.
func (s *spikeHost) step(spikes []int8) {
	s.player.Play(s.words, len(s.words), 1)
	for n := range spikes {
		spikes[n] = int8(s.words[n/encoder.WordBits] >> (n % encoder.WordBits) & 1)
	}
}

// explainSource says what a source does, for reports.
func explainSource(img *image.Image, c *image.Core) string {
	coding, _ := img.Input.Coding()
	return fmt.Sprintf("host, %d trains of %s: %s", c.Neurons, coding.Name, encoder.About(coding.Name))
}
