package convert

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"spikec/internal/diag"
	"spikec/internal/window"
	"spikec/models/ann"
)

// flattened are networks whose rectifiers, sums and joins stand behind a Flatten.
var flattened = map[string]func(s *sketch){
	"rectifier": func(s *sketch) {
		s.add(s.conv(2, 3, 1, window.Square(2, 1), true))
		s.add(ann.Flatten{})
		s.add(ann.Relu{})
	},
	"bounds": func(s *sketch) {
		s.add(s.conv(2, 3, 1, window.Square(2, 1), true))
		s.add(ann.Flatten{})
		s.add(ann.Clip{Max: 0.5})
	},
	"two rectifiers": func(s *sketch) {
		s.add(s.conv(2, 3, 1, window.Square(2, 1), true))
		s.add(ann.Relu{})
		s.add(ann.Flatten{})
		s.add(ann.Relu{})
	},
	"three rectifiers": func(s *sketch) {
		s.add(s.conv(2, 3, 1, window.Square(2, 1), true))
		s.add(ann.Flatten{})
		s.add(ann.Relu{})
		s.add(ann.Clip{Max: 2})
		s.add(ann.Flatten{})
		s.add(ann.Relu{})
	},
	"a map that something else reads": func(s *sketch) {
		s.add(s.conv(2, 3, 1, window.Square(2, 1), true))
		map1 := s.add(ann.Relu{})
		s.add(ann.Flatten{})
		flat := s.add(ann.Relu{})
		s.add(s.conv(3, 2, 1, window.Square(2, 1), true), map1)
		s.add(ann.Relu{})
		other := s.add(ann.Flatten{})
		s.add(ann.Concat{}, flat, other)
	},
	"a Flatten that two rectifiers read": func(s *sketch) {
		s.add(s.conv(2, 3, 1, window.Square(2, 1), true))
		s.add(ann.Relu{})
		flat := s.add(ann.Flatten{})
		a, b := s.add(ann.Relu{}, flat), s.add(ann.Relu{}, flat)
		s.add(ann.Concat{}, a, b)
	},
	"average pool": func(s *sketch) {
		s.add(s.conv(2, 3, 1, window.Square(2, 1), true))
		s.add(&ann.AveragePool{Window: window.Square(2, 2)})
		s.add(ann.Flatten{})
		s.add(ann.Relu{})
	},
	"max pool": func(s *sketch) {
		s.add(s.conv(2, 3, 1, padded([2]int{3, 2}, [4]int{}), true))
		s.add(&ann.MaxPool{Window: window.Square(2, 2)})
		s.add(ann.Flatten{})
		s.add(ann.Relu{})
	},
	"sum": func(s *sketch) {
		s.add(s.conv(2, 3, 1, window.Square(2, 1), true))
		s.add(ann.Flatten{}, s.add(ann.Relu{}))
		skip := s.g.Output
		s.add(s.conv(3, 3, 1, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), true), s.g.Nodes[skip].Inputs[0])
		s.add(ann.Add{}, skip, s.add(ann.Flatten{}))
		s.add(ann.Relu{})
	},
	"a pool of the input": func(s *sketch) {
		s.g = ann.NewGraph("sketch", "x", ann.Shape{60})
		s.add(ann.Reshape{To: ann.Shape{2, 6, 5}})
		s.add(&ann.AveragePool{Window: window.Square(2, 1)})
		s.add(s.conv(2, 3, 1, window.Square(2, 1), true))
		s.add(ann.Flatten{})
		s.add(ann.Relu{})
	},
	"joined": func(s *sketch) {
		a := s.add(ann.Flatten{}, s.add(s.conv(2, 3, 1, window.Square(2, 1), true), 0))
		b := s.add(ann.Flatten{}, s.add(s.conv(2, 2, 1, window.Square(3, 1), true), 0))
		c := s.add(s.linear(60, 4, true), s.add(ann.Flatten{}, 0))
		s.add(ann.Concat{}, s.add(ann.Concat{}, c, a), b)
		s.add(ann.Relu{})
	},
}

