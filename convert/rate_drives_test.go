package convert

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"spikec/models/ann"
	"spikec/models/snn"
)

// largestDrives runs the finished network on the images it was made with, and returns the largest drive of every channel of every
// layer that the rates of the layers before give, and the largest |drive| of the last one.
func largestDrives(t *testing.T, r *Result, images Images) (drives [][]float64, output float64) {
	t.Helper()
	sim, err := snn.NewSimulator(r.Network, r.Options.Steps)
	if err != nil {
		t.Fatal(err)
	}
	loop, student := sim.NewLoop(), ann.NewExecutor(r.Student)
	loop.Watch()
	codes := make([]float32, r.Student.Nodes[0].Shape.Size())
	hwc := make([]float32, len(codes))
	for _, l := range r.Layers {
		drives = append(drives, make([]float64, r.Network.Populations[l.Population].Shape[0]))
	}
	for i := range images.N {
		images.Codes(i, codes)
		snn.ToHWC(hwc, codes, r.Network.Populations[0].Shape)
		if _, err := loop.Run(hwc, i, nil); err != nil {
			t.Fatal(err)
		}
		rates := func(population int, dst []float32) {
			pop := &r.Network.Populations[population]
			counts := make([]int32, pop.Size())
			loop.Counts(population, counts)
			snn.Rates(dst, counts, pop, r.Network.Steps)
		}
		if copy(student.Value(0), codes); r.Input > 0 {
			rates(r.Input, student.Value(0))
		}
		done := 0
		for k, l := range r.Layers {
			student.Continue(done+1, l.Node)
			values := student.Value(l.Node)
			for n, x := range values {
				c := n * len(drives[k]) / len(values)
				drives[k][c] = max(drives[k][c], float64(x))
				if k == len(r.Layers)-1 {
					output = max(output, math.Abs(float64(x)))
				}
			}
			if done = l.Node; r.Network.Populations[l.Population].Neuron != snn.Integrator {
				rates(l.Population, values)
			}
		}
	}
	return drives, output
}

// TestAllDrives: with percentile 100 the factors of pass rate-refit are the largest drives at all positions on all images, though
// regressions see few of them: of a chain with a limit, with an input of constant codes or of spikes, and with a skip connection that
// adds an earlier layer.
func TestAllDrives(t *testing.T) {
	for _, encoding := range []string{"constant", "regular"} {
		same := padded([2]int{3, 3}, [4]int{1, 1, 1, 1})
		s := newSketch(t, 11, 1, 12, 12)
		s.add(s.conv(1, 3, 1, same, true))
		first := s.add(ann.Relu{})
		s.add(s.conv(3, 3, 1, same, true))
		s.add(ann.Clip{Min: 0, Max: 0.8})
		s.add(s.conv(3, 3, 1, same, true))
		s.add(ann.Add{}, s.g.Output, first)
		s.add(ann.Relu{})
		s.add(ann.Flatten{})
		s.add(s.linear(432, 3, true))
		opt := options(Best, 6)
		opt.Encoding, opt.Rows = encoding, FewRows
		images := pictures(s.g, 250, unit)
		r, err := Run(t.Context(), s.g, unit, images, Capabilities{Bias: true, PerNeuronThreshold: true}, opt)
		if err != nil {
			t.Fatal(err)
		}
		want, output := largestDrives(t, r, images)
		for k, l := range r.Layers[:len(r.Layers)-1] {
			if got := r.Network.Populations[l.Population].Scale; !slices.Equal(got, want[k]) {
				t.Errorf("input %s, %s: factors %v, largest drives %v", encoding, l.Name, got, want[k])
			}
		}
		if r.LargestOutput != output {
			t.Errorf("input %s: largest output %v, want %v", encoding, r.LargestOutput, output)
		}
		st := stateOf(r.Student, images.N, unit, opt)
		st.Graph = r.Student
		if f := fitSizeOf(st, st.studentLayers()[0]); f.perImage >= f.positions {
			t.Errorf("the regression sees %d of %d positions: the test shows nothing", f.perImage, f.positions)
		}
	}
}

// TestAllDrivesAndJobs: factors do not depend on how many goroutines there are, nor on whether layers are computed from what is
// known of those before.
func TestAllDrivesAndJobs(t *testing.T) {
	for _, name := range []string{"data", "gaussian", "local", "diehl", "spikenorm"} {
		var want string
		for _, jobs := range []int{1, 3} {
			opt := options(Best, 5)
			opt.Normalization, opt.Percentile, opt.Jobs = name, 99, jobs
			s := residual(t)
			r, err := Run(t.Context(), s.g, unit, pictures(s.g, 30, unit), Capabilities{Bias: true, PerNeuronThreshold: true}, opt)
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprint(r.LargestOutput)
			for _, p := range r.Network.Populations {
				got += fmt.Sprint(" ", p.Scale)
			}
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("%s: with %d goroutines %s, with one %s", name, jobs, got, want)
			}
		}
	}
}
