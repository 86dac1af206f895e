package place

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"spikec/emulator"
	"spikec/internal/window"
	"spikec/target/chip"
	"spikec/target/image"
)

// TestDivide: spans follow each other, differ by one at most, and the larger ones lie at both ends.
func TestDivide(t *testing.T) {
	for _, c := range []struct {
		n, count int
		want     string
	}{{8, 3, "[3 2 3]"}, {8, 4, "[2 2 2 2]"}, {7, 4, "[2 2 1 2]"}, {5, 5, "[1 1 1 1 1]"}, {9, 1, "[9]"}, {10, 4, "[3 2 2 3]"}} {
		var sizes []int
		at := 0
		for _, s := range divide(c.n, c.count) {
			if s.from != at {
				t.Errorf("%d in %d: %v", c.n, c.count, divide(c.n, c.count))
			}
			at = s.to
			sizes = append(sizes, s.size())
		}
		if got := fmt.Sprint(sizes); got != c.want || at != c.n {
			t.Errorf("%d in %d: %s up to %d, want %s", c.n, c.count, got, at, c.want)
		}
	}
}

// drawArea draws a stretch or a block of a population.
func drawArea(t *rapid.T, shape [3]int) area {
	within := func(name string, n int) span {
		from := rapid.IntRange(0, n-1).Draw(t, name+" from")
		return span{from, rapid.IntRange(from+1, n).Draw(t, name+" to")}
	}
	if rapid.Bool().Draw(t, "a stretch") {
		s := within("neurons", shape[0]*shape[1]*shape[2])
		return stretch(shape[0], s.from, s.size())
	}
	return block(shape, within("rows", shape[1]), within("columns", shape[2]), within("channels", shape[0]))
}

// TestArea: a stretch is together and has all its neurons; a block is together where it is the whole of what it is narrower in.
func TestArea(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := [3]int{rapid.IntRange(1, 4).Draw(t, "C"), rapid.IntRange(1, 4).Draw(t, "H"), rapid.IntRange(1, 4).Draw(t, "W")}
		a := drawArea(t, shape)
		var list []int
		a.each(func(n, neuron int) {
			if n != len(list) {
				t.Fatalf("neuron %d of the area comes as number %d", n, len(list))
			}
			list = append(list, neuron)
		})
		first, together := a.first()
		if len(list) != a.neurons || !slices.IsSorted(list) || first != list[0] || together != (list[len(list)-1] == first+a.neurons-1) {
			t.Fatalf("%+v: %v, first %d, together %v", a, list, first, together)
		}
	})
}

// TestUnroll: whatever the window, the groups and the area, unroll is c.Each of the whole target without what is beyond the area, with
// a row for every pattern that differs and for no other.
func TestUnroll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := rapid.IntRange(1, 2).Draw(t, "groups")
		in := [3]int{groups * rapid.IntRange(1, 2).Draw(t, "input channels"), rapid.IntRange(3, 7).Draw(t, "H"), rapid.IntRange(3, 7).Draw(t, "W")}
		var w window.Window2d
		for d := range 2 {
			w.Kernel[d], w.Stride[d], w.Dilation[d] = rapid.IntRange(1, 3).Draw(t, "kernel"), rapid.IntRange(1, 2).Draw(t, "stride"), rapid.IntRange(1, 2).Draw(t, "dilation")
			w.PadBegin[d], w.PadEnd[d] = rapid.IntRange(0, w.Kernel[d]-1).Draw(t, "pad"), rapid.IntRange(0, w.Kernel[d]-1).Draw(t, "pad")
		}
		c := &image.Conv2d{In: in, Groups: groups, Window: w}
		if rapid.Bool().Draw(t, "pool") {
			pool := window.Square(2, rapid.IntRange(1, 2).Draw(t, "stride of the pool"))
			c.Pool = &pool
		}
		size, err := w.Output([2]int{c.Pooled(0), c.Pooled(1)})
		if err != nil || size[0] < 1 || size[1] < 1 {
			t.Skip("the window does not fit")
		}
		c.Out = [3]int{groups * rapid.IntRange(1, 3).Draw(t, "output channels"), size[0], size[1]}
		c.Neurons = c.Out[0] * size[0] * size[1]
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		for range w.Kernel[0] * w.Kernel[1] * in[0] / groups * c.Out[0] {
			c.Weight = append(c.Weight, int32(r.IntN(4)-1)) // many alike, and zeros
		}
		a := drawArea(t, c.Out)
		inside := map[int]int32{}
		a.each(func(n, neuron int) { inside[neuron] = int32(n) })

		axons, table := unroll(c, a)
		rows, next := map[string]bool{}, 0
		for axon := range c.Axons() {
			var want, got []int32
			base := int32(1 << 30)
			c.Each(axon, func(n int, w int32) {
				if k, ok := inside[n]; ok {
					want = append(want, k, w)
					base = min(base, k)
				}
			})
			if want == nil {
				continue
			}
			if next == len(axons) || axons[next] != axon {
				t.Fatalf("axons %v lack %d", axons, axon)
			}
			table.Each(next, func(n int, w int32) { got = append(got, int32(n), w) })
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("axon %d (-want +got):\n%s", axon, d)
			}
			next++
			for i := 0; i < len(want); i += 2 {
				want[i] -= base
			}
			rows[fmt.Sprint(want)] = true
		}
		if next != len(axons) || len(table.RowStart)-1 != len(rows) {
			t.Fatalf("%d axons of %d, %d rows of %d", len(axons), next, len(table.RowStart)-1, len(rows))
		}
	})
}