// summed are networks with what is linear behind the sum that a convolution of joined branches is, or another sum.
var summed = map[string]func(s *sketch){
	"batch normalisation": func(s *sketch) {
		s.join()
		s.add(s.conv(5, 4, 1, window.Square(3, 1), false))
		s.add(s.batchNorm(4, true))
		s.add(ann.Relu{})
	},
	"batch normalisation of three branches": func(s *sketch) {
		s.add(ann.Concat{}, s.join(), s.join())
		s.add(s.conv(10, 4, 1, window.Square(3, 1), true))
		s.add(s.batchNorm(4, true))
		s.add(ann.Relu{})
	},
	"a mean": func(s *sketch) {
		s.join()
		s.add(s.conv(5, 4, 1, window.Square(2, 1), true))
		s.add(&ann.AveragePool{Window: window.Square(2, 2)})
		s.add(ann.Relu{})
	},
	"a mean and batch normalisation": func(s *sketch) {
		s.join()
		s.add(s.conv(5, 4, 1, oneTap(), true))
		s.add(&ann.AveragePool{Window: window.Square(2, 2)})
		s.add(s.batchNorm(4, true))
		s.add(ann.Relu{})
	},
	"batch normalisation and a mean of everything": func(s *sketch) {
		s.join()
		s.add(s.conv(5, 4, 1, oneTap(), true))
		s.add(s.batchNorm(4, true))
		s.add(ann.GlobalAveragePool{})
		s.add(ann.Relu{})
	},
	"batch normalisation of a sum": func(s *sketch) {
		a, b := s.add(s.conv(2, 3, 1, window.Square(2, 1), false), 0), s.add(s.conv(2, 3, 1, window.Square(2, 1), true), 0)
		s.add(ann.Add{}, a, b)
		s.add(s.batchNorm(3, true))
		s.add(ann.Relu{})
	},
	"batch normalisation of a sum with a skip connection": func(s *sketch) {
		s.add(s.conv(2, 3, 1, window.Square(2, 1), true))
		skip := s.add(ann.Relu{})
		s.add(s.conv(3, 3, 1, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), false))
		s.add(ann.Add{}, skip, s.g.Output)
		s.add(s.batchNorm(3, true))
		s.add(ann.Relu{})
	},
	"batch normalisation of a sum of vectors": func(s *sketch) {
		s.add(ann.Flatten{})
		x := s.g.Output
		s.add(ann.Add{}, s.add(s.linear(60, 6, false), x), s.add(s.linear(60, 6, true), x))
		s.add(s.batchNorm(6, true))
		s.add(ann.Relu{})
	},
	"a mean of a sum with a skip connection": func(s *sketch) {
		s.add(s.conv(2, 3, 1, window.Square(2, 1), true))
		skip := s.add(ann.Relu{})
		s.add(s.conv(3, 3, 1, padded([2]int{3, 3}, [4]int{1, 1, 1, 1}), false))
		s.add(ann.Add{}, skip, s.g.Output)
		s.add(ann.GlobalAveragePool{})
		s.add(ann.Relu{})
	},
}

// join adds two branches of 2 and 3 channels and joins them.
func (s *sketch) join() int {
	var parts []int
	for n := range 2 {
		s.add(s.conv(2, 2+n, 1, window.Square(2, 1), true), 0)
		parts = append(parts, s.add(ann.Relu{}))
	}
	return s.add(ann.Concat{}, parts...)
}

// TestTopologies: without time the converted network computes what the trained one does, and with time it comes near that.
func TestTopologies(t *testing.T) {
	for _, table := range []struct {
		what string
		of   map[string]func(s *sketch)
	}{{"flattened", flattened}, {"summed", summed}} {
		for name, build := range table.of {
			for _, pooling := range []string{AveragePooling, MaxPooling} {
				if pooling == AveragePooling && strings.Contains(name, "max pool") {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/%s pooling", table.what, name, pooling), func(t *testing.T) {
					s := newSketch(t, 5, 2, 6, 5)
					build(s)
					if len(s.g.Nodes[s.g.Output].Shape) == 3 {
						s.add(ann.Flatten{})
					}
					s.add(s.linear(s.g.Nodes[s.g.Output].Shape.Size(), 3, true))
					opt := options(Best, 600)
					opt.Pooling = pooling
					opt.Disable["rate-refit"], opt.Disable["refit"] = true, true
					r, err := Run(context.Background(), s.g, unit, pictures(s.g, 20, unit), Capabilities{Bias: true, PerNeuronThreshold: true}, opt)
					if err != nil {
						t.Fatal(err)
					}
					if err := r.Teacher.Validate(); err != nil { // names are unique
						t.Error(err)
					}
					x, codes := pixels(3, 60), pixels(3, 60)
					for i := range x {
						x[i] /= 255
					}
					closeTo(t, "output without time", evaluate(t, r.Tailored, codes), evaluate(t, s.g, x), 1e-5)
					if got := loss(t, s, opt); got > 1e-3 {
						t.Errorf("spikes: the output is off by %.2g of its mean square", got)
					}
					// The re-fits find every layer as it should be.
					opt = options(Best, 30)
					opt.Pooling = pooling
					if got := loss(t, s, opt); got > 2e-2 {
						t.Errorf("spikes of 30 steps: the output is off by %.2g of its mean square", got)
					}
				})
			}
		}
	}
}

