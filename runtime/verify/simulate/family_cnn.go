package simulate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"spikec/internal/mersenne"
)

func init() { register("cnn_to_snn", convertedCNN) }

// smallCNN is a convolution of 3×3 without padding, 2×2 pooling and a matrix. Layers are row by row, channel major.
type smallCNN struct {
	channels, size, maps, classes int
	conv, convBias, fc, fcBias    []float64
}

// side is the width of the convolution's result, half that of the pooled one.
func (n *smallCNN) side() int { return n.size - 2 }
func (n *smallCNN) half() int { return n.side() / 2 }

// convolve returns the sums of the convolution.
func (n *smallCNN) convolve(w, x []float64) []float64 {
	s := n.side()
	out := make([]float64, n.maps*s*s)
	for o := range n.maps {
		for y := range s {
			for z := range s {
				sum := 0.0
				for c := range n.channels {
					for i := range 3 {
						for j := range 3 {
							sum += float64(w[((o*n.channels+c)*3+i)*3+j] * x[(c*n.size+y+i)*n.size+z+j])
						}
					}
				}
				out[(o*s+y)*s+z] = sum
			}
		}
	}
	return out
}

// pool combines the four values of each square.
func (n *smallCNN) pool(x []float64, combine func(a, b, c, d float64) float64) []float64 {
	s, h := n.side(), n.half()
	var out []float64
	for o := range n.maps {
		for y := range h {
			for z := range h {
				at := (o*s+2*y)*s + 2*z
				out = append(out, combine(x[at], x[at+1], x[at+s], x[at+s+1]))
			}
		}
	}
	return out
}

// quarter is average pooling.
func quarter(a, b, c, d float64) float64 { return (a + b + c + d) / 4 }

// full returns the sums of the matrix.
func (n *smallCNN) full(w, x []float64) []float64 {
	out := make([]float64, n.classes)
	for k := range out {
		for i, v := range x {
			out[k] += float64(w[k*len(x)+i] * v)
		}
	}
	return out
}

// original is the network as it was trained: tanh, biases, the largest of each square.
func (n *smallCNN) original(x []float64) []float64 {
	s := n.side() * n.side()
	conv := n.convolve(n.conv, x)
	for i := range conv {
		conv[i] = math.Tanh(conv[i] + n.convBias[i/s])
	}
	out := n.full(n.fc, n.pool(conv, func(a, b, c, d float64) float64 { return math.Max(math.Max(a, b), math.Max(c, d)) }))
	for k := range out {
		out[k] += n.fcBias[k]
	}
	return out
}

// tailored is the network that can be made to spike: absolute input, ReLU, no biases, averages.
func (n *smallCNN) tailored(x []float64) (conv, pooled, logits []float64) {
	conv = n.convolve(n.conv, absolute(x))
	for i := range conv {
		conv[i] = math.Max(0, conv[i])
	}
	pooled = n.pool(conv, quarter)
	return conv, pooled, n.full(n.fc, pooled)
}

// absolute returns absolute values.
func absolute(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = math.Abs(v)
	}
	return out
}

// positives returns the largest sum of the positive weights of a neuron, whose weights are so many in a row.
func positives(w []float64, each int) float64 {
	most := 0.0
	for row := range slices.Chunk(w, each) {
		sum := 0.0
		for _, v := range row {
			sum += math.Max(0, v)
		}
		most = math.Max(most, sum)
	}
	return most
}

// layerSpikes integrates one step of a layer: V += input; V ≥ theta: spike, V = 0 or V −= theta.
type layerSpikes struct {
	v, spikes []float64
	counts    []int
	over      int // how often V ≥ 2·theta
}

func newLayer(n int) *layerSpikes {
	return &layerSpikes{v: make([]float64, n), spikes: make([]float64, n), counts: make([]int, n)}
}

func (l *layerSpikes) step(input []float64, theta float64, subtract bool) {
	for i, x := range input {
		l.v[i] += x
		l.spikes[i] = 0
		if l.v[i] >= 2*theta {
			l.over++
		}
		if l.v[i] < theta {
			continue
		}
		l.spikes[i] = 1
		l.counts[i]++
		if subtract {
			l.v[i] -= theta
		} else {
			l.v[i] = 0
		}
	}
}

// divided returns the elements over a number.
func divided(w []float64, by float64) []float64 {
	out := make([]float64, len(w))
	for i, v := range w {
		out[i] = v / by
	}
	return out
}

// largestIndex is the first of the largest.
func largestIndex[T int | float64](a []T) int {
	best := 0
	for i, v := range a {
		if v > a[best] {
			best = i
		}
	}
	return best
}

// poissonSeed is the seed of the input of image 0; others follow it.
const poissonSeed = 1000

