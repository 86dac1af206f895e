package kernel

import (
	"math/rand/v2"
	"reflect"
	"runtime/debug"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"spikec/internal/simd"
)

// guard is memory for slices that end where a page begins that must not be touched.
type guard struct {
	t     *testing.T
	areas [][]byte
}

// area returns so many bytes that end at such a page.
func (g *guard) area(bytes int) []byte {
	page := unix.Getpagesize()
	end := (bytes + page - 1) / page * page
	area, err := unix.Mmap(-1, 0, end+page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		g.t.Fatal(err)
	}
	g.areas = append(g.areas, area)
	if err := unix.Mprotect(area[end:], unix.PROT_NONE); err != nil {
		g.t.Fatal(err)
	}
	return area[end-bytes : end]
}

// slices moves every slice that problem, a pointer to a struct, has.
func (g *guard) slices(problem any) {
	p := reflect.ValueOf(problem).Elem()
	for i := range p.NumField() {
		if f := p.Field(i); f.Kind() == reflect.Slice && !f.IsNil() {
			of := f.Type().Elem()
			moved := reflect.SliceAt(of, unsafe.Pointer(unsafe.SliceData(g.area(f.Len()*int(of.Size())))), f.Len())
			reflect.Copy(moved, f)
			f.Set(moved)
		}
	}
}

// free gives the memory back.
func (g *guard) free() {
	for _, area := range g.areas {
		if err := unix.Munmap(area); err != nil {
			g.t.Fatal(err)
		}
	}
	g.areas = nil
}

// guarded returns n numbers, all 0, that end at such a page.
func guarded[T any](g *guard, n int) []T {
	x := struct{ X []T }{make([]T, n)}
	g.slices(&x)
	return x.X
}

// guardedRuns run each kernel of a level on a random problem whose slices are as long as its documentation asks for.
var guardedRuns = []struct {
	kernel string
	run    func(g *guard, k *level, r *rand.Rand)
}{
	{"list and joined", func(g *guard, k *level, r *rand.Rand) {
		l := randomList(r)
		shortenList(l)
		g.slices(l)
		l.run(k)
	}},
	{"gather", func(g *guard, k *level, r *rand.Rand) { guardGather(g, k, r, false) }},
	{"gatherWide", func(g *guard, k *level, r *rand.Rand) { guardGather(g, k, r, true) }},
	{"gather32", guardGather32[int32]},
	{"gatherReal", guardGather32[float32]},
	{"taps", func(g *guard, k *level, r *rand.Rand) {
		x := randomTaps(r)
		filled := (x.Channels + TapBlock - 1) / TapBlock * TapBlock
		x.Sums = shorten(x.Sums, x.Steps, x.SumStride/4, ((x.To-x.From-1)*x.Padded+filled)/4)
		x.Init = shorten(x.Init, x.Steps, x.InitStride/4, ((x.To-x.From-1)*x.Padded+filled)/4)
		g.slices(x)
		x.run(k)
	}},
	{"fire16", func(g *guard, k *level, r *rand.Rand) {
		f := randomFire16(r, r.IntN(16))
		f.Spikes = shorten(f.Spikes, f.Steps, f.SpikeStride, f.Words)
		f.Sums = shorten(f.Sums, f.Steps, f.SumStride/4, Block16*f.Words)
		f.Wide = shorten(f.Wide, f.Steps, f.SumStride, 64*f.Words)
		g.slices(f)
		f.run(k)
	}},
	{"fire32", func(g *guard, k *level, r *rand.Rand) {
		f := randomFire32(r, r.IntN(2) == 0)
		f.Spikes = shorten(f.Spikes, f.Steps, f.SpikeStride, f.Words)
		f.Sums = shorten(f.Sums, f.Steps, f.SumStride, 64*f.Words)
		g.slices(f)
		f.run(k)
	}},
	{"fireReal", func(g *guard, k *level, r *rand.Rand) {
		f := randomFireReal(r, r.IntN(2) == 0, false)
		f.Spikes = shorten(f.Spikes, f.Steps, f.SpikeStride, f.Words)
		f.Sums = shorten(f.Sums, f.Steps, f.SumStride, 64*f.Words)
		g.slices(f)
		f.run(k)
	}},
	{"signed32", func(g *guard, k *level, r *rand.Rand) {
		f := randomSigned32(r)
		f.Spikes, f.Negative = shorten(f.Spikes, f.Steps, f.SpikeStride, f.Words), shorten(f.Negative, f.Steps, f.SpikeStride, f.Words)
		f.Sums = shorten(f.Sums, f.Steps, f.SumStride, 64*f.Words)
		g.slices(f)
		f.run(k)
	}},
	{"signedReal", func(g *guard, k *level, r *rand.Rand) {
		f := randomSignedReal(r, false)
		f.Spikes, f.Negative = shorten(f.Spikes, f.Steps, f.SpikeStride, f.Words), shorten(f.Negative, f.Steps, f.SpikeStride, f.Words)
		f.Sums = shorten(f.Sums, f.Steps, f.SumStride, 64*f.Words)
		g.slices(f)
		f.run(k)
	}},
	{"currents", func(g *guard, k *level, r *rand.Rand) {
		c := randomCurrents(r)
		g.slices(c)
		c.run(k)
	}},
	{"count", func(g *guard, k *level, r *rand.Rand) {
		words, steps := r.IntN(5), 1+r.IntN(9)
		stride := words + r.IntN(3)
		k.count(guarded[uint64](g, Block16*words), guarded[uint64](g, (steps-1)*stride+words), stride, steps)
	}},
	{"or", func(g *guard, k *level, r *rand.Rand) {
		words, steps := r.IntN(10), 1+r.IntN(9)
		stride := words + r.IntN(3)
		k.or(guarded[uint64](g, words), guarded[uint64](g, (steps-1)*stride+words), stride, steps)
	}},
	{"pack", func(g *guard, k *level, r *rand.Rand) {
		words := 4 * r.IntN(5)
		k.pack(guarded[uint64](g, words), guarded[int32](g, 4*words), guarded[int32](g, 4*words))
	}},
	{"ones", func(g *guard, k *level, r *rand.Rand) { k.ones(guarded[uint64](g, r.IntN(20))) }},
	{"widen", func(g *guard, k *level, r *rand.Rand) {
		eights := r.IntN(5)
		k.widen(guarded[int32](g, 8*eights), guarded[uint64](g, 2*eights))
	}},
	{"accumulate", func(g *guard, k *level, r *rand.Rand) {
		eights := r.IntN(5)
		k.accumulate(guarded[int32](g, 8*eights), guarded[uint64](g, 2*eights))
	}},
	{"addLanes", func(g *guard, k *level, r *rand.Rand) {
		words := r.IntN(20)
		k.addLanes(guarded[uint64](g, words), guarded[uint64](g, words))
	}},
}

