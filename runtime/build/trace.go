package build

import (
	"fmt"
	"strings"

	"spikec/emulator"
	"spikec/internal/diag"
	"spikec/runtime/dataset/npz"
	"spikec/target/image"
)

// maxTrace bounds the memory of a trace. [bytes]
const maxTrace = 1 << 29

// trace keeps what every neuron did in every step of some images.
type trace struct {
	img    *image.Image
	n      int
	steps  int   // of a window
	index  []int // core → layer
	layers []traceLayer
}

// traceLayer is one population: images × steps × neurons, neurons in C,H,W order.
type traceLayer struct {
	name      string
	shape     [3]int
	spikes    []uint8
	membranes []int32
}

// newTrace makes room for n images on a chip whose windows have so many stages.
func newTrace(img *image.Image, stages, n int) (*trace, error) {
	t := &trace{img: img, n: n, steps: stages * img.Steps}
	byName := map[string]int{}
	total := 0
	for i := range img.Cores {
		c := &img.Cores[i]
		k, ok := byName[c.Population]
		if !ok {
			k = len(t.layers)
			byName[c.Population] = k
			t.layers = append(t.layers, traceLayer{name: fmt.Sprintf("%d_%s", k, safe(c.Population)), shape: c.Shape})
			total += size(c.Shape) * t.steps
		}
		t.index = append(t.index, k)
	}
	const width = 5 // a byte for the spike, four for the membrane
	if most := maxTrace / width / total; n > most {
		return nil, &diag.Failure{List: diag.List{{ID: idTraceSize, Severity: diag.Error, Subject: "--trace",
			Message: "the trace of so many images takes too much memory", Value: n, Limit: most, Remedy: "give fewer images at a time"}}}
	}
	for k := range t.layers {
		l := &t.layers[k]
		l.spikes = make([]uint8, n*t.steps*size(l.shape))
		l.membranes = make([]int32, len(l.spikes))
	}
	return t, nil
}

// safe replaces what may not stand in the name of a file.
func safe(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, name)
}

// observer returns what records image i. Different images may be recorded at once.
func (t *trace) observer(i int) emulator.Observer {
	return func(core, step int, spikes []int8, membranes []int32) {
		l, held := &t.layers[t.index[core]], &t.img.Cores[core]
		c, plane := l.shape[0], l.shape[1]*l.shape[2]
		at := (i*t.steps + step) * c * plane
		for n := range spikes {
			k := held.Index(n) // H,W,C
			to := at + k%c*plane + k/c
			l.membranes[to] = membranes[n]
			l.spikes[to] = uint8(spikes[n]) // 255 for one of −1
		}
	}
}

// arrays returns the trace.
func (t *trace) arrays() []*npz.Array {
	var all []*npz.Array
	for _, l := range t.layers {
		shape := []int{t.n, t.steps, l.shape[0], l.shape[1], l.shape[2]}
		all = append(all, npz.Uint8s("spikes_"+l.name, l.spikes, shape...), npz.Int32s("membranes_"+l.name, l.membranes, shape...))
	}
	return all
}
