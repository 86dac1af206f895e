package quantize

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"spikec/models/snn"
)

// TestApply: what Apply leaves in a network is worth what Run's integers are, and the rest of the network is as it was.
func TestApply(t *testing.T) {
	done := 0
	for seed := range uint64(40) {
		target := []string{"generic8", "generic4", "loihi1", "generic8-signed"}[seed%4]
		p := load(t, target)
		net := randomNetwork(rand.New(rand.NewPCG(seed, 1)), p)
		q, _, err := Run(context.Background(), net, p, Options{})
		if err != nil {
			continue // some do not fit
		}
		done++
		for population := 1; population < net.Output(); population++ {
			// Nothing behind the population is there yet.
			one := *net
			one.Populations = slices.Clone(net.Populations[:population+1])
			one.Projections = slices.DeleteFunc(slices.Clone(net.Projections), func(q snn.Projection) bool { return q.Target > population })
			if err := Apply(&one, population, p, Options{}); err != nil {
				t.Fatal(err)
			}
			changed := 0
			for i := range one.Projections {
				for k, w := range one.Projections[i].Weight {
					if one.Projections[i].Target != population {
						if w != net.Projections[i].Weight[k] {
							t.Fatalf("%s: Apply of population %d changed projection %d", target, population, i)
						}
						continue
					}
					channel := k / (len(one.Projections[i].Weight) / net.Populations[population].Shape[0])
					unit := float64(q.Populations[population].Threshold[channel])
					want := float64(q.Projections[i].Weight[k]) / unit
					if net.Projections[i].Source == 0 {
						want = math.Ldexp(want, -int(q.Populations[population].DriveShift))
					}
					if math.Abs(float64(w)-want) > 1e-6 {
						t.Fatalf("%s, projection %d, weight %d: %v, its integer is worth %v", target, i, k, w, want)
					}
					if w != net.Projections[i].Weight[k] {
						changed++
					}
				}
			}
			for o, b := range one.Populations[population].Bias {
				if want := float64(q.Populations[population].Bias[o]) / float64(q.Populations[population].Threshold[o]); math.Abs(b-want) > 1e-9 {
					t.Errorf("%s, population %d: bias %v, its integer is worth %v", target, population, b, want)
				}
			}
			if changed == 0 {
				t.Errorf("%s: nothing of population %d was rounded", target, population)
			}
		}
	}
	if done < 20 {
		t.Errorf("%d networks fit", done)
	}
}
