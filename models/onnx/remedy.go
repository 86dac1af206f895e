package onnx

// remedies say what to do about operators that are not supported or not in this form.
var remedies = map[string]string{
	"Sigmoid": "train with Relu or Relu6 instead; leave a Sigmoid at the end out of the export", "Tanh": activationRemedy, "LeakyRelu": activationRemedy, "PRelu": activationRemedy, "Elu": activationRemedy,
	"Selu": activationRemedy, "Gelu": activationRemedy, "HardSwish": activationRemedy, "HardSigmoid": activationRemedy, "Softplus": activationRemedy,
	"Mish": activationRemedy, "Celu": activationRemedy, "ThresholdedRelu": activationRemedy,
	"LSTM": recurrentRemedy, "GRU": recurrentRemedy, "RNN": recurrentRemedy, "Loop": recurrentRemedy, "Scan": recurrentRemedy,
	"If":                    "export one branch only, without control flow",
	"ConvInteger":           dynamicRemedy,
	"MatMulInteger":         dynamicRemedy,
	"DynamicQuantizeLinear": dynamicRemedy,
	"InstanceNormalization": normRemedy,
	"LayerNormalization":    normRemedy,
	"GroupNormalization":    normRemedy,
	"LRN":                   normRemedy,
	"BatchNormalization":    "export in evaluation mode: model.eval()",
	"Dropout":               "export in evaluation mode: model.eval()",
	"MaxPool":               "do not use the indices of the pooling",
	"GlobalMaxPool":         "use MaxPool with the size of the map",
	"Transpose":             "export with channels first (tf2onnx: --inputs-as-nchw)",
	"ArgMax":                "export the class scores, without the decision",
	"TopK":                  "export the class scores, without the decision",
}

const (
	activationRemedy = "train with Relu or Relu6 instead"
	recurrentRemedy  = "recurrent networks are not supported"
	dynamicRemedy    = "export the float network, or quantise with static ranges: ranges that follow each image are none that a chip could keep"
	normRemedy       = "train with batch normalisation instead"
)

// domainRemedies say what to do about operators of a domain.
var domainRemedies = map[string]string{
	"com.microsoft.nchwc":  layoutRemedy,
	"com.ms.internal.nhwc": layoutRemedy,
	"com.microsoft":        "let onnxruntime save the graph at optimisation level basic, or take the model from before the optimisation",
	"ai.onnx.ml":           "choose the output that holds class scores or probabilities before labels are made of them",
}

const layoutRemedy = "let onnxruntime save the graph at optimisation level extended or below: level all is for one processor"

// remedyOf returns what to do about an operator of a domain that is not ONNX's own.
func remedyOf(domain string) string {
	if r, ok := domainRemedies[domain]; ok {
		return r
	}
	return "export with the standard operators only"
}

// remedyFor returns what to do about an operator that cannot be imported as it stands.
func remedyFor(op string) string {
	if r, ok := remedies[op]; ok {
		return r
	}
	return "rebuild the layer from supported operators, or simplify the file with onnxsim"
}