// convertedCNN compares a small network through its conversion: as trained, tailored, normalised in several ways, and spiking.
func convertedCNN(ctx context.Context, c *recording) {
	n := &smallCNN{channels: c.in.at("C").int(1, 16), size: c.in.at("size").int(4, 64), maps: c.in.at("O").int(1, 64), classes: c.in.at("K").int(1, 64)}
	h, pixels := n.half(), n.channels*n.size*n.size
	n.conv, n.convBias = c.in.at("conv_w").floatsOf(n.maps*n.channels*9), c.in.at("conv_b").floatsOf(n.maps)
	n.fc, n.fcBias = c.in.at("fc_w").floatsOf(n.classes*n.maps*h*h), c.in.at("fc_b").floatsOf(n.classes)
	steps, theta := c.in.at("T").int(1, mostListed), c.in.at("theta").positive()
	var images, calibration [][]float64
	for _, v := range c.in.at("images").list() {
		images = append(images, v.floatsOf(pixels))
	}
	for _, v := range c.in.at("calibration_images").list() {
		calibration = append(calibration, v.floatsOf(pixels))
	}
	runs := c.out.at("snn").list()
	c.work(n.maps*n.channels*9, n.side()*n.side(), steps, max(1, len(images)), max(1, len(runs)))
	if c.done() {
		return
	}
	close := tolerance{abs: 1e-12}
	for i, want := range c.out.at("ann").exactly(len(images)) {
		if c.done() {
			return
		}
		what := fmt.Sprintf("image %d, ", i)
		logits := n.original(images[i])
		c.numbers(what+"original", logits, want.at("original_logits"), close)
		c.count(what+"class of the original", largestIndex(logits), want.at("original_class"))
		conv, pooled, tailored := n.tailored(images[i])
		c.numbers(what+"tailored", tailored, want.at("tailored_logits"), close)
		c.count(what+"class of the tailored", largestIndex(tailored), want.at("tailored_class"))
		c.numbers(what+"convolution", conv, want.at("tailored_conv"), close)
		c.numbers(what+"pooling", pooled, want.at("tailored_pool"), close)
	}
	scales := n.normalised(c, calibration)
	for _, run := range runs {
		if c.done() || ctx.Err() != nil {
			return
		}
		name, code, reset := run.at("weights").text(), run.at("input").text(), run.at("reset").text()
		scale, ok := scales[name]
		if !ok || code != "current" && code != "poisson" || reset != "zero" && reset != "subtract" {
			c.fail("weights %q, input %q, reset %q are not known", name, code, reset)
			return
		}
		n.spiking(c, run, divided(n.conv, scale[0]), divided(n.fc, scale[1]), images, steps, theta, code == "poisson", reset == "subtract")
	}
}

// normalised compares the factors of three rules, and returns by what each divides the weights of the two layers.
func (n *smallCNN) normalised(c *recording, calibration [][]float64) map[string][2]float64 {
	model := [2]float64{positives(n.conv, n.channels*9), positives(n.fc, len(n.fc)/n.classes)}
	weight := [2]float64{slices.Max(n.conv), slices.Max(n.fc)}
	var activation [2]float64
	for _, x := range calibration {
		conv, _, logits := n.tailored(x)
		activation[0], activation[1] = math.Max(activation[0], slices.Max(conv)), math.Max(activation[1], slices.Max(logits))
	}
	data := [2]float64{math.Max(weight[0], activation[0]), math.Max(weight[1], activation[1])}
	relative := [2]float64{data[0], data[1] / data[0]}
	out, close := c.out.at("normalisation"), tolerance{rel: 1e-12}
	for name, v := range map[string][2]float64{"model_based_factors": model, "data_based_factors": data, "data_based_scales": relative,
		"largest_activation": activation, "largest_weight": weight} {
		c.numbers(name, v[:], out.at(name), close)
	}
	return map[string][2]float64{"none": {1, 1}, "model_based": model, "data_based": relative,
		"data_based_activation_only": {activation[0], activation[1] / activation[0]}}
}

// spiking compares one set of weights, one code and one reset on all images. A spike reaches the next layer in its own step.
func (n *smallCNN) spiking(c *recording, run node, conv, fc []float64, images [][]float64, steps int, theta float64, poisson, subtract bool) {
	for _, want := range run.at("images").list() {
		image := want.at("image").int(0, len(images)-1)
		what := fmt.Sprintf("weights %v, input %v, reset %v, image %d, ", run.at("weights").v, run.at("input").v, run.at("reset").v, image)
		if c.done() {
			return
		}
		x, u, total := absolute(images[image]), mersenne.New(uint32(poissonSeed+image)), 0.0
		first, pooled, last := newLayer(n.maps*n.side()*n.side()), newLayer(n.maps*n.half()*n.half()), newLayer(n.classes)
		in := slices.Clone(x)
		for range steps {
			for i, v := range x {
				if poisson {
					in[i] = 0
					if u.Uniform() <= v {
						in[i] = 1
					}
				}
				total += in[i]
			}
			first.step(n.convolve(conv, in), theta, subtract)
			pooled.step(n.pool(first.spikes, quarter), theta, subtract)
			last.step(n.full(fc, pooled.spikes), theta, subtract)
		}
		c.number(what+"input", total, want.at("input_total"), tolerance{rel: 1e-12})
		c.whole(what+"counts of the convolution", first.counts, want.at("conv_counts"))
		c.whole(what+"counts of the pooling", pooled.counts, want.at("pool_counts"))
		c.whole(what+"counts of the output", last.counts, want.at("output_counts"))
		c.count(what+"decision", largestIndex(last.counts), want.at("decision"))
		c.numbers(what+"V of the output", last.v, want.at("V_output"), tolerance{abs: 1e-9})
		c.whole(what+"over-activation", []int{first.over, pooled.over, last.over}, want.at("over_activation"))
	}
}
