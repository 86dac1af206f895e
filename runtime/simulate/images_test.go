package simulate

import (
	"slices"
	"strings"
	"testing"

	"spikec/emulator/encoder"
	"spikec/runtime/dataset"
)

// TestPictures: a source shows its pictures one after the other with the spikes of the input code, on both engines.
func TestPictures(t *testing.T) {
	const text = `simulate:
  duration: 70*ms
  seed: 3
  ENGINE
  populations:
    In: {images: {data: 'downscale:4:mnist', pictures: [5, 2], code: bernoulli, every: 2*ms, length: 20*ms, pause: 10*ms}}
    N: {model: lif}
  synapses: {S: {from: In, to: N, weight: 0.1*mV}}
  monitors: {in: {spikes: In}}
`
	set, err := dataset.Open(t.Context(), "downscale:4:mnist")
	if err != nil {
		t.Fatal(err)
	}
	coding, err := encoder.Default("bernoulli", 3)
	if err != nil {
		t.Fatal(err)
	}
	player, err := encoder.NewPlayer(coding)
	if err != nil {
		t.Fatal(err)
	}
	var want [][2]int // in ms
	words := make([]uint64, 10)
	for shown, picture := range []int{5, 2} {
		player.Begin(set.Pixels[picture*set.Size():(picture+1)*set.Size()], 0, picture)
		player.Play(words, 1, 10)
		for s, w := range words {
			for k := range set.Size() {
				if w>>k&1 == 1 {
					want = append(want, [2]int{30*shown + 2*s, k})
				}
			}
		}
	}
	for _, engine := range []string{"engine: steps", "engine: events"} {
		o := simulated(t, strings.Replace(text, "ENGINE", engine, 1))
		var got [][2]int
		for k, ms := range column(t, o, "in", 0) {
			got = append(got, [2]int{int(1e3*ms + 0.5), int(column(t, o, "in", 1)[k])})
		}
		if len(want) < 40 || !slices.Equal(got, want) {
			t.Errorf("%s: %d spikes, want %d: %v, %v", engine, len(got), len(want), got[:min(5, len(got))], want[:5])
		}
	}
}
