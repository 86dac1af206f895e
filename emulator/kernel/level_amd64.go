//go:build !noasm

package kernel

import "spikec/internal/simd"

//go:generate go -C _gen run . -out ../kernel_amd64.s

// The kernels in kernel_amd64.s, which the module in _gen writes.

//go:noescape
func listAVX2(p *List)

//go:noescape
func joinedAVX2(p *List)

//go:noescape
func listAVX512(p *List)

//go:noescape
func joinedAVX512(p *List)

//go:noescape
func gatherAVX2(p *Gather)

//go:noescape
func gatherSmallAVX2(p *Gather)

//go:noescape
func gatherAVX512(p *Gather)

//go:noescape
func gatherSmallAVX512(p *Gather)

//go:noescape
func gatherWideAVX2(p *Gather)

//go:noescape
func gatherWideSmallAVX2(p *Gather)

//go:noescape
func gatherWideAVX512(p *Gather)

//go:noescape
func gatherWideSmallAVX512(p *Gather)

//go:noescape
func tapsAVX2(p *Taps)

//go:noescape
func tapsAVX512(p *Taps)

//go:noescape
func countAVX2(counts, spikes []uint64, stride, steps int)

//go:noescape
func countAVX512(counts, spikes []uint64, stride, steps int)

//go:noescape
func currentsAVX2(p *Currents)

//go:noescape
func currentsAVX512(p *Currents)

//go:noescape
func packAVX2(dst []uint64, a, b []int32)

//go:noescape
func widenAVX2(dst []int32, w []uint64)

//go:noescape
func accumulateAVX2(dst []int32, w []uint64)

//go:noescape
func orAVX2(dst, spikes []uint64, stride, steps int)

//go:noescape
func addLanesAVX2(dst, w []uint64)

//go:noescape
func addScaledAVX2(acc, w []int32, k int32)

//go:noescape
func onesAVX2(w []uint64) int

//go:noescape
func fire16AVX2(p *Fire16)

//go:noescape
func fire16AVX2Zero(p *Fire16)

//go:noescape
func fire16WideAVX2(p *Fire16)

//go:noescape
func fire16WideAVX2Zero(p *Fire16)

//go:noescape
func fire16AVX512(p *Fire16)

//go:noescape
func fire16AVX512Zero(p *Fire16)

//go:noescape
func fire16WideAVX512(p *Fire16)

//go:noescape
func fire16WideAVX512Zero(p *Fire16)

//go:noescape
func gather32AVX2(p *Gather32[int32])

//go:noescape
func gather32AVX512(p *Gather32[int32])

//go:noescape
func gatherRealAVX2(p *Gather32[float32])

//go:noescape
func gatherRealAVX512(p *Gather32[float32])

//go:noescape
func fire32AVX2(p *Fire32)

//go:noescape
func fire32AVX2Zero(p *Fire32)

//go:noescape
func fire32AVX512(p *Fire32)

//go:noescape
func fire32AVX512Zero(p *Fire32)

//go:noescape
func fireRealAVX2(p *FireReal)

//go:noescape
func fireRealAVX2Zero(p *FireReal)

//go:noescape
func fireRealAVX512(p *FireReal)

//go:noescape
func fireRealAVX512Zero(p *FireReal)

//go:noescape
func signed32AVX2(p *Signed32)

//go:noescape
func signedRealAVX2(p *SignedReal)

// addLevels adds the levels that the processor has.
func addLevels() {
	if simd.Available() >= simd.AVX2 {
		levels[simd.AVX2] = &level{
			rowBlock: RowBlock, list: listAVX2, joined: joinedAVX2, taps: tapsAVX2, count: countAVX2,
			gather:     [2]func(*Gather){gatherAVX2, gatherSmallAVX2},
			gatherWide: [2]func(*Gather){gatherWideAVX2, gatherWideSmallAVX2},
			fire16:     [2]func(*Fire16){fire16AVX2, fire16AVX2Zero},
			fire16Wide: [2]func(*Fire16){fire16WideAVX2, fire16WideAVX2Zero},
			gather32:   gather32AVX2, gatherReal: gatherRealAVX2,
			fire32:   [2]func(*Fire32){fire32AVX2, fire32AVX2Zero},
			fireReal: [2]func(*FireReal){fireRealAVX2, fireRealAVX2Zero},
			signed32: signed32AVX2, signedReal: signedRealAVX2,
			currents: currentsAVX2, pack: packAVX2, ones: onesAVX2, widen: widenAVX2, accumulate: accumulateAVX2,
			or: orAVX2, addLanes: addLanesAVX2, addScaled: addScaledAVX2,
		}
	}
	if simd.Available() >= simd.AVX512 {
		levels[simd.AVX512] = &level{
			rowBlock: 2 * RowBlock, list: listAVX512, joined: joinedAVX512, taps: tapsAVX512, count: countAVX512,
			gather:     [2]func(*Gather){gatherAVX512, gatherSmallAVX512},
			gatherWide: [2]func(*Gather){gatherWideAVX512, gatherWideSmallAVX512},
			fire16:     pairs(fire16AVX512, fire16AVX512Zero, fire16AVX2, fire16AVX2Zero),
			fire16Wide: pairs(fire16WideAVX512, fire16WideAVX512Zero, fire16WideAVX2, fire16WideAVX2Zero),
			gather32:   gather32AVX512, gatherReal: gatherRealAVX512,
			fire32:   [2]func(*Fire32){fire32AVX512, fire32AVX512Zero},
			fireReal: [2]func(*FireReal){fireRealAVX512, fireRealAVX512Zero},
			signed32: signed32AVX2, signedReal: signedRealAVX2,
			currents: currentsAVX512, pack: packAVX2, ones: onesAVX2, widen: widenAVX2, accumulate: accumulateAVX2,
			or: orAVX2, addLanes: addLanesAVX2, addScaled: addScaledAVX2,
		}
	}
}

// pairs returns kernels, by reset, that take an even number of words at once and leave a last one to others.
func pairs(two, twoZero, one, oneZero func(*Fire16)) [2]func(*Fire16) {
	join := func(two, one func(*Fire16)) func(*Fire16) {
		return func(f *Fire16) {
			even := f.Words &^ 1
			if even > 0 {
				rest := f.Words
				f.Words = even
				two(f)
				f.Words = rest
			}
			if even < f.Words {
				last := f.last()
				one(&last)
				f.Saturated = last.Saturated
			}
		}
	}
	return [2]func(*Fire16){join(two, one), join(twoZero, oneZero)}
}
