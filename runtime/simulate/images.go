package simulate

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"strings"

	"spikec/emulator/encoder"
	"spikec/internal/diag"
	"spikec/models/equation"
	"spikec/runtime/dataset"
	"spikec/runtime/simulate/describe"
)

// mostPictureSteps bounds the steps of an input code.
const mostPictureSteps = 1 << 20

// pictures are the spikes of a source that shows pictures of a data set, one after the other, by an input code: neuron k stands for pixel
// k in the order rows, columns, channels. It sets the number of neurons of the group.
func (b *builder) pictures(g *group, q *describe.Images) (indices []int, times []float64, ok bool) {
	here := at(q.Line, "populations."+g.name+".images")
	before := b.found.Len()
	every := b.orElse(q.Every, "every", equation.Second, 1e-3)
	length := b.orElse(q.Length, "length", equation.Second, b.duration)
	pause := b.orElse(q.Pause, "pause", equation.Second, 0)
	if !(every > 0) || !(length >= 0) || !(pause >= 0) || length/every > mostPictureSteps {
		b.wrong(idRange, here, "times are 0 or more, and a step of the code (every) is above 0", "steps of %v s, pictures of %v s and pauses of %v s", every, length, pause)
	}
	coding, err := encoder.Default(q.Code.Text, uint64(b.d.Seed))
	if err == nil && q.Parameter > 0 {
		coding.Parameter = q.Parameter
		err = coding.Validate()
	}
	if err != nil {
		b.wrong(idRange, q.Code, "codes are "+strings.Join(encoder.Names(), ", "), "%v", err)
	}
	numbers, _ := b.of(q.Pictures, "pictures", equation.Dimension{})
	set, err := dataset.Open(context.Background(), q.Data.Text)
	switch {
	case err != nil:
		remedy := ""
		var f *diag.Failure
		if errors.As(err, &f) && len(f.List) > 0 {
			remedy, err = f.List[0].Remedy, errors.New(f.List[0].Message)
		}
		b.wrong(idReference, q.Data, remedy, "%v", err)
		return nil, nil, false
	case set.Pixels == nil:
		b.wrong(idReference, q.Data, "name a set of pictures, such as mnist", "%s holds numbers in place of pixels of 0 to 255", q.Data.Text)
		return nil, nil, false
	}
	if g.n != 1 && g.n != set.Size() {
		b.wrong(idRange, here, "leave n away", "%d neurons for %d pixels", g.n, set.Size())
	}
	g.n = set.Size()
	for _, v := range numbers {
		if !(v >= 0 && v < float64(set.Len())) || v != math.Trunc(v) {
			b.wrong(idRange, here, "pictures are numbered from 0", "there is no picture %v among %d", v, set.Len())
		}
	}
	if b.found.Len() > before {
		return nil, nil, false
	}
	player, err := encoder.NewPlayer(coding)
	if err != nil {
		b.wrong(idRange, q.Code, "", "%v", err)
		return nil, nil, false
	}
	stride := (g.n + encoder.WordBits - 1) / encoder.WordBits
	words := make([]uint64, stride)
	for shown, v := range numbers {
		player.Begin(rows(set, int(v)), 0, int(v))
		start := float64(float64(shown) * (length + pause))
		for s := range int(math.Round(length / every)) {
			t := start + float64(float64(s)*every)
			if t >= b.duration {
				break
			}
			player.Play(words, stride, 1)
			for w, word := range words {
				for ; word != 0; word &= word - 1 {
					indices, times = append(indices, w*encoder.WordBits+bits.TrailingZeros64(word)), append(times, t)
				}
			}
			if len(times) > mostSourceSpikes {
				b.wrong(idSize, here, "show fewer pictures, or for a shorter time", "more than %d spikes", mostSourceSpikes)
				return nil, nil, false
			}
		}
	}
	return indices, times, true
}

// rows are the pixels of a picture in the order rows, columns, channels.
func rows(s *dataset.Set, k int) []uint8 {
	pixels := s.Pixels[k*s.Size() : (k+1)*s.Size()]
	channels, places := s.Shape[0], s.Shape[1]*s.Shape[2]
	out := make([]uint8, len(pixels))
	for c := range channels {
		for p := range places {
			out[p*channels+c] = pixels[c*places+p]
		}
	}
	return out
}
