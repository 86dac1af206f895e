package simulate

import (
	"context"
	"slices"

	"spikec/models/plasticity"
	"spikec/runtime/dataset"
)

// digits is the task of Diehl and Cook in small: handwritten digits of 14 by 14 pixels as Poisson spikes, learnt without their labels from
// the bundled sample of training images. Labels are used once an epoch, to say which digit each neuron stands for: that for which
// it spikes most often in the training images. A test image is what most spikes say, the smaller digit of equals.
type digits struct {
	rule        *plasticity.Competitive
	train, test *dataset.Set
	steps       int
	share       float64 // probability of a spike of a white pixel in a step
	draw        func() float64
	spikes      []int
}

// learnDigits prepares the task.
func learnDigits(b *builder, v map[string]float64) (func() (float64, []float64), []float64, error) {
	train, err := dataset.OpenCalibration(context.Background(), "downscale:2:mnist")
	if err != nil {
		return nil, nil, err
	}
	test, err := dataset.Open(context.Background(), "downscale:2:mnist")
	if err != nil {
		return nil, nil, err
	}
	n := max(1, int(v["neurons"]))
	t := &digits{train: train.Head(int(v["images"])), test: test.Head(int(v["test"])), steps: int(v["steps"]), share: v["share"], draw: b.draws.Uniform,
		rule: &plasticity.Competitive{TauX: 20, TauV: 20, TauTheta: 200000, Threshold: 5, ThetaPlus: 0.05, Rate: v["rate"], Target: 0.1, Sum: 24, Theta: make([]float64, n)}}
	for range n {
		w := make([]float64, train.Size())
		for i := range w {
			w[i] = 0.01 + 0.3*b.draws.Uniform()
		}
		t.rule.W = append(t.rule.W, w)
	}
	t.rule.Forget(true)
	return func() (float64, []float64) { return t.epoch(), nil }, nil, nil
}

// show presents an image and returns how often each neuron spiked.
func (t *digits) show(s *dataset.Set, k int, learn bool) []int {
	counts := make([]int, len(t.rule.W))
	pixels := s.Pixels[k*s.Size() : (k+1)*s.Size()]
	for range t.steps {
		t.spikes = t.spikes[:0]
		for i, p := range pixels {
			if p > 0 && t.draw() < float64(p)/255*t.share {
				t.spikes = append(t.spikes, i)
			}
		}
		if j := t.rule.Step(t.spikes, learn); j >= 0 {
			counts[j]++
		}
	}
	t.rule.Forget(learn)
	return counts
}

// epoch learns from all training images, and returns the share of test images that are taken for another digit.
func (t *digits) epoch() float64 {
	for k := range t.train.Len() {
		t.show(t.train, k, true)
	}
	class := t.classes()
	wrong := 0
	for k := range t.test.Len() {
		votes := make([]int, t.test.Classes)
		for j, c := range t.show(t.test, k, false) {
			votes[class[j]] += c
		}
		if slices.Index(votes, slices.Max(votes)) != t.test.Labels[k] {
			wrong++
		}
	}
	return float64(wrong) / float64(t.test.Len())
}

// classes returns which digit each neuron stands for.
func (t *digits) classes() []int {
	spikes := make([][]float64, len(t.rule.W))
	for j := range spikes {
		spikes[j] = make([]float64, t.train.Classes)
	}
	images := make([]float64, t.train.Classes)
	for _, l := range t.train.Labels {
		images[l]++
	}
	for k, l := range t.train.Labels {
		for j, c := range t.show(t.train, k, false) {
			spikes[j][l] += float64(c) / images[l]
		}
	}
	var out []int
	for _, s := range spikes {
		out = append(out, slices.Index(s, slices.Max(s)))
	}
	return out
}