// TestBlocks: with room for the synapses of few neurons, blocks of few channels repeat fewer weights than stretches. The way that is taken is
// never dearer than stretches, and its image does what the network does.
func TestBlocks(t *testing.T) {
	seen := 0
	for seed := range uint64(12) {
		p := profile(t, "loihi1", func(c *chip.Capacity) {
			c.Cores, c.ThresholdConfigs = nil, nil
			c.SynapseBits, c.AxonsIn, c.Neurons = to(4000+int(seed)*1000), to(100), to(24)
		})
		net := network(t, p, shape{channels: 6, groups: 1, classes: 2}, seed)
		pl := newPlacer(net, p)
		for i := net.Output(); i > 0; i-- {
			if err := pl.split(t.Context(), i); err != nil {
				t.Fatal(err)
			}
			s := newSplitter(pl, i)
			if !s.stretches(t.Context()) {
				t.Fatal(pl.found)
			}
			if before, now := s.least, s.expense(pl.parts[i]); now.compare(before) > 0 {
				t.Errorf("seed %d, population %d: %+v, stretches %+v", seed, i, now, before)
			} else if now.compare(before) < 0 {
				seen++
			}
		}
		img := placed(t, net, p)
		if _, err := emulator.NewFast(img, p); err != nil {
			t.Error(err)
		}
		equal(t, net, img, p, seed)
	}
	if seen == 0 {
		t.Error("nothing is divided into blocks")
	}
}

// TestBlocksByHand: 6 channels of 5×4 neurons, 30 a core, need 4 cores. In H,W,C order they are whole positions, which read all channels
// of three rows or more. Spans of channels alone read everything each; two spans of rows and two of columns read the least.
func TestBlocksByHand(t *testing.T) {
	p := profile(t, "loihi1", func(c *chip.Capacity) { c.Neurons = to(36) })
	net := network(t, p, shape{channels: 6, groups: 1, classes: 2}, 1)
	for j := range net.Projections {
		for k := range net.Projections[j].Weight {
			net.Projections[j].Weight[k] = 2 // no axon without a synapse
		}
	}
	img := placed(t, net, p)
	axons, held := 0, map[int]bool{}
	for i := range img.Cores {
		c := &img.Cores[i]
		if c.Population != "second" {
			continue
		}
		axons += c.Axons()
		if c.Members == nil {
			t.Errorf("core %d is no block", i)
		}
		for n := range c.Neurons {
			held[c.Index(n)] = true
		}
	}
	// Rows 0..2 and 3..4 of 5 read 4 and 3, columns 0..1 and 2..3 of 4 read 3 each.
	if want := 6 * (4 + 3) * (3 + 3); axons != want || len(held) != 120 {
		t.Errorf("%d axons, want %d; %d neurons, want 120", axons, want, len(held))
	}
	equal(t, net, img, p, 1)
}

// TestBlocksWithinTargets: blocks that would be cheaper are not taken where neurons of a source would send to more cores than they may.
func TestBlocksWithinTargets(t *testing.T) {
	change := func(c *chip.Capacity) { c.Neurons = to(36) }
	p := profile(t, "loihi1", change)
	net := network(t, p, shape{channels: 6, groups: 1, classes: 2}, 1)
	// most is how many axons a neuron sends to at most, once all populations from the second on are divided.
	most := func(p *chip.Profile, divided func(pl *placer, i int)) (n int) {
		pl := newPlacer(net, p)
		for i := net.Output(); i > 0; i-- {
			divided(pl, i)
			n = max(n, slices.Max(pl.outDegree(i)))
		}
		return n
	}
	stretches := most(p, func(pl *placer, i int) {
		s := newSplitter(pl, i)
		if !s.stretches(t.Context()) {
			t.Fatal(pl.found)
		}
		pl.parts[i] = s.best
	})
	if blocks := most(p, func(pl *placer, i int) {
		if err := pl.split(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}); blocks <= stretches {
		t.Fatalf("a neuron sends to %d cores with blocks, and %d with stretches", blocks, stretches)
	}
	limited := profile(t, "loihi1", func(c *chip.Capacity) { change(c); c.Targets = to(stretches) })
	img := placed(t, net, limited)
	equal(t, net, img, limited, 1)
}

// TestInterrupted: a placement ends with its context, however many ways to divide a population are left.
func TestInterrupted(t *testing.T) {
	for _, target := range []string{"loihi1", "ranc"} {
		p := profile(t, target, nil)
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if img, _, err := Run(ctx, network(t, p, shape{channels: 2, groups: 1, classes: 2}, 1), p); !errors.Is(err, context.Canceled) || img != nil {
			t.Errorf("%s: %v, %v", target, img, err)
		}
	}
}
