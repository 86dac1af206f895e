package onnx

import (
	"slices"
	"strings"

	"spikec/internal/diag"
	"spikec/models/ann"
)

// findInput starts the graph with the one input that live nodes read. The first dimension is the batch, of any size;
// the others must be numbers.
func (b *builder) findInput(used map[*value]bool) {
	b.batch = -1
	var real []valueInfo
	var names []string
	for _, in := range b.pre.inputs {
		if used[b.rec.byName[in.name]] {
			real, names = append(real, in), append(names, in.name)
		}
	}
	switch {
	case len(real) == 0:
		b.fail(problemf(idInputs, "has no input that its output depends on"))
		return
	case len(real) > 1:
		b.fail(problemf(idInputs, "has %d inputs: %s", len(real), listNames(names)).withRemedy("export the model with the image as its only input"))
		return
	}
	in := real[0]
	b.numbered = !slices.Contains(in.sizes, -1) && len(in.sizes) > 0
	shape, p := in.image(b.whole)
	if p != nil {
		b.diags.about(thing{"input", in.name, ""}, p)
		return
	}
	v := b.rec.byName[in.name]
	if len(shape) == 3 && !b.whole {
		if b.turns = b.turned(v); len(b.turns) > 0 {
			b.model.ChannelsLast, shape = true, ann.Shape{shape[2], shape[0], shape[1]}
			b.diags.Infof(idTurned, "input "+quoted(in.name), "is N,H,W,C in the file; the graph takes N,C,H,W, as the network turns it before anything else")
		}
	}
	b.model.InputName, b.model.InputDims = in.name, in.dims
	b.model.Graph = ann.NewGraph(b.pre.graphName, in.name, shape)
	b.elements = shape.Size()
	v.known, v.node = true, 0
	b.model.Whole = b.whole
	if b.batch = in.sizes[0]; b.whole {
		b.diags.Infof(idWhole, "input "+quoted(in.name), "is taken as a whole for one image: its first dimension is no batch, because operations do not keep it")
	} else if b.batch > 1 {
		b.diags.Add(diag.Diagnostic{ID: idFixedBatch, Severity: diag.Info, Subject: "input " + quoted(in.name), Message: "the fixed batch size is taken as any batch size", Value: b.batch})
	}
	if !elementTypes[in.elemType].float {
		v.integers = &integers{kind: in.elemType, scale: 1}
	}
	if in.elemType != typeFloat32 {
		b.diags.Infof(idPrecision, "input "+quoted(in.name), "type %s is computed in float32", typeName(in.elemType))
	}
}

// maxInputRank bounds the dimensions of the network's input.
const maxInputRank = 6

// image returns the shape of one image: the input's without the batch, or the whole of it.
func (v valueInfo) image(whole bool) (ann.Shape, *problem) {
	lead := 1
	if whole {
		lead = 0
	}
	const remedy = "export with an input of shape N,C,H,W, N,H,W or N,D of float32, only N symbolic"
	switch {
	case !v.tensor:
		return nil, problemf(idInputShape, "is not a tensor").withRemedy(remedy)
	case !elementTypes[v.elemType].float && integerRanges[v.elemType] == [2]float32{}:
		return nil, problemf(idInputShape, "has element type %s", typeName(v.elemType)).withRemedy("export with a float32 or uint8 input")
	case !v.hasShape:
		return nil, problemf(idInputShape, "has no shape").withRemedy(remedy)
	case v.rank <= lead || v.rank > maxInputRank:
		return nil, problemf(idInputShape, "has shape [%s] of rank %d; ranks 2 to %d are taken", strings.Join(v.dims, ","), v.rank, maxInputRank).withRemedy(remedy)
	}
	shape, size := ann.Shape{}, 1
	for i, n := range v.sizes[lead:] {
		if n < 1 {
			return nil, problemf(idInputShape, "dimension %d of shape [%s] is not a number", i+lead, strings.Join(v.dims, ",")).
				withRemedy("export with a fixed image size, or set it with onnxruntime.tools.make_dynamic_shape_fixed")
		}
		if n > int64(ann.MaxElements/size) {
			return nil, problemf(idInputShape, "shape [%s] has more than %d elements", strings.Join(v.dims, ","), ann.MaxElements)
		}
		size *= int(n)
		shape = append(shape, int(n))
	}
	return shape, nil
}
