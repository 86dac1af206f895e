package bench

import (
	"context"
	"sort"

	"spikec/internal/splitmix"
	"spikec/internal/window"
	"spikec/runtime/progress"
	"spikec/target/chip"
	"spikec/target/image"
)

func init() { register(builtin{"vgg9", makeVGG9}) }

// vggLayers is 3x32x32, 64-64-p-128-128-p-256-256-256-p-1024-10: kernels of 3x3 with padding 1; 2x2 pools folded into the
// next layer, as the conversion for generic8 does. The first layer is the drive, the last one does not fire.
var vggLayers = []struct {
	name        string
	out         int
	kernel, pad int
	pooled      bool
}{
	{"conv1", 64, 3, 1, false}, {"conv2", 64, 3, 1, false},
	{"conv3", 128, 3, 1, true}, {"conv4", 128, 3, 1, false},
	{"conv5", 256, 3, 1, true}, {"conv6", 256, 3, 1, false}, {"conv7", 256, 3, 1, false},
	{"fc1", 1024, 4, 0, true}, {"fc2", 10, 1, 0, false},
}

// What makes vgg9 the same network on every machine.
const (
	vggSeed     = 9
	vggDensity  = 0.10 // spikes a neuron and step that thresholds are chosen for
	vggShift    = 5    // of the drive
	vggPictures = 2    // that thresholds are calibrated with
)

// makeVGG9 makes a network of the size of VGG-9 with random weights and pictures, and with thresholds that let about
// vggDensity of the neurons of each layer fire in a step. There are maxPictures pictures at most.
func makeVGG9(ctx context.Context, steps, pictures int, show progress.Reporter) (*network, error) {
	p, err := chip.Load("generic8")
	if err != nil {
		return nil, err
	}
	shape := [3]int{3, 32, 32}
	img := &image.Image{Chip: "generic8", Steps: steps,
		Input: image.Input{Shape: shape, Step: 1, Encoding: "constant"}}
	task := show.Start("making vgg9", len(vggLayers))
	defer task.Done()
	rates := newRates(shape)
	for i, l := range vggLayers {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		s := vggSynapses(i, shape)
		theta := rates.pass(s, i == 0)
		if i == len(vggLayers)-1 {
			theta = 32767
		}
		c := image.Core{Population: l.name, Shape: s.Out, Neurons: s.Neurons, InitialV: []int32{theta / 2},
			Registers: map[string][]int32{"thr": {theta}, "bias": {0}}}
		if i == 0 {
			img.Input.Drives = []image.Drive{{Cores: []int{0}, Register: "bias", Shift: vggShift, Synapses: s}}
		} else {
			c.Synapses = []image.Block{{Synapses: s}}
			img.Cores[i-1].Routes = []image.Route{{Count: img.Cores[i-1].Neurons, Core: i}}
		}
		img.Cores, shape = append(img.Cores, c), s.Out
		task.Add(1)
	}
	img.Output = image.Output{Cores: []int{len(img.Cores) - 1}, Classes: shape[0], Readout: "membrane"}
	net := &network{name: "vgg9", about: "3x32x32, 64-64-p-128-128-p-256-256-256-p-1024-10 in 8 bits on generic8, pools folded into the next layer, random weights and pictures",
		img: img, profile: p}
	for i := range min(pictures, maxPictures) {
		net.pictures = append(net.pictures, vggPicture(vggPictures+i, 3*32*32))
	}
	return net, nil
}

// vggSynapses returns the convolution of layer i over a map of shape in.
func vggSynapses(i int, in [3]int) *image.Conv2d {
	l := vggLayers[i]
	s := &image.Conv2d{In: in, Window: window.Square(l.kernel, 1), Groups: 1}
	s.Window.PadBegin, s.Window.PadEnd = [2]int{l.pad, l.pad}, [2]int{l.pad, l.pad}
	if l.pooled {
		p2 := window.Square(2, 2)
		s.Pool = &p2
	}
	side := func(d int) int { return s.Pooled(d) + 2*l.pad - l.kernel + 1 }
	s.Out = [3]int{l.out, side(0), side(1)}
	s.Neurons = s.Out[0] * s.Out[1] * s.Out[2]
	s.Weight = vggWeights(uint64(i), l.kernel*l.kernel*in[0], l.out)
	return s
}

// vggWeights draws the weights of a layer, evenly from -99..99. Then the mean of each kernel is taken away: a kernel with
// another sum would make its whole channel fire, or none of it.
func vggWeights(layer uint64, fan, out int) []int32 {
	w := make([]int32, fan*out)
	for o := range out {
		sum := 0
		for k := range fan {
			x := int(random(vggSeed, layer, uint64(k*out+o))%199) - 99
			w[k*out+o] = int32(x)
			sum += x
		}
		for k := range fan {
			w[k*out+o] = max(-127, min(127, w[k*out+o]-int32(sum/fan)))
		}
	}
	return w
}

// vggPicture draws picture i.
func vggPicture(i, size int) []uint8 {
	codes := make([]uint8, size)
	for k := range codes {
		codes[k] = uint8(random(vggSeed, 1<<32+uint64(i), uint64(k)))
	}
	return codes
}

// random is number i of a stream: SplitMix64's finaliser on a counter.
func random(seed, stream, i uint64) uint64 {
	return splitmix.Scramble(seed*splitmix.Weyl + stream*0xd1342543de82ef95 + (i+1)*splitmix.Weyl)
}

// rates holds, for each calibration picture, the spikes a step of every neuron of a layer; before the first layer they are
// codes. They are in H,W,C order.
type rates [][]float64

// newRates returns the calibration pictures.
func newRates(shape [3]int) rates {
	r := make(rates, vggPictures)
	plane := shape[1] * shape[2]
	for i := range r {
		r[i] = make([]float64, shape[0]*plane)
		for k, code := range vggPicture(i, len(r[i])) {
			r[i][k%plane*shape[0]+k/plane] = float64(code)
		}
	}
	return r
}

// pass goes through a layer: it turns rates into those of its neurons, and returns the threshold that it chose. A neuron
// that gets I a step fires min(1, max(0, I/threshold)) times a step.
func (r rates) pass(s *image.Conv2d, drive bool) int32 {
	currents := make(rates, len(r))
	for i := range r {
		currents[i] = make([]float64, s.Neurons)
		for axon, rate := range r[i] {
			if rate > 0 {
				s.Each(axon, func(n int, w int32) { currents[i][n] += rate * float64(w) })
			}
		}
		for n := range currents[i] {
			if drive {
				currents[i][n] /= 1 << vggShift
			}
		}
	}
	theta := 1 + sort.Search(32766, func(t int) bool { return currents.density(float64(t+1)) <= vggDensity })
	for i := range r {
		for n, x := range currents[i] {
			currents[i][n] = rate(x, float64(theta))
		}
		r[i] = currents[i]
	}
	return int32(theta)
}

// density is the mean rate of neurons with these currents.
func (r rates) density(theta float64) float64 {
	sum, n := 0.0, 0
	for i := range r {
		for _, x := range r[i] {
			sum += rate(x, theta)
		}
		n += len(r[i])
	}
	return sum / float64(n)
}

// rate is how often a neuron with soft reset fires in a step.
func rate(current, theta float64) float64 { return min(1, max(0, current/theta)) }
