package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: machineLearning + "ZipMap", about: "the probabilities that it names", attributes: []string{"classlabels_int64s", "classlabels_strings"}, run: importZipMap})
	register(importer{op: machineLearning + "Scaler", about: "one value or one for each feature", attributes: []string{"offset", "scale"}, run: importScaler})
}

// machineLearning is the beginning of the keys of the operators of ONNX-ML.
const machineLearning = "ai.onnx.ml."

// importZipMap takes the probabilities that ZipMap gives names to, in their order.
// Source: onnx, docs/Operators-ml.md, ai.onnx.ml.ZipMap and Scaler.
func importZipMap(c *call) {
	c.maxInputs(1)
	c.result(c.data(0))
}

// importScaler takes (x − offset)·scale of N,D, with one value or one for each feature.
func importScaler(c *call) {
	c.maxInputs(1)
	x := c.data(0)
	if !x.known {
		return
	}
	if len(x.shape) != 1 {
		c.refuse(idShape, "", "needs an input of shape N,D; it has Nx%s", x.shape)
		return
	}
	list := func(name string, missing float32) []float32 {
		v := attribute(c, name, []float32{missing})
		switch len(v) {
		case 1:
			return c.repeated(v[0], x.shape[0])
		case x.shape[0]:
			return v
		}
		c.refuse(idShape, "", "attribute %s has %d values for %d features", name, len(v), x.shape[0])
		return nil
	}
	offset, scale := list("offset", 0), list("scale", 1)
	if c.failed {
		return
	}
	a := &ann.ChannelAffine{Scale: scale, Shift: make([]float32, len(scale))}
	for i := range scale {
		a.Shift[i] = -offset[i] * scale[i]
	}
	c.result(c.emit(a, x))
}
