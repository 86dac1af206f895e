package onnx

// reasons say why operators are not supported, where there is more to say than that they are not.
var reasons = map[string]string{
	"Abs":                       curveReason,
	"Attention":                 productReason,
	"Ceil":                      curveReason,
	"Celu":                      curveReason,
	"ConvTranspose":             "a chip's synapses gather what lies under a window, and do not spread it",
	"Cos":                       curveReason,
	"DeformConv":                geometryReason,
	"DynamicQuantizeLinear":     dynamicReason,
	"Einsum":                    productReason,
	"Elu":                       curveReason,
	"Erf":                       curveReason,
	"Exp":                       curveReason,
	"Floor":                     curveReason,
	"Gelu":                      curveReason,
	"GridSample":                geometryReason,
	"GroupNormalization":        statisticsReason,
	"GRU":                       stateReason,
	"HardSigmoid":               curveReason,
	"HardSwish":                 curveReason,
	"If":                        branchReason,
	"InstanceNormalization":     statisticsReason,
	"LayerNormalization":        statisticsReason,
	"LeakyRelu":                 curveReason,
	"Log":                       curveReason,
	"Loop":                      stateReason,
	"LpNormalization":           statisticsReason,
	"LpPool":                    curveReason,
	"LRN":                       statisticsReason,
	"LSTM":                      stateReason,
	"MaxUnpool":                 "it needs the places of maxima, and spikes carry values only",
	"MeanVarianceNormalization": statisticsReason,
	"Mish":                      curveReason,
	"MultiHeadAttention":        productReason,
	"NonMaxSuppression":         decisionReason,
	"Pow":                       curveReason,
	"PRelu":                     curveReason,
	"RandomNormal":              randomReason,
	"RandomNormalLike":          randomReason,
	"RandomUniform":             randomReason,
	"RandomUniformLike":         randomReason,
	"Reciprocal":                curveReason,
	"ReduceL1":                  curveReason,
	"ReduceL2":                  curveReason,
	"ReduceLogSum":              curveReason,
	"ReduceLogSumExp":           curveReason,
	"ReduceProd":                productReason,
	"ReduceSumSquare":           curveReason,
	"RMSNormalization":          statisticsReason,
	"RNN":                       stateReason,
	"Round":                     curveReason,
	"Scan":                      stateReason,
	"Selu":                      curveReason,
	"Shrink":                    curveReason,
	"Sigmoid":                   curveReason,
	"Sin":                       curveReason,
	"Softplus":                  curveReason,
	"Softsign":                  curveReason,
	"Sqrt":                      curveReason,
	"Swish":                     curveReason,
	"Tanh":                      curveReason,
	"ThresholdedRelu":           curveReason,
	"TopK":                      decisionReason,
}

const (
	curveReason      = "a spiking neuron computes a rectifier, not this function"
	statisticsReason = "it divides by statistics of each image, and a chip's weights are the same for all images"
	productReason    = "it multiplies values that both depend on the image, and a chip multiplies with constants only"
	dynamicReason    = "its ranges follow each image, and a chip keeps one range for all"
	geometryReason   = "where it reads depends on the image, and a chip's synapses are the same for all images"
	branchReason     = "it chooses what to compute, and a chip computes the same for every image"
	stateReason      = "it repeats nodes over time, and only feed-forward networks are converted"
	decisionReason   = "it takes the decision, which is read from the class scores here"
	randomReason     = "its result is another one in every run"
)

// because returns why an operator is not supported, as the end of a message.
func because(op string) string {
	if r, ok := reasons[op]; ok {
		return ": " + r
	}
	return ""
}

// constantsOnly refuses a node of an operator that is folded for constants, and reads a tensor of the network.
func (c *call) constantsOnly() {
	c.refuse(idOperator, remedyFor(c.op), "operator is not supported on a tensor of the network, only on constants%s", because(c.op))
}

