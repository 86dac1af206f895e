package image

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// slow hides a kind's fast way of computing a fan.
type slow struct{ Synapses }

func TestConv2dFan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawConv2d(t)
		fast, plain := newFan(s.Neurons), newFan(s.Neurons)
		fast.add(s, nil)
		plain.add(slow{s}, nil)
		if d := cmp.Diff(plain, fast); d != "" {
			t.Fatalf("%+v: %s", s, d)
		}
	})
}

// Every axon arrives as often as routes end there; an axon that no route feeds does not arrive.
func TestFan(t *testing.T) {
	m := sample()
	m.Cores[2].Routes = append(m.Cores[2].Routes, Route{First: 0, Count: 1, Core: 3, Axon: 2})
	m.Cores[2].Routes[0].Count = 7 // axon 7 of core 3 stays silent
	// Rows: {0: 5, 2: −127, 1: 0}, {3: 127}, {}; axons 0 and 2 (twice), 4, 5, 6 have row 0, axons 1 and 4 row 1.
	// row 0 from base 0 (axon 0), base 2 twice (axon 2), base 3 (axon 5), base 1 (axon 6); row 1 from base 1 (axon 1)
	// and base 0 (axon 4).
	want := Fan{
		Positive: []int64{5, 5, 10, 5 + 127, 127, 0},
		Negative: []int64{0, 0, -127, -127, -254, -127},
		Synapses: []int64{1, 1, 3, 3, 3, 1},
	}
	if d := cmp.Diff(want, m.Fan(3)); d != "" {
		t.Error(d)
	}
	signed := Fan{
		Positive: []int64{5, 5, 10 + 127, 5 + 127 + 127, 127 + 254, 127},
		Negative: []int64{-5, -5, -10 - 127, -5 - 127 - 127, -127 - 254, -127},
		Synapses: want.Synapses,
	}
	if d := cmp.Diff(signed, want.Signed()); d != "" {
		t.Error(d)
	}
	pos, neg := m.Bound(3)
	if !slices.Equal(pos, want.Positive) || !slices.Equal(neg, want.Negative) {
		t.Errorf("bound %v, %v", pos, neg)
	}
	if pos, neg := m.Bound(0); len(pos) != 36 || slices.Max(pos) != 0 || slices.Min(neg) != 0 {
		t.Errorf("a core without axons: %v, %v", pos, neg)
	}
}

// No choice of spiking axons leaves the bound.
func TestBoundHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawImage(t)
		for i := range m.Cores {
			pos, neg := m.Bound(i)
			sum := make([]int64, m.Cores[i].Neurons)
			for _, b := range m.Cores[i].Synapses {
				for a := range b.Synapses.Axons() {
					if rapid.Bool().Draw(t, "spike") {
						b.Synapses.Each(a, func(n int, w int32) { sum[n] += int64(w) })
					}
				}
			}
			for n, s := range sum {
				if s < neg[n] || s > pos[n] {
					t.Fatalf("core %d neuron %d: %d is not in %d..%d", i, n, s, neg[n], pos[n])
				}
			}
		}
	})
}

// The extremes of a drive are reached by pictures of 0 and 255 only; every other picture lies between them.
func TestDriveRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawImage(t)
		lo, hi := m.DriveRange(0)
		d := &m.Input.Drives[0]
		worst := [2][]int64{make([]int64, len(lo)), make([]int64, len(lo))}
		any := make([]int64, len(lo))
		for a := range d.Synapses.Axons() {
			code := rapid.Int64Range(0, 255).Draw(t, "code")
			d.Synapses.Each(a, func(n int, w int32) {
				worst[0][n] += 255 * min(int64(w), 0)
				worst[1][n] += 255 * max(int64(w), 0)
				any[n] += code * int64(w)
			})
		}
		for n := range lo {
			if lo[n] != d.shifted(worst[0][n]) || hi[n] != d.shifted(worst[1][n]) {
				t.Fatalf("neuron %d: %d..%d, want %d..%d", n, lo[n], hi[n], d.shifted(worst[0][n]), d.shifted(worst[1][n]))
			}
			if x := d.shifted(any[n]); x < lo[n] || x > hi[n] {
				t.Fatalf("neuron %d: a picture gives %d, outside %d..%d", n, x, lo[n], hi[n])
			}
		}
	})
}

func TestShifted(t *testing.T) {
	for _, c := range []struct {
		sum   int64
		shift uint
		want  int64
	}{{5, 0, 5}, {5, 1, 3}, {-5, 1, -2}, {7, 2, 2}, {6, 2, 2}, {5, 2, 1}, {-6, 2, -1}, {-7, 2, -2}} { // halves go up
		if got := (&Drive{Shift: c.shift}).shifted(c.sum); got != c.want {
			t.Errorf("%d >> %d = %d, want %d", c.sum, c.shift, got, c.want)
		}
	}
}
