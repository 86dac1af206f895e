package nir

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"spikec/internal/hdf5"
	"spikec/models/snn"
)

// chainOf is a file of nodes that follow each other, named a, b, c, … between input and output.
func chainOf(t *testing.T, shape, output []int64, nodes ...params) []byte {
	t.Helper()
	all := map[string]hdf5.Node{
		"input":  &hdf5.Group{Links: params{"type": hdf5.Scalar("Input"), "shape": hdf5.Array(shape)}},
		"output": &hdf5.Group{Links: params{"type": hdf5.Scalar("Output"), "shape": hdf5.Array(output)}},
	}
	edges, last := []string{}, "input"
	for i, p := range nodes {
		name := string(rune('a' + i))
		all[name] = &hdf5.Group{Links: p}
		edges, last = append(edges, last, name), name
	}
	edges = append(edges, last, "output")
	data, err := hdf5.Write(&hdf5.Group{Links: map[string]hdf5.Node{"version": hdf5.Scalar("1.0.8"), "node": &hdf5.Group{Links: map[string]hdf5.Node{
		"type": hdf5.Scalar("NIRGraph"), "edges": hdf5.Array(edges, len(edges)/2, 2), "nodes": &hdf5.Group{Links: all}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// of is a node of a type.
func of(kind string, p params) params {
	p["type"] = hdf5.Scalar(kind)
	return p
}

// numbers are n random ones.
func numbers(r *rand.Rand, n int) []float32 {
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(r.NormFloat64())
	}
	return w
}

// sums reads a file whose output are currents and plays one step of it: what its neurons get, in the order of the file.
func sums(t *testing.T, data []byte, x []float32) []float32 {
	t.Helper()
	f, found, err := Read("sums.nir", data)
	if err != nil {
		t.Fatal(found)
	}
	f.Network.Steps = 1
	out, err := Play(f.Network, Rules{Reset: snn.Zero}, x)
	if err != nil {
		t.Fatal(err)
	}
	return out[len(out)-1]
}

// near fails where two lists differ.
func near(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if math.Abs(float64(got[i])-want[i]) > 1e-4*(1+math.Abs(want[i])) {
			t.Fatalf("%s: value %d is %g, want %g", what, i, got[i], want[i])
		}
	}
}

// TestConv1d compares a convolution along a sequence, with a stride, padding, dilation and groups, with its loop.
func TestConv1d(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const channels, length, outputs, taps, stride, padding, dilation, groups = 4, 9, 6, 3, 2, 1, 2, 2
	x, w, bias, last := numbers(r, channels*length), numbers(r, outputs*channels/groups*taps), numbers(r, outputs), (length+2*padding-dilation*(taps-1)-1)/stride+1
	fc := numbers(r, 2*outputs*last)
	data := chainOf(t, []int64{channels, length}, []int64{2},
		of("Conv1d", params{"input_shape": hdf5.Scalar(int64(length)), "weight": hdf5.Array(w, outputs, channels/groups, taps), "bias": hdf5.Array(bias), "stride": hdf5.Scalar(int64(stride)),
			"padding": hdf5.Scalar(int64(padding)), "dilation": hdf5.Scalar(int64(dilation)), "groups": hdf5.Scalar(int64(groups))}),
		of("IF", params{"r": hdf5.Scalar(1.0), "v_threshold": hdf5.Scalar(1.0)}),
		of("Flatten", params{"start_dim": hdf5.Scalar(int64(0)), "end_dim": hdf5.Scalar(int64(-1))}),
		of("Linear", params{"weight": hdf5.Array(fc, 2, outputs*last)}))
	want := make([]float64, 2)
	for o := range outputs {
		for p := range last {
			v := float64(bias[o])
			for c := range channels / groups {
				for k := range taps {
					if at := p*stride + k*dilation - padding; at >= 0 && at < length {
						v += float64(w[(o*channels/groups+c)*taps+k]) * float64(x[(o/(outputs/groups)*(channels/groups)+c)*length+at])
					}
				}
			}
			for class := range want {
				if v >= 1 {
					want[class] += float64(fc[class*outputs*last+o*last+p])
				}
			}
		}
	}
	near(t, "Conv1d", sums(t, data, x), want)
}

// TestScales multiplies before a pool, before weights, and behind them: all of it becomes part of the weights, and flattened maps
// are read in the order C,H,W.
func TestScales(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	x, w, by := numbers(r, 2*4*6), numbers(r, 3*2*2*3), []float32{2, -3}
	spread := append(slices.Repeat(by[:1], 24), slices.Repeat(by[1:], 24)...)
	data := chainOf(t, []int64{2, 4, 6}, []int64{3},
		of("Scale", params{"scale": hdf5.Array(spread, 2, 4, 6)}),
		of("AvgPool2d", params{"kernel_size": hdf5.Scalar(int64(2)), "stride": hdf5.Scalar(int64(2)), "padding": hdf5.Scalar(int64(0))}),
		of("Scale", params{"scale": hdf5.Scalar(0.5)}),
		of("Flatten", params{"start_dim": hdf5.Scalar(int64(-3)), "end_dim": hdf5.Scalar(int64(2)), "input_type": hdf5.Array([]int64{2, 2, 3})}),
		of("Affine", params{"weight": hdf5.Array(w, 3, 12), "bias": hdf5.Array([]float32{1, 2, 3})}),
		of("Scale", params{"scale": hdf5.Array([]float64{1, 10, 100})}),
		of("LI", params{"tau": hdf5.Scalar(1e10), "r": hdf5.Scalar(1e14), "v_leak": hdf5.Scalar(0.0)}))
	want := make([]float64, 3)
	for o := range want {
		sum := float64(o + 1)
		for c := range 2 {
			for y := range 4 {
				for z := range 6 {
					sum += float64(w[o*12+(c*2+y/2)*3+z/2]) * 0.5 * float64(by[c]) * float64(x[(c*4+y)*6+z]) / 4
				}
			}
		}
		want[o] = sum * math.Pow(10, float64(o))
	}
	near(t, "scales", sums(t, data, x), want)
}

// TestGroupsAreFound finds the groups of kernels that are written out with zeros.
func TestGroupsAreFound(t *testing.T) {
	net := sample(snn.Zero, snn.IF)
	data, _, err := Write(net, Dialects["generic"])
	if err != nil {
		t.Fatal(err)
	}
	f, _, err := Read("groups.nir", data)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range net.Projections {
		got := f.Network.Projections[i]
		if got.Groups != want.Groups || want.Window.PadBegin == want.Window.PadEnd && !slices.Equal(got.Weight, want.Weight) {
			t.Errorf("projection %d has %d groups, %v; want %d, %v", i, got.Groups, got.Weight, want.Groups, want.Weight)
		}
	}
}

// TestEndless takes the limits that snnTorch writes of a neuron with β = 1.
func TestEndless(t *testing.T) {
	inf := math.Inf(1)
	lif := of("LIF", params{"tau": hdf5.Array([]float64{inf, inf}), "r": hdf5.Array([]float64{inf, inf}), "v_leak": hdf5.Scalar(0.0), "v_threshold": hdf5.Array([]float64{2, 4})})
	f, found, err := Read("endless.nir", chainOf(t, []int64{2}, []int64{2}, of("Linear", params{"weight": hdf5.Array([]float32{1, 2, 3, 4}, 2, 2)}), lif))
	if err != nil || len(found) != 1 || found[0].ID != idTaken {
		t.Fatal(found)
	}
	for k, want := range []float64{0.5, 1, 0.75, 1} {
		if got := float64(f.Network.Projections[0].Weight[k]); math.Abs(got-want) > 1e-6 {
			t.Errorf("weight %d is %g, want %g", k, got, want)
		}
	}
	lif["r"] = hdf5.Scalar(1.0)
	if _, _, err := Read("endless.nir", chainOf(t, []int64{2}, []int64{2}, of("Linear", params{"weight": hdf5.Array([]float32{1, 2, 3, 4}, 2, 2)}), lif)); err == nil {
		t.Error("an infinite time constant is taken with a resistance that is finite")
	}
}

// TestRange: what the membranes of an output reach is taken from a file where it is a number above 0.
func TestRange(t *testing.T) {
	for _, c := range []struct{ said, want float64 }{{2.5, 2.5}, {math.Inf(1), 0}, {math.NaN(), 0}, {-1, 0}} {
		f, found, err := Read("range.nir", chainOf(t, []int64{2}, []int64{1}, of("Linear", params{"weight": hdf5.Array([]float32{1, 2}, 1, 2)}),
			of("I", params{"r": hdf5.Scalar(1.0), "metadata": &hdf5.Group{Links: params{metaRange: hdf5.Scalar(c.said)}}})))
		if err != nil {
			t.Fatal(found)
		}
		if got := f.Network.Populations[1].Range; got != c.want {
			t.Errorf("a range of %g is read as %g, want %g", c.said, got, c.want)
		}
	}
}

// TestPerpetual: infinite time constants with infinite resistances are neurons that keep what they have, whatever the constant is called.
func TestPerpetual(t *testing.T) {
	all := hdf5.Scalar(math.Inf(1))
	for kind, p := range map[string]params{"LI": {"tau": all}, "CubaLI": {"tau_mem": all, "tau_syn": hdf5.Scalar(step)}} {
		p["r"], p["v_leak"] = all, hdf5.Scalar(0.0)
		near(t, kind, sums(t, chainOf(t, []int64{2}, []int64{1}, of("Linear", params{"weight": hdf5.Array([]float32{1, 2}, 1, 2)}), of(kind, p)), []float32{3, 5}), []float64{13})
	}
}
