package enginetest

import "testing"

// FuzzEngines compares all engines that run a random network on random pictures.
func FuzzEngines(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, network, picture uint64) {
		img, p := RandomImage(network)
		NoDiff(t, img, p, RandomCodes(img, picture), RandomCodes(img, picture+1))
	})
}
