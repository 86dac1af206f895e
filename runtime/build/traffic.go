package build

import (
	"context"

	"spikec/runtime/ladder"
	"spikec/target/chip"
	"spikec/target/image"
)

// onCores reports whether layers have cores of their own, of a limited number.
func onCores(p *chip.Profile) bool {
	return p.Capacity.Cores != nil && p.Execution.LayersIn() == chip.LayersOnCores
}

// describeUse enters how much of its cores each layer takes, of what there is a limit of.
func describeUse(doc *ladder.Ladder, img *image.Image, p *chip.Profile) {
	limits := &p.Capacity
	if !onCores(p) || limits.Neurons == nil && limits.AxonsIn == nil && limits.AxonsOut == nil && limits.SynapseBits == nil {
		return
	}
	for k := range doc.Layers {
		l := &doc.Layers[k]
		if l.Host {
			continue
		}
		held, axons, sent, bits := map[int]bool{}, 0, 0, 0
		for _, i := range l.Cores {
			c := &img.Cores[i]
			axons += c.Axons()
			bits += image.SynapseBits(c, p)
			for _, r := range c.Routes {
				sent += r.Count
			}
			for n := range c.Neurons {
				held[c.Index(n)] = true
			}
		}
		u := &ladder.Use{Copies: l.Neurons - len(held)}
		most := -1.0
		for _, x := range []struct {
			name  string
			to    *float64
			taken int
			limit *int
		}{{ladder.Neurons, &u.Neurons, l.Neurons, limits.Neurons}, {ladder.Axons, &u.Axons, axons, limits.AxonsIn},
			{ladder.AxonsOut, &u.AxonsOut, sent, limits.AxonsOut}, {ladder.SynapseMemory, &u.SynapseMemory, bits, limits.SynapseBits}} {
			if x.limit == nil {
				continue
			}
			*x.to = float64(x.taken) / float64(len(l.Cores)**x.limit)
			if *x.to > most {
				most, u.Bound = *x.to, x.name
			}
		}
		l.Use = u
	}
}

// traffic counts what travels between cores, on the first images; nil on a chip without a limit of cores, or where layers share one.
func (b *run) traffic(ctx context.Context) (*ladder.Traffic, error) {
	if !onCores(b.Profile) {
		return nil, nil
	}
	t, hops := &ladder.Traffic{N: min(machineSample, b.eval.Len())}, make([][]int, len(b.img.Cores)) // core → route → its length
	for i := range b.img.Cores {
		c := &b.img.Cores[i]
		if c.Place != nil {
			if t.Grid == nil {
				t.Grid = &[2]int{}
			}
			*t.Grid = [2]int{max(t.Grid[0], c.Place[0]+1), max(t.Grid[1], c.Place[1]+1)}
		}
		for _, r := range c.Routes {
			hops[i] = append(hops[i], distance(c.Place, b.img.Cores[r.Core].Place))
		}
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
