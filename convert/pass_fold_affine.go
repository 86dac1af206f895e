package convert

import (
	"context"

	"spikec/models/ann"
)

// foldAffine folds every per-channel affine map y = g·x + h (batch normalisation, or Mul and Add with constants) into
// the weights beside it:
//
//	behind a Conv or Linear that nothing else reads, or behind its mean:   W ← g·W per output channel,  b ← g·b + h
//	in front of one, through pooling and Flatten:      b ← b + Σ W·h,  W ← W·g per input channel
//
// The second needs an unpadded kernel where h is not zero, and g ≥ 0 where a MaxPool lies between. A map on the
// network's input stays for input-scale. What fits neither becomes a depthwise Conv of one tap.
func foldAffine(_ context.Context, s *State) error {
	g := clone(s.Teacher)
	// A map may have another one beside it: those behind weights go from the input on, the others from the output back.
	for i := range g.Nodes {
		if scale, shift, ok := foldable(g, i); ok && (folder{g, g.Consumers()}).behind(i, scale, shift) {
			folder{g, g.Consumers()}.bypass(i)
		}
	}
	for i := len(g.Nodes) - 1; i > 0; i-- {
		scale, shift, ok := foldable(g, i)
		if !ok {
			continue
		}
		f := folder{g, g.Consumers()}
		switch {
		case f.inFront(i, scale, shift):
			f.bypass(i)
		case len(g.Nodes[i].Shape) == 3:
			g.Nodes[i].Op = depthwise(scale, shift)
		default:
			s.Diagnostics.Errorf("SPK-CONV-005", g.Nodes[i].Name, "%s stands between operations that cannot take it in", g.Nodes[i].Op.Kind())
		}
	}
	s.Teacher = prune(g)
	return nil
}

// foldable returns scale and shift of node i if it is an affine map that is not on the input and not folded yet.
func foldable(g *ann.Graph, i int) (scale, shift []float32, ok bool) {
	if len(g.Nodes[i].Inputs) == 0 || onInput(g, i) {
		return nil, nil, false
	}
	return affineOf(g.Nodes[i].Op, g.Nodes[i].Shape.Channels())
}

// affineOf returns scale and shift of a per-channel affine operation, both complete.
func affineOf(op ann.Op, channels int) (scale, shift []float32, ok bool) {
	switch a := op.(type) {
	case *ann.BatchNorm:
		scale, shift = a.Affine()
		return scale, shift, true
	case *ann.ChannelAffine:
		scale, shift = make([]float32, channels), make([]float32, channels)
		for c := range scale {
			scale[c] = 1
			if a.Scale != nil {
				scale[c] = a.Scale[c]
			}
			if a.Shift != nil {
				shift[c] = a.Shift[c]
			}
		}
		return scale, shift, true
	}
	return nil, nil, false
}

// onInput reports whether node i is connected with the network's input by affine maps alone.
func onInput(g *ann.Graph, i int) bool {
	for i = g.Nodes[i].Inputs[0]; i != 0; i = g.Nodes[i].Inputs[0] {
		if _, _, ok := affineOf(g.Nodes[i].Op, g.Nodes[i].Shape.Channels()); !ok {
			return false
		}
	}
	return true
}

type folder struct {
	g         *ann.Graph
	consumers [][]int
}

// bypass lets everything that reads node i read its input instead; node i then reads nothing.
func (f folder) bypass(i int) {
	to := f.g.Nodes[i].Inputs[0]
	for _, c := range f.consumers[i] {
		inputs := append([]int(nil), f.g.Nodes[c].Inputs...)
		for k := range inputs {
			if inputs[k] == i {
				inputs[k] = to
			}
		}
		f.g.Nodes[c].Inputs = inputs
	}
	if f.g.Output == i {
		f.g.Output = to
	}
	f.g.Nodes[i].Inputs = nil
}

// behind folds the map into the weighted operation before node i, through average pools.
func (f folder) behind(i int, scale, shift []float32) bool {
	p := f.g.Nodes[i].Inputs[0]
	for len(f.consumers[p]) == 1 && f.g.Output != p {
		pool, ok := f.g.Nodes[p].Op.(*ann.AveragePool)
		if !ok || pool.Window.Padded() && anyNonZero(shift) {
			break
		}
		p = f.g.Nodes[p].Inputs[0]
	}
	w, ok := weightedOf(f.g.Nodes[p].Op)
	if !ok || len(f.consumers[p]) != 1 || f.g.Output == p {
		return false
	}
	w = w.clone()
	if w.bias == nil {
		w.bias = make([]float32, w.out)
	}
	fan := len(w.weight) / w.out
	for o := range w.out {
		for k := range fan {
			w.weight[o*fan+k] *= scale[o]
		}
		w.bias[o] = w.bias[o]*scale[o] + shift[o]
	}
	f.g.Nodes[p].Op = w.op()
	return true
}

// inFront folds the map into the weighted operation that alone reads node i, directly or through pooling and Flatten.
func (f folder) inFront(i int, scale, shift []float32) bool {
	shifted := anyNonZero(shift)
	for j := i; ; {
		if len(f.consumers[j]) != 1 || f.g.Output == j {
			return false
		}
		j = f.consumers[j][0]
		switch op := f.g.Nodes[j].Op.(type) {
		case *ann.MaxPool:
			for _, g := range scale {
				if g < 0 {
					return false
				}
			}
		case *ann.AveragePool:
			if shifted && op.Window.Padded() && op.CountPad {
				return false
			}
		case ann.Flatten:
		case *ann.Conv:
			if shifted && op.Window.Padded() {
				return false
			}
			f.g.Nodes[j].Op = scaleInputs(op, scale, shift)
			return true
		case *ann.Linear:
			f.g.Nodes[j].Op = scaleInputs(op, scale, shift)
			return true
		default:
			return false
		}
	}
}

// scaleInputs returns op with its input channels scaled and shifted; the channels of a Linear are equal runs of
// features.
func scaleInputs(op ann.Op, scale, shift []float32) ann.Op {
	w, _ := weightedOf(op)
	w = w.clone()
	fan := len(w.weight) / w.out
	taps := fan / (w.in / w.groups)
	for o := range w.out {
		sum := 0.0
		for k := range fan {
			c := (o/(w.out/w.groups)*(w.in/w.groups) + k/taps) * len(scale) / w.in
			p := &w.weight[o*fan+k]
			sum += float64(*p) * float64(shift[c])
			*p *= scale[c]
		}
		if w.bias == nil && sum != 0 {
			w.bias = make([]float32, w.out)
		}
		if w.bias != nil {
			w.bias[o] += float32(sum)
		}
	}
	return w.op()
}

// depthwise returns the Conv of one tap a channel that scales and shifts.
func depthwise(scale, shift []float32) *ann.Conv {
	n := len(scale)
	c := &ann.Conv{Weight: scale, In: n, Out: n, Groups: n, Window: oneTap()}
	if anyNonZero(shift) {
		c.Bias = shift
	}
	return c
}
