package onnx

import (
	"math"
	"slices"

	"spikec/models/ann"
)

func init() {
	register(importer{op: "Resize", attributes: []string{"antialias", "axes", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside", "extrapolation_value",
		"keep_aspect_ratio_policy", "mode", "nearest_mode"}, about: "to the nearest pixel: all coordinate transformations, nearest modes, axes and policies; not the batch", run: importResize})
	register(importer{op: "Upsample", attributes: []string{"mode", "scales"}, about: "to the nearest pixel (opsets 7 to 9)", run: importUpsample})
}

// importUpsample takes Upsample to the nearest pixel (opsets 7 to 9): output o reads input ⌊o/scale⌋.
func importUpsample(c *call) {
	c.maxInputs(2)
	x := c.data(0)
	c.nearestOnly()
	scales := attribute[[]float32](c, "scales", nil)
	if c.has(1) {
		if k := c.floats(1, "scales"); k != nil {
			scales = k.floats
		}
	}
	if c.failed || !x.known {
		return
	}
	c.resize(x, resizing{scales: scales, transform: "asymmetric", nearest: "floor"})
}

// importResize takes Resize to the nearest pixel, in all its spellings.
func importResize(c *call) {
	c.maxInputs(4)
	x := c.data(0)
	c.nearestOnly()
	r := resizing{extrapolation: attribute(c, "extrapolation_value", float32(0))}
	r.axes = attribute[[]int64](c, "axes", nil)
	r.policy = c.choice("keep_aspect_ratio_policy", "stretch", "not_larger", "not_smaller")
	if c.opset() < 11 { // X, scales; as Upsample
		r.transform, r.nearest = "asymmetric", "floor"
		if k := c.floats(1, "scales"); k != nil {
			r.scales = k.floats
		}
	} else {
		r.transform = c.choice("coordinate_transformation_mode", "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize")
		r.nearest = c.choice("nearest_mode", "round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
		if c.has(2) {
			if k := c.floats(2, "scales"); k != nil {
				r.scales = k.floats
			}
		}
		if c.has(3) {
			if k := c.ints(3, "sizes"); k != nil {
				r.sizes = k.ints
			}
		}
		if r.transform == "tf_crop_and_resize" {
			if k := c.floats(1, "roi"); k != nil {
				r.roi = k.floats
			}
		}
	}
	if c.failed || !x.known {
		return
	}
	c.resize(x, r)
}

// nearestOnly refuses the modes that interpolate.
func (c *call) nearestOnly() {
	if mode := attribute(c, "mode", "nearest"); mode != "nearest" {
		c.refuse(idAttribute, "train with Resize to the nearest pixel", "attribute mode is %q, supported: nearest", mode)
	}
}

// resizing is what Resize does, dimension by dimension.
type resizing struct {
	axes               []int64 // nil: all
	scales, roi        []float32
	sizes              []int64
	policy             string // what becomes of sizes
	transform, nearest string
	extrapolation      float32
}

// resize adds the selection of the nearest pixels.
func (c *call) resize(x operand, r resizing) {
	rank := c.rank(x)
	if r.axes == nil {
		for a := range rank {
			r.axes = append(r.axes, int64(a))
		}
	}
	n := len(r.axes)
	if n > rank || len(r.scales) != n && len(r.sizes) != n || r.roi != nil && len(r.roi) != 2*n {
		c.refuse(idInput, "", "has %d scales and %d sizes for %d dimensions", len(r.scales), len(r.sizes), n)
		return
	}
	in := make([]int, n)
	dims := make([]int, n)
	for i, a := range r.axes {
		d, ok := c.dimension(a, x)
		if !ok {
			return
		}
		if dims[i], in[i] = d, int(max(1, c.b.batch)); d >= 0 {
			in[i] = x.shape[d]
		}
	}
	out, scale, ok := r.output(in)
	if !ok || product(out) < 1 {
		c.refuse(idInput, "", "scales %v, sizes %v do not fit %s", r.scales, r.sizes, c.text(x))
		return
	}
	s := &ann.Select{Axes: ann.Kept(len(x.shape)), Value: r.extrapolation}
	for i, d := range dims {
		if d < 0 {
			if sizes := r.sizes; len(r.scales) == n && r.scales[i] != 1 || len(sizes) == n && sizes[i] != 1 && sizes[i] != c.b.batch && sizes[i] != batchMark {
				c.refuse(idInput, "keep the batch", "resizes the batch")
				return
			}
			continue
		}
		if !c.room(out[i], 8) {
			return
		}
		index := make([]int, out[i])
		for o := range index {
			index[o] = r.source(i, n, o, in[i], out[i], scale[i])
		}
		s.Axes[d].Index = index
	}
	c.result(c.selected("", x, s))
}

// output returns the sizes, and the scales that coordinates are transformed with. As in onnxruntime, sizes and coordinates are
// computed in float32, one rounding an operation: 3 pixels by 5/3 are 5, which is a little less with more digits.
func (r resizing) output(in []int) (out []int, scale []float32, ok bool) {
	out, scale = make([]int, len(in)), make([]float32, len(in))
	if len(r.scales) == len(in) {
		for i, f := range r.scales {
			size := float32(in[i]) * f
			if r.roi != nil {
				size = float32(in[i]) * (r.roi[len(in)+i] - r.roi[i]) * f
			}
			if !(size >= 1 && size <= maxInt) {
				return nil, nil, false
			}
			out[i], scale[i] = int(size), f
		}
		return out, scale, true
	}
	for i, s := range r.sizes {
		if s == batchMark {
			s = int64(in[i])
		}
		if s < 1 || s > maxInt {
			return nil, nil, false
		}
		out[i], scale[i] = int(s), float32(s)/float32(in[i])
	}
	if r.policy != "stretch" {
		one := slices.Min(scale)
		if r.policy == "not_smaller" {
			one = slices.Max(scale)
		}
		for i := range out {
			scale[i] = one
			out[i] = int(math.Floor(float64(one*float32(in[i])) + 0.5))
		}
	}
	return out, scale, true
}

// source returns the input position that output position o of dimension i of n reads, −1 for the extrapolation value. Every
// product is rounded before it is added to anything.
// Source: the ONNX operator specification, Resize, coordinate_transformation_mode and nearest_mode.
func (r resizing) source(i, n, o, size, result int, scale float32) int {
	x, in, out := float32(o), float32(size), float32(result)
	switch r.transform {
	case "half_pixel":
		x = (x+0.5)/scale - 0.5
	case "half_pixel_symmetric":
		adjusted := out / (scale * in) // the output's size over what it would be without rounding
		x = float32(in/2*(1-adjusted)) + (x+0.5)/scale - 0.5
	case "pytorch_half_pixel":
		if x = (x+0.5)/scale - 0.5; result == 1 {
			x = 0
		}
	case "tf_half_pixel_for_nn":
		x = (x + 0.5) / scale
	case "align_corners":
		if x = x * (in - 1) / (out - 1); result == 1 {
			x = 0
		}
	case "tf_crop_and_resize":
		from, to := r.roi[i], r.roi[n+i]
		if x = float32(from*(in-1)) + x*(to-from)*(in-1)/(out-1); result == 1 {
			x = (from + to) * (in - 1) / 2
		}
		if x < 0 || x > in-1 {
			return -1
		}
	default: // asymmetric
		x /= scale
	}
	at := float64(x)
	switch r.nearest {
	case "round_prefer_floor":
		at = math.Ceil(at - 0.5)
	case "round_prefer_ceil":
		at = math.Floor(at + 0.5)
	case "ceil":
		at = math.Ceil(at)
	default:
		at = math.Floor(at)
	}
	return min(max(int(at), 0), size-1)
}
