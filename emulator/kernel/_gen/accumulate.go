package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// accumulate generates accumulateGo.
func accumulate() {
	eachEight("accumulate", func(w, dst Mem, x reg.VecVirtual) {
		VPMOVZXWD(w, x)
		VPADDD(dst, x, x)
	})
}
