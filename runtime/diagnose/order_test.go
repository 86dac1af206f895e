package diagnose

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"spikec/convert"
	"spikec/internal/window"
	"spikec/models/ann"
	"spikec/models/snn"
	"spikec/runtime/ladder"
)

// TestOrderOfNodesDoesNotMatter: the sums of two branches stand in front of both rectifiers, or each before its own.
func TestOrderOfNodesDoesNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	a, b := linear(r, 48, 5), linear(r, 48, 6)
	ends := []*ann.Linear{linear(r, 5, 3), linear(r, 6, 3)}
	pre, images := noise(20)
	var all []*ladder.Diagnosis
	for _, names := range [][]string{{"fca", "relua", "fcb", "relub"}, {"fca", "fcb", "relua", "relub"}, {"fcb", "fca", "relua", "relub"}} {
		g := ann.NewGraph("net", "x", ann.Shape{48})
		at := map[string]int{}
		for _, name := range names {
			switch name {
			case "fca":
				at[name] = add(t, g, name, a, 0)
			case "fcb":
				at[name] = add(t, g, name, b, 0)
			default:
				at[name] = add(t, g, name, ann.Relu{}, at["fc"+name[4:]])
			}
		}
		add(t, g, "sum", ann.Add{}, add(t, g, "enda", ends[0], at["relua"]), add(t, g, "endb", ends[1], at["relub"]))
		_, d, _ := look(t, g, pre, images, snn.Plain, options(64))
		if l := d.Layers[1]; l.Name != "relub" || *l.Correlation < 0.99 || l.Costs.Drive > 0.5 {
			t.Errorf("%v: got %+v", names, l)
		}
		all = append(all, d)
	}
	for _, d := range all[1:] {
		if !reflect.DeepEqual(d, all[0]) {
			t.Errorf("got %+v\nwant %+v", d, all[0])
		}
	}
}

// linear is a random fully connected layer.
func linear(r *rand.Rand, in, out int) *ann.Linear {
	l := &ann.Linear{Weight: make([]float32, in*out), In: in, Out: out}
	for i := range l.Weight {
		l.Weight[i] = float32(r.NormFloat64() * math.Sqrt(2/float64(in)))
	}
	return l
}

// shuffled is a random network of branches that are joined, channels behind channels, and of connections past layers; its
// nodes are in a random order among those that are possible.
func shuffled(t *testing.T, r *rand.Rand) *ann.Graph {
	conv := func(in, out int) *ann.Conv {
		w := window.Square(3, 1)
		w.PadBegin, w.PadEnd = [2]int{1, 1}, [2]int{1, 1}
		return &ann.Conv{Weight: linear(r, in*9, out).Weight, In: in, Out: out, Groups: 1, Window: w}
	}
	g := ann.NewGraph("net", "x", ann.Shape{2, 6, 4})
	name := func() string { return string(rune('a' + len(g.Nodes))) }
	add(t, g, name(), conv(2, 4))
	stem := add(t, g, name(), ann.Relu{})
	branches := make([][]ann.Op, 2+r.IntN(2))
	at, skips := make([]int, len(branches)), r.IntN(len(branches)+1)
	for k := range branches {
		at[k] = stem
		branches[k] = []ann.Op{conv(4, 4), ann.Relu{}}
		if k == skips {
			branches[k] = []ann.Op{conv(4, 4), ann.Add{}, ann.Relu{}, conv(4, 4), ann.Relu{}}
		}
	}
	for slices.ContainsFunc(branches, func(ops []ann.Op) bool { return len(ops) > 0 }) {
		k := r.IntN(len(branches))
		if len(branches[k]) == 0 {
			continue
		}
		inputs := []int{at[k]}
		if _, sum := branches[k][0].(ann.Add); sum {
			inputs = append(inputs, stem)
		}
		at[k], branches[k] = add(t, g, name(), branches[k][0], inputs...), branches[k][1:]
	}
	add(t, g, name(), ann.Concat{}, at...)
	add(t, g, name(), conv(4*len(at), 2))
	add(t, g, name(), ann.Relu{})
	add(t, g, name(), ann.Flatten{})
	add(t, g, name(), linear(r, 48, 3))
	return g
}

// signed are random images of −255..255, coded as pairs of channels.
func signed(r *rand.Rand, n int) (convert.Preprocess, convert.Images) {
	values := make([]float32, n*48)
	for i := range values {
		values[i] = float32(r.IntN(511) - 255)
	}
	return convert.Preprocess{Scale: []float64{1.0 / 128}, Pairs: 2}, convert.Images{N: n,
		Codes: func(i int, dst []float32) {
			for k, v := range values[i*48 : (i+1)*48] {
				on := k/24*48 + k%24
				dst[on], dst[on+24] = max(v, 0), max(-v, 0)
			}
		},
		Inputs: func(i int, dst []float32) {
			for k, v := range values[i*48 : (i+1)*48] {
				dst[k] = v / 128
			}
		}}
}

// TestDrives: whatever the graph is, the drive of every layer is what an executor computes that goes through the nodes in
// their order and takes the rates of all layers before.
func TestDrives(t *testing.T) {
	early := 0
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 9))
		g := shuffled(t, r)
		pre, images := noise(3)
		if seed%3 == 0 {
			pre, images = signed(r, 3)
		}
		o := options(8)
		if seed%2 == 0 {
			o.Encoding = "regular"
		}
		c, _, _ := look(t, g, pre, images, snn.Plain, o)
		sim, err := snn.NewSimulator(c.Network, c.Network.Steps)
		if err != nil {
			t.Fatal(err)
		}
		p, sums, plain := newProber(c, images, sim), newSums(c), ann.NewExecutor(c.Student)
		for i := range images.N {
			if err := p.image(i, sums); err != nil {
				t.Fatal(err)
			}
			populations := map[int]int{}
			for _, l := range c.Layers {
				populations[l.Node] = l.Population
			}
			copy(plain.Value(0), p.student.Value(0))
			for node := 1; node < len(c.Student.Nodes); node++ {
				if population, ok := populations[node]; ok && node != c.Student.Output {
					p.rate(population, plain.Value(node))
				} else {
					plain.Continue(node, node)
				}
			}
			for k, l := range c.Layers {
				if !slices.Equal(p.student.Value(l.Pre), plain.Value(l.Pre)) {
					t.Errorf("network %d, image %d: layer %s has another drive", seed, i, l.Name)
				}
				if k > 0 && l.Pre < c.Layers[k-1].Node {
					early++
				}
			}
		}
	}
	if early == 0 {
		t.Error("in no network a layer's sum stands before another layer")
	}
}
