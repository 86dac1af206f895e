package onnx

import (
	"slices"
	"strings"
	"testing"
)

// TestOrigins checks what is said of nodes that are no layers, and of sizes that the file leaves open.
func TestOrigins(t *testing.T) {
	shapes := chain(named("Shape", "s", "x"), named("Gather", "n", "s zero"), named("Concat", "target", "n minus1", wireInt("axis", 0)))
	shapes.nodes = append(shapes.nodes, named("Tanh", "nobody", "y"))
	pools := oneNode(nil, 8, 1, 5, 5)
	pools.nodes = [][]byte{named("MaxPool", "same", "x", wireInts("kernel_shape", 3, 3), wireInts("strides", 2, 2), wireString("auto_pad", "SAME_UPPER")),
		named("Identity", "i", "same"), named("AveragePool", "y", "i", wireInts("kernel_shape", 2, 2), wireInts("strides", 2, 2), wireInt("ceil_mode", 1))}
	refused := oneNode(nil, "N", 4)
	refused.nodes = [][]byte{named("Tanh", "t", "x"), named("Relu", "r", "t"), named("Erf", "y", "r"), named("Add", "c", "r d"), named("Relu", "d", "c")}
	refused.outputs = append(refused.outputs, appendBytes(nil, 1, "d"))
	filled := oneNode(addW, "N", 3).with(wireInt64s("n", 3, 4))
	filled.nodes = [][]byte{named("ConstantOfShape", "f", "n"), named("Constant", "w", "", wireFloat("value_float", 1.5)), addW, named("Identity", "g", "f")}
	filled.outputs = append(filled.outputs, appendBytes(nil, 1, "g"))
	for _, c := range []struct {
		name string
		m    wireModel
		dims string
		want []Origin
	}{
		{"shape arithmetic", shapes, "N 2 3 4", []Origin{{"s", "Shape", -1, Constant, "[N 2 3 4]"}, {"n", "Gather", -1, Constant, "[N]"},
			{"target", "Concat", -1, Constant, "[N -1]"}, {"y", "Reshape", 1, Layer, "dimension 1 of the target [N -1] is 24"}, {"nobody", "Tanh", -1, Unused, ""}}},
		{"windows", pools, "8 1 5 5", []Origin{{"same", "MaxPool", 1, Layer, "auto_pad SAME_UPPER makes pads [1 1] and [1 1]"}, {"i", "Identity", 1, Passed, "its result is same"},
			{"y", "AveragePool", 2, Layer, "ceil_mode adds [1 1] rows and columns at the end"}}},
		{"refused", refused, "N 4", []Origin{{"t", "Tanh", -1, Refused, ""}, {"r", "Relu", -1, Unknown, ""}, {"y", "Erf", -1, Refused, ""}, {"c", "Add", -1, Refused, ""}, {"d", "Relu", -1, Refused, ""}}},
		{"constants", filled, "N 3", []Origin{{"f", "ConstantOfShape", -1, Constant, "float32 3x4"}, {"w", "Constant", -1, Constant, "1.5"}, {"y", "Add", 1, Layer, ""}, {"g", "Identity", -1, Constant, "float32 3x4"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, _ := Options{}.decodeModel(c.m.bytes(), "", "model")
			if m == nil || !slices.Equal(m.Nodes, c.want) || strings.Join(m.InputDims, " ") != c.dims {
				t.Errorf("got %+v\nwant dimensions %s and %v", m, c.dims, c.want)
			}
		})
	}
}
