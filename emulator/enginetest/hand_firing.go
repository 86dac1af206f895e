package enginetest

import (
	"fmt"
	"testing"

	"spikec/target/image"
)

// did returns what neuron 0 of a core did in every step: its spike and its membrane.
func did(t *testing.T, e engineRun, core int, codes ...uint8) string {
	t.Helper()
	text := ""
	_, err := e.session(t).Trace(codes, 0, func(i, step int, spikes []int8, membranes []int32) {
		if i == core {
			text += fmt.Sprintf("%d:%d %d; ", step, spikes[0], membranes[0])
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// signedSpikes: source 0 fires in every step and brings 3, source 1 fires in every second one and brings −8; the neuron has
// threshold 4 and a bias of 1. Membranes: 0 + 3 + 1 = 4 fires, 0; 4 − 8 = −4 is taken back, 0; then again. What is behind it
// gets 5 for each spike, and −5 for each that is taken back. With no bias: 3; 6 − 8 = −2, and there is nothing to take back;
// 1; 4 − 8 = −4; −1; −6.
func signedSpikes(t *testing.T, make Constructor) {
	p := profile(t, "generic8-signed")
	for bias, steps := range map[int32][2]string{
		1: {"0:1 0; 1:-1 0; 2:1 0; 3:-1 0; 4:1 0; 5:-1 0; ", "0:0 5; 1:0 0; 2:0 5; 3:0 0; 4:0 5; 5:0 0; "},
		0: {"0:0 3; 1:0 -2; 2:0 1; 3:0 -4; 4:0 -1; 5:0 -6; ", "0:0 0; 1:0 0; 2:0 0; 3:0 0; 4:0 0; 5:0 0; "},
	} {
		cores := []image.Core{vector(p, "in", 2, 2), vector(p, "if", 1, 4), vector(p, "out", 1, 100)}
		cores[1].Registers["bias"] = []int32{bias}
		join(cores, 0, []int32{3, -8})
		join(cores, 1, []int32{5})
		img := driven(p, 6, cores...)
		run := engineRun{make, img, p}
		for core := range 2 {
			want(t, fmt.Sprintf("bias %d, core %d", bias, core+1), did(t, run, core+1, 2, 1), steps[core])
		}
		r := present(t, make, img, p, 2, 1)
		fired := int64(6 * bias)
		want(t, "spikes", r.Counters.Spikes, []int64{6 + 3, fired, 0})
		want(t, "synaptic operations", r.Counters.SynapticOperations, int64(6+3)+fired)
		img.Output = image.Output{Cores: []int{1}, Classes: 1, Readout: "count"}
		r = present(t, make, img, p, 2, 1)
		want(t, "net counts after 2, 4 and 6 steps", r.Counts, [][]int32{{0}, {0}, {0}})
	}
}

// twoStages: currents 0, 1, 2, 3 of 4 steps from 2 against threshold 4 fire clip(⌊(4·current + 2)/4⌋, 0, 4) times, so
// 0, 1, 2 and 3, in the first steps of the second stage. Behind them 3·(0+1+2+3) − 1·4 = 14 against 4 fires 3 times and 2
// remains; a neuron that gets more than 4 thresholds fires 4 times.
func twoStages(t *testing.T, make Constructor) {
	p := profile(t, "generic8-staged")
	cores := []image.Core{vector(p, "in", 4, 4), vector(p, "if", 2, 4)}
	cores[0].InitialV = []int32{2}
	cores[1].Start = 4
	cores[1].Registers["bias"] = []int32{-1}
	join(cores, 0, []int32{3, 9, 3, 9, 3, 9, 3, 9})
	img := driven(p, 4, cores...)
	run := engineRun{make, img, p}
	want(t, "the last source", did(t, run, 0, 3, 2, 1, 0), "0:0 5; 1:0 8; 2:0 11; 3:0 14; 4:1 10; 5:1 6; 6:1 2; 7:0 2; ")
	want(t, "the target", did(t, run, 1, 3, 2, 1, 0), "0:0 8; 1:0 13; 2:0 15; 3:0 14; 4:1 10; 5:1 6; 6:1 2; 7:0 2; ")
	r := present(t, make, img, p, 3, 2, 1, 0)
	want(t, "checkpoints", r.Steps, []int{4})
	want(t, "counts and membranes", [][]int32{r.Counts[0], r.Potentials[0]}, [][]int32{{3, 4}, {2, 50 - 16}})
	want(t, "counters", []any{r.Counters.Spikes, r.Counters.SynapticOperations, r.Counters.NeuronUpdates}, []any{[]int64{6, 7}, 2 * 6, 8 * 6})
	want(t, "steps of a picture", img.Duration(p), 12)
}

// stagesAndLatency: spikes that travel for 2 steps meet a window that opens 2 steps later; those that arrive while their
// target fires are lost. The source fires in all 3 steps of its second stage; a target that opens one step early loses the
// last spike, and one that opens 2 steps late the first two.
func stagesAndLatency(t *testing.T, make Constructor) {
	own := *profile(t, "generic8-staged")
	own.Execution.Latency = 2
	for start, total := range map[int]int32{5: 15, 4: 10, 7: 5, 8: 0, 2: 0} {
		cores := []image.Core{vector(&own, "in", 1, 1), vector(&own, "if", 1, 100)}
		cores[1].Start = start
		join(cores, 0, []int32{5})
		r := present(t, make, driven(&own, 3, cores...), &own, 1)
		want(t, fmt.Sprintf("window from step %d: membrane", start), r.Potentials[0], []int32{total})
		want(t, fmt.Sprintf("window from step %d: operations", start), r.Counters.SynapticOperations, total/5)
	}
}