// drawOperation adds an operation that reads one of the last three nodes, or nothing where that does not fit.
func (s *sketch) drawOperation(t *rapid.T) {
	n := func(name string, most int) int { return rapid.IntRange(0, most).Draw(t, name) }
	at := max(0, len(s.g.Nodes)-1-n("reads", 2))
	shape := s.g.Nodes[at].Shape
	other := func(fits func(ann.Shape) bool) []int {
		inputs := []int{at}
		if i := n("other", len(s.g.Nodes)-1); fits(s.g.Nodes[i].Shape) {
			inputs = append(inputs, i)
		}
		return inputs
	}
	inputs := []int{at}
	var op ann.Op
	switch rapid.SampledFrom([]string{"weights", "weights", "ReLU", "ReLU", "ReLU", "bounds", "batch normalisation", "Flatten", "mean", "mean of all", "max pool", "sum", "join", "reshape"}).Draw(t, "operation") {
	case "weights":
		if op = s.linear(shape[0], 4, true); len(shape) == 3 {
			w := rapid.SampledFrom([]window.Window2d{oneTap(), window.Square(2, 1), padded([2]int{3, 3}, [4]int{1, 1, 1, 1})}).Draw(t, "kernel")
			op = s.conv(shape[0], 1+n("channels", 3), 1, w, n("bias", 1) == 1)
		}
	case "ReLU":
		op = ann.Relu{}
	case "bounds":
		op = ann.Clip{Max: 2}
	case "batch normalisation":
		op = s.batchNorm(shape[0], true)
	case "Flatten":
		op = ann.Flatten{}
	case "mean":
		op = &ann.AveragePool{Window: window.Square(2, 1+n("stride", 1))}
	case "mean of all":
		op = ann.GlobalAveragePool{}
	case "max pool":
		op = &ann.MaxPool{Window: window.Square(2, 2)}
	case "sum":
		op, inputs = ann.Add{}, other(shape.Equal)
	case "join":
		op, inputs = ann.Concat{}, other(func(o ann.Shape) bool { return len(o) == len(shape) && o[1:].Equal(shape[1:]) })
	case "reshape":
		op = ann.Reshape{To: ann.Shape{1, shape.Size(), 1}}
	}
	_, _ = s.g.Add(fmt.Sprintf("%s%d", op.Kind(), len(s.g.Nodes)), op, inputs...)
}

// TestAnyTopology: whatever operations follow each other, there is a network that computes the same without time, or a refusal
// that names operations of the trained one.
func TestAnyTopology(t *testing.T) {
	// Means in place of the largest value, and the border where the network shifts its input.
	changed := func(d diag.Diagnostic) bool { return d.ID == "SPK-CONV-002" || d.ID == "SPK-CONV-008" }
	rapid.Check(t, func(t *rapid.T) {
		s := newSketch(t, seed(t), 2, 6, 5)
		s.add(s.conv(2, 4, 1, window.Square(2, 1), true))
		s.add(ann.Relu{})
		for range rapid.IntRange(1, 9).Draw(t, "operations") {
			s.drawOperation(t)
		}
		if len(s.g.Nodes[s.g.Output].Shape) == 3 {
			s.add(ann.Flatten{})
		}
		s.add(s.linear(s.g.Nodes[s.g.Output].Shape.Size(), 3, true))
		g := prune(s.g)
		opt := options(Best, 8)
		opt.Pooling = MaxPooling
		opt.Disable["refit"], opt.Disable["rate-refit"] = true, rapid.Bool().Draw(t, "without fits")
		r, err := Run(context.Background(), g, unit, pictures(g, 6, unit), Capabilities{Bias: true, PerNeuronThreshold: true}, opt)
		var f *diag.Failure
		switch {
		case errors.As(err, &f):
			for _, d := range f.List {
				if d.Severity == diag.Error && !slices.ContainsFunc(g.Nodes, func(n ann.Node) bool { return n.Name == d.Subject || strings.HasPrefix(d.Subject, n.Name+"/") }) {
					t.Fatalf("names nothing of the network: %v\n%s", d, g)
				}
			}
		case err != nil:
			t.Fatalf("%v\n%s", err, g)
		case opt.Disable["rate-refit"] && !slices.ContainsFunc(r.Diagnostics, changed):
			codes, x := pixels(3, 60), pixels(3, 60)
			for i := range x {
				x[i] /= 255
			}
			closeTo(t, g.String(), evaluate(t, r.Tailored, codes), evaluate(t, g, x), 1e-4)
		}
	})
}
