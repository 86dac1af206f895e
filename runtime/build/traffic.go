package build

import (
	"context"

	"spikec/runtime/ladder"
	"spikec/target/chip"
	"spikec/target/image"
)

// describeUse enters how much of its cores each layer takes, where neurons are copied.
func describeUse(doc *ladder.Ladder, img *image.Image, p *chip.Profile) {
	copied := false
	for i := range img.Cores {
		copied = copied || img.Cores[i].Members != nil
	}
	if !copied || p.Capacity.Neurons == nil || p.Capacity.AxonsIn == nil {
		return
	}
	for k := range doc.Layers {
		l := &doc.Layers[k]
		if l.Host {
			continue
		}
		held, axons := map[int]bool{}, 0
		for _, i := range l.Cores {
			c := &img.Cores[i]
			axons += c.Axons()
			for n := range c.Neurons {
				held[c.Index(n)] = true
			}
		}
		u := &ladder.Use{Copies: l.Neurons - len(held), Bound: "neurons", Neurons: float64(l.Neurons) / float64(len(l.Cores)**p.Capacity.Neurons),
			Axons: float64(axons) / float64(len(l.Cores)**p.Capacity.AxonsIn)}
		if u.Axons > u.Neurons {
			u.Bound = "axons"
		}
		l.Use = u
	}
}

// traffic counts what travels between cores that have places on a grid, on the first images; nil where none has.
func (b *run) traffic(ctx context.Context) (*ladder.Traffic, error) {
	t, hops := &ladder.Traffic{N: min(machineSample, b.eval.Len())}, make([][]int, len(b.img.Cores)) // core → route → its length
	for i := range b.img.Cores {
		c := &b.img.Cores[i]
		if c.Place != nil {
			t.Grid = [2]int{max(t.Grid[0], c.Place[0]+1), max(t.Grid[1], c.Place[1]+1)}
		}
		for _, r := range c.Routes {
			hops[i] = append(hops[i], distance(c.Place, b.img.Cores[r.Core].Place))
		}
	}
	if t.Grid == [2]int{} {
		return nil, nil
	}
	session, codes := b.engine.NewSession(), make([]uint8, b.eval.Size())
	packets, ways, sent := 0, 0, 0
	for i := range t.N {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		b.eval.Codes(i, codes)
		_, err := session.Trace(codes, i, func(core, _ int, spikes []int8, _ []int32) {
			for k, r := range b.img.Cores[core].Routes {
				for _, s := range spikes[r.First : r.First+r.Count] {
					switch {
					case s == 0:
					case b.img.Cores[core].Source:
						sent++
					default:
						packets++
						ways += hops[core][k]
					}
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	n := float64(max(1, t.N))
	t.Packets, t.Hops, t.HostPackets = float64(packets)/n, float64(ways)/n, float64(sent)/n
	return t, nil
}

// distance returns the columns and rows between two places, 0 where one is not said.
func distance(a, b *[2]int) int {
	if a == nil || b == nil {
		return 0
	}
	return max(a[0]-b[0], b[0]-a[0]) + max(a[1]-b[1], b[1]-a[1])
}
