package onnx

// remedies say what to do about operators that are not supported or not in this form.
var remedies = map[string]string{
	"Sigmoid": "train with Relu or Relu6 instead; leave a Sigmoid at the end out of the export", "Tanh": activationRemedy, "LeakyRelu": activationRemedy, "PRelu": activationRemedy, "Elu": activationRemedy,
	"Selu": activationRemedy, "Gelu": activationRemedy, "HardSwish": activationRemedy, "HardSigmoid": activationRemedy, "Softplus": activationRemedy,
	"Mish": activationRemedy, "Celu": activationRemedy, "ThresholdedRelu": activationRemedy,
	"LSTM": recurrentRemedy, "GRU": recurrentRemedy, "RNN": recurrentRemedy, "Loop": recurrentRemedy, "Scan": recurrentRemedy,
	"If":                    "export one branch only, without control flow",
	"QuantizeLinear":        floatRemedy,
	"DequantizeLinear":      floatRemedy,
	"QLinearConv":           floatRemedy,
	"QLinearMatMul":         floatRemedy,
	"ConvInteger":           floatRemedy,
	"MatMulInteger":         floatRemedy,
	"InstanceNormalization": normRemedy,
	"LayerNormalization":    normRemedy,
	"GroupNormalization":    normRemedy,
	"LRN":                   normRemedy,
	"BatchNormalization":    "export in evaluation mode: model.eval()",
	"Dropout":               "export in evaluation mode: model.eval()",
	"MaxPool":               "do not use the indices of the pooling",
	"Transpose":             "export with channels first (tf2onnx: --inputs-as-nchw)",
	"ConvTranspose":         "resize to the nearest pixel, and put a Conv behind it",
	"MaxUnpool":             "resize to the nearest pixel, and put a Conv behind it",
	"LpPool":                "use AveragePool or MaxPool",
	"ReduceL1":              reduceRemedy,
	"ReduceL2":              reduceRemedy,
	"ReduceLogSum":          reduceRemedy,
	"ReduceLogSumExp":       reduceRemedy,
	"ReduceProd":            reduceRemedy,
	"ReduceSumSquare":       reduceRemedy,
	"Erf":                   activationRemedy,
	"Exp":                   activationRemedy,
	"Pow":                   activationRemedy,
	"Sqrt":                  activationRemedy,
	"Abs":                   activationRemedy,
	"Softsign":              activationRemedy,
	"Shrink":                activationRemedy,
	"Einsum":                "write it as MatMul or Gemm with constant weights",
	"GridSample":            geometryRemedy,
	"RoiAlign":              geometryRemedy,
	"AffineGrid":            geometryRemedy,
	"DeformConv":            geometryRemedy,
	"TopK":                  "export the class scores, without the decision",
}

const (
	activationRemedy = "train with Relu or Relu6 instead"
	recurrentRemedy  = "recurrent networks are not supported"
	floatRemedy      = "export the float network; quantisation is done here, for the target chip"
	reduceRemedy     = "use ReduceMean, ReduceSum or ReduceMax"
	geometryRemedy   = "do this before the network, in the data"
	normRemedy       = "train with batch normalisation instead"
)

// remedyFor returns what to do about an operator that cannot be imported as it stands.
func remedyFor(op string) string {
	if r, ok := remedies[op]; ok {
		return r
	}
	return "rebuild the layer from supported operators, or simplify the file with onnxsim"
}