// shorten leaves of a slice what steps need that begin a stride apart, the last one of which is so long.
func shorten[T any](x []T, steps, stride, last int) []T {
	if x == nil || steps < 1 {
		return x
	}
	return x[:max(0, (steps-1)*stride+last)]
}

// shortenList leaves what the last step needs. How many entries those are, a run tells.
func shortenList(l *List) {
	if l.Steps < 1 {
		return
	}
	l.run(levels[simd.Scalar])
	entries := l.Ranks[(l.Steps-1)*l.RankStride+l.Positions]
	l.Entries = shorten(l.Entries, l.Steps, l.EntryStride, int(entries)+EntrySlack)
	l.Ranks = shorten(l.Ranks, l.Steps, l.RankStride, l.Positions+1)
}

// readBehind is how many entries behind a segment Gather and Gather32 read.
const readBehind = 32

// guardGather runs Gather.
func guardGather(g *guard, k *level, r *rand.Rand, wide bool) {
	x, _ := randomGather(r, k, wide)
	most := 0
	for p := x.From; p < x.To; p++ {
		for s := range x.Steps {
			most = max(most, len(x.window(p, s)))
		}
	}
	x.Scratch = x.Scratch[:most+EntrySlack]
	x.Entries = shorten(x.Entries, x.Steps, x.EntryStride, int(x.Ranks[len(x.Ranks)-1])+readBehind)
	sums := (x.To-x.From-1)*x.Padded + x.RowBytes
	x.Sums, x.Wide = shorten(x.Sums, x.Steps, x.SumStride/4, sums/4), shorten(x.Wide, x.Steps, x.SumStride, sums)
	x.Init, x.WideInit = shorten(x.Init, x.Steps, x.InitStride/4, sums/4), shorten(x.WideInit, x.Steps, x.InitStride, sums)
	g.slices(x)
	x.run(k)
}

// guardGather32 runs Gather32.
func guardGather32[N float32 | int32](g *guard, k *level, r *rand.Rand) {
	x := randomGather32[N](r)
	x.Entries = shorten(x.Entries, x.Steps, x.EntryStride, int(x.Ranks[len(x.Ranks)-1])+readBehind)
	sums := (x.To-x.From-1)*x.Padded + x.Columns
	x.Sums, x.Init = shorten(x.Sums, x.Steps, x.SumStride, sums), shorten(x.Init, x.Steps, x.InitStride, sums)
	g.slices(x)
	x.run(k)
}

// TestGuard: no kernel of any level reads or writes behind what its documentation asks for.
func TestGuard(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *level, r *rand.Rand) {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		for _, x := range guardedRuns {
			for trial := range 150 {
				g := &guard{t: t}
				func() {
					defer func() {
						if fault := recover(); fault != nil {
							t.Errorf("%s, trial %d: %v", x.kernel, trial, fault)
						}
					}()
					x.run(g, k, r)
				}()
				g.free()
			}
		}
	})
}