// remedies say what to do about operators that are not supported or not in this form.
var remedies = map[string]string{
	"Abs":                       activationRemedy,
	"AffineGrid":                geometryRemedy,
	"Attention":                 attentionRemedy,
	"BatchNormalization":        "export in evaluation mode: model.eval()",
	"Celu":                      activationRemedy,
	"ConvInteger":               dynamicRemedy,
	"ConvTranspose":             "upsample with Resize (nearest) and a Conv behind it",
	"DeformConv":                geometryRemedy,
	"Dropout":                   "export in evaluation mode: model.eval()",
	"DynamicQuantizeLinear":     dynamicRemedy,
	"Einsum":                    "write it as MatMul, Gemm or Conv with constant weights",
	"Elu":                       activationRemedy,
	"Erf":                       "train with Relu or Relu6 instead; an Erf usually is part of a GELU",
	"Exp":                       activationRemedy,
	"Gelu":                      activationRemedy,
	"GridSample":                geometryRemedy,
	"GroupNormalization":        normRemedy,
	"GRU":                       recurrentRemedy,
	"HardSigmoid":               activationRemedy,
	"HardSwish":                 activationRemedy,
	"If":                        "export one branch only, without control flow",
	"InstanceNormalization":     normRemedy,
	"LayerNormalization":        normRemedy,
	"LeakyRelu":                 activationRemedy,
	"Loop":                      loopRemedy,
	"LpNormalization":           normRemedy,
	"LpPool":                    "use AveragePool or MaxPool",
	"LRN":                       normRemedy,
	"LSTM":                      recurrentRemedy,
	"MatMulInteger":             dynamicRemedy,
	"MaxPool":                   "do not use the indices of the pooling",
	"MaxUnpool":                 "upsample with Resize (nearest) and a Conv behind it",
	"MeanVarianceNormalization": normRemedy,
	"Mish":                      activationRemedy,
	"MultiHeadAttention":        attentionRemedy,
	"NonMaxSuppression":         decisionRemedy,
	"Pow":                       activationRemedy,
	"PRelu":                     activationRemedy,
	"RandomNormal":              noiseRemedy,
	"RandomNormalLike":          noiseRemedy,
	"RandomUniform":             noiseRemedy,
	"RandomUniformLike":         noiseRemedy,
	"ReduceL1":                  reduceRemedy,
	"ReduceL2":                  reduceRemedy,
	"ReduceLogSum":              reduceRemedy,
	"ReduceLogSumExp":           reduceRemedy,
	"ReduceProd":                reduceRemedy,
	"ReduceSumSquare":           reduceRemedy,
	"RMSNormalization":          normRemedy,
	"RNN":                       recurrentRemedy,
	"RoiAlign":                  geometryRemedy,
	"Scan":                      loopRemedy,
	"Selu":                      activationRemedy,
	"Shrink":                    activationRemedy,
	"Sigmoid":                   scoreRemedy,
	"Softplus":                  activationRemedy,
	"Softsign":                  activationRemedy,
	"Sqrt":                      activationRemedy,
	"Swish":                     activationRemedy,
	"Tanh":                      scoreRemedy,
	"ThresholdedRelu":           activationRemedy,
	"TopK":                      decisionRemedy,
}

const (
	activationRemedy = "train with Relu or Relu6 instead"
	scoreRemedy      = "train with Relu or Relu6 instead; leave one at the end of the network out of the export"
	recurrentRemedy  = "train a feed-forward network on whole images instead"
	loopRemedy       = "export with the loop written out, for a fixed number of rounds"
	attentionRemedy  = "train a convolutional network without attention"
	dynamicRemedy    = "export the float network, or quantise with static ranges"
	reduceRemedy     = "use ReduceMean, ReduceSum or ReduceMax"
	geometryRemedy   = "do this before the network, in the data"
	normRemedy       = "train with BatchNorm instead"
	decisionRemedy   = "export the class scores, without the decision"
	noiseRemedy      = "export in evaluation mode, without noise: model.eval()"
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

// usual says what to do about problems that say nothing themselves, by their ID.
var usual = map[string]string{
	idTensorData:  "export the model again; the file is damaged",
	idExternal:    "export the model again, and keep its files together",
	idMadeTwice:   checkRemedy,
	idNoGraph:     "export the model again",
	idInputs:      "export the model with the image as its only input, and class scores that are computed from it",
	idOutputs:     "export the model with the class scores as its only output",
	idConstOutput: "export the model with class scores that are computed from the image",
	idNoProducer:  checkRemedy,
	idAttribute:   checkRemedy,
	idInput:       checkRemedy,
	idShape:       checkRemedy,
	idNotFinite:   "train again, or export from an earlier checkpoint",
	idAttrKind:    "export without it",
}

const checkRemedy = "check the file with onnx.checker; where it has nothing to say, export with another opset version, or simplify with onnxsim"
