package columns

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// extremes are numbers at which a loop may go wrong.
var extremes = []int32{-1 << 31, -1<<31 + 1, -1, 0, 1, 1<<31 - 2, 1<<31 - 1, -256, 255, 256, -257, 1 << 15, -1 << 15}

// column returns random numbers.
func column(r *rand.Rand, n int) []int32 {
	x := make([]int32, n)
	for i := range x {
		if x[i] = int32(r.Uint32()) >> r.IntN(32); r.IntN(4) == 0 {
			x[i] = extremes[r.IntN(len(extremes))]
		}
	}
	return x
}

// loops are the functions of this package on columns x, y, z, w, with dst as large. Each returns everything that it found
// out besides dst.
var loops = []struct {
	name string
	run  func(dst, x, y, z, w []int32, k uint) []uint64
}{
	{"Add", func(dst, x, y, _, _ []int32, _ uint) []uint64 { Add(dst, x, y); return nil }},
	{"Add to itself", func(dst, x, y, _, _ []int32, _ uint) []uint64 { copy(dst, x); Add(dst, dst, y); return nil }},
	{"Add3", func(dst, x, y, z, _ []int32, _ uint) []uint64 { Add3(dst, x, y, z); return nil }},
	{"AddProduct", func(dst, x, y, z, _ []int32, _ uint) []uint64 { AddProduct(dst, x, y, z); return nil }},
	{"Mul", func(dst, x, y, _, _ []int32, _ uint) []uint64 { Mul(dst, x, y); return nil }},
	{"Scale, floor", func(dst, x, y, _, _ []int32, k uint) []uint64 { Scale(dst, x, y, k, Floor(k)); return nil }},
	{"Scale, to zero", func(dst, x, y, _, _ []int32, k uint) []uint64 { Scale(dst, x, y, k, ToZero(k)); return nil }},
	{"Scale, to even", func(dst, x, y, _, _ []int32, k uint) []uint64 { Scale(dst, x, y, k, ToEven(k)); return nil }},
	{"Scale, half away", func(dst, x, y, _, _ []int32, k uint) []uint64 { Scale(dst, x, y, k, HalfAway(k)); return nil }},
	{"Clamp", func(dst, x, y, z, _ []int32, _ uint) []uint64 { return []uint64{uint64(Clamp(dst, x, y, z))} }},
	{"AddSaturated", func(dst, x, y, _, _ []int32, _ uint) []uint64 { return []uint64{uint64(AddSaturated(dst, x, y))} }},
	{"Wrap", func(dst, x, _, _, _ []int32, k uint) []uint64 {
		copy(dst, x)
		return []uint64{uint64(Wrap(dst, 1+int(k%31)))}
	}},
	{"LeakToZero", func(dst, x, y, _, _ []int32, _ uint) []uint64 { LeakToZero(dst, x, y); return nil }},
	{"Above", func(dst, x, y, _, _ []int32, _ uint) []uint64 { Above(dst, x, y); return nil }},
	{"NotBelow", func(dst, x, y, _, _ []int32, _ uint) []uint64 { NotBelow(dst, x, y); return nil }},
	{"AndNot", func(dst, x, y, _, _ []int32, _ uint) []uint64 { copy(dst, x); AndNot(dst, y); return nil }},
	{"Reset", func(dst, x, y, z, w []int32, _ uint) []uint64 { Reset(dst, x, flagsOf(y), z, w); return nil }},
	{"Pack", func(_, x, _, _, _ []int32, _ uint) []uint64 {
		words := make([]uint64, (len(x)+63)/64)
		Pack(words, flagsOf(x))
		return words
	}},
	{"Fire", func(dst, x, y, z, w []int32, k uint) []uint64 {
		words := slices.Repeat([]uint64{1 << 63}, (len(x)+63)/64)
		copy(dst, x)
		keep := -int32(k & 1)
		return append(words, uint64(Fire(dst, y, z, w, y, words, Rule{k % 32, -1 << 20, 1 << 24, keep})))
	}},
	{"FireSigned", func(dst, x, y, z, w []int32, k uint) []uint64 {
		words := slices.Repeat([]uint64{1 << 63}, 2*((len(x)+63)/64))
		copy(dst, x)
		count := slices.Clone(w)
		for i := range count {
			count[i] %= 4
		}
		up, down := words[:len(words)/2], words[len(words)/2:]
		changed := FireSigned(dst, count, y, z, w, y, up, down, Signed{k % 32, -1 << 20, 1 << 24, 2})
		for i, c := range count { // the counts, too
			dst[i] ^= c << 28
		}
		return append(words, uint64(changed))
	}},
	{"AddGuarded", func(dst, x, y, z, w []int32, _ uint) []uint64 {
		words := slices.Repeat([]uint64{1 << 63}, (len(x)+63)/64)
		copy(dst, x)
		return append(words, uint64(bit(AddGuarded(dst, y, z, w, slices.Repeat([]int32{1000}, len(x)), words))))
	}},
}

// flagsOf returns flags that are set for odd numbers.
func flagsOf(x []int32) []int32 {
	f := make([]int32, len(x))
	for i := range f {
		f[i] = -(x[i] & 1)
	}
	return f
}

// TestVector: the kernels compute what the Go loops compute, number by number, whatever the length is.
func TestVector(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, l := range loops {
		for n := range 210 {
			x, y, z, w, k := column(r, n), column(r, n), column(r, n), column(r, n), r.UintN(63)
			if n%2 == 0 {
				k %= 33
			}
			got := make([]int32, n)
			found := l.run(got, x, y, z, w, k)
			for i := range n { // one by one, no kernel runs
				one := make([]int32, 1)
				l.run(one, x[i:i+1], y[i:i+1], z[i:i+1], w[i:i+1], k)
				if got[i] != one[0] {
					t.Fatalf("%s: number %d of %d is %d, want %d", l.name, i, n, got[i], one[0])
				}
			}
			plain := make([]int32, n)
			if want := scalar(func() []uint64 { return l.run(plain, x, y, z, w, k) }); !slices.Equal(found, want) {
				t.Fatalf("%s of %d numbers: %x, want %x", l.name, n, found, want)
			}
		}
	}
}
