package onnx

import "spikec/models/ann"

func init() {
	register(importer{op: microsoft + "FusedConv", about: "as Conv, Add and Relu or Clip", attributes: append([]string{"group", "activation", "activation_params"}, windowAttributes...), run: importFusedConv})
	register(importer{op: microsoft + "FusedGemm", about: "as Gemm and Relu or Clip", attributes: []string{"alpha", "beta", "transA", "transB", "activation", "activation_alpha", "activation_beta", "activation_gamma"}, run: importFusedGemm})
	register(importer{op: microsoft + "FusedMatMul", about: "as Gemm", attributes: []string{"alpha", "transA", "transB", "transBatchA", "transBatchB"}, run: importFusedMatMul})
}

// importFusedConv takes Conv with a summand Z (input 3) and an activation behind it.
// Source: onnxruntime, docs/ContribOperators.md, com.microsoft.FusedConv and the others of this file.
func importFusedConv(c *call) {
	c.maxInputs(4)
	y := c.through("Conv", c.without("activation", "activation_params"), c.in(0), c.in(1), c.in(2))
	if c.has(3) {
		y = c.through("Add", nil, y, c.in(3))
	}
	params := attribute(c, "activation_params", []float32{})
	c.finish(c.activated(y, params))
}

// importFusedGemm takes Gemm with an activation behind it.
func importFusedGemm(c *call) {
	var params []float32
	for _, name := range []string{"activation_alpha", "activation_beta"} {
		if c.hasAttribute(name) {
			params = append(params, attribute(c, name, float32(0)))
		}
	}
	rest := c.without("activation", "activation_alpha", "activation_beta", "activation_gamma")
	c.finish(c.activated(c.through("Gemm", rest, c.inputs...), params))
}

// importFusedMatMul takes alpha·x·W, W transposed with transB, as Gemm.
func importFusedMatMul(c *call) {
	c.maxInputs(2)
	for _, name := range []string{"transBatchA", "transBatchB"} {
		if c.flag(name, 0) {
			c.refuse(idAttribute, "", "attribute %s is 1", name)
		}
	}
	c.finish(c.through("Gemm", c.without("transBatchA", "transBatchB"), c.inputs...))
}

// activated returns v behind the activation that the attribute names, with its parameters.
func (c *call) activated(v *value, params []float32) *value {
	name := attribute(c, "activation", "")
	switch {
	case name == "":
		return v
	case name == "Relu":
		return c.through("Relu", nil, v)
	case name == "Clip" && len(params) == 2:
		y := c.emitAs("/clip", ann.Clip{Min: boundOf(params[0], -1), Max: boundOf(params[1], 1)}, c.operandOf(v))
		return &value{name: v.name, known: y.known, node: y.node}
	}
	c.refuse(idOperator, remedyFor(name), "has the activation %s with parameters %v; Relu and Clip are supported", name, params)
	return v
}
