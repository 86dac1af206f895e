package onnx

// Identifiers of this package's diagnostics. They are stable: a number is never used again for something else.
//
//	SPK-ONNX-001  the file cannot be opened or read
//	SPK-ONNX-002  the file is empty
//	SPK-ONNX-003  the file is a Git LFS pointer, not the content
//	SPK-ONNX-004  the bytes are not an ONNX model, or are cut off
//	SPK-ONNX-005  version of the operator set outside MinOpset..MaxOpset
//	SPK-ONNX-006  there is no graph, or it has no nodes
//	SPK-ONNX-007  a model-local function that cannot be inlined
//	SPK-ONNX-008  the decoder gave up
//	SPK-ONNX-009  more nodes, names or numbers than are taken
//	SPK-ONNX-010  a tensor's shape and data do not agree
//	SPK-ONNX-011  element type of a tensor not taken
//	SPK-ONNX-012  external data missing, outside the model's folder, or too short
//	SPK-ONNX-013  sparse initialiser
//	SPK-ONNX-014  a weight is NaN or infinite
//	SPK-ONNX-020  attribute of a kind not taken, such as a sub-graph
//	SPK-ONNX-030  not exactly one input
//	SPK-ONNX-031  not exactly one output
//	SPK-ONNX-032  type, rank or dimension of the input not taken
//	SPK-ONNX-033  the output does not depend on the input
//	SPK-ONNX-040  nodes that wait for each other
//	SPK-ONNX-041  a value that nothing makes
//	SPK-ONNX-042  a value that is made twice
//	SPK-ONNX-050  operator not supported
//	SPK-ONNX-051  attribute value not supported
//	SPK-ONNX-052  an input of a node is missing, constant or not constant, against what is supported
//	SPK-ONNX-053  shapes do not fit
//	SPK-ONNX-054  an output other than the first is used
//	SPK-ONNX-060  information: nodes that the output does not need were dropped
//	SPK-ONNX-061  information: a fixed batch size is taken as any batch size
//	SPK-ONNX-062  information: weights or input of another precision are computed in float32
//	SPK-ONNX-063  further messages that are left out; an error where one of them is
//	SPK-ONNX-065  information: the input has no batch; the whole of it is one image
//	SPK-ONNX-066  information: activations are not rounded as a quantised file does
//	SPK-ONNX-067  information: the graph takes C,H,W where the file takes H,W,C
//	SPK-ONNX-068  information: the output is whole numbers in the file, and what they stand for in the graph
const (
	idUnreadable  = "SPK-ONNX-001"
	idEmpty       = "SPK-ONNX-002"
	idPointer     = "SPK-ONNX-003"
	idDamaged     = "SPK-ONNX-004"
	idOpset       = "SPK-ONNX-005"
	idNoGraph     = "SPK-ONNX-006"
	idFunctions   = "SPK-ONNX-007"
	idDecoder     = "SPK-ONNX-008"
	idTooLarge    = "SPK-ONNX-009"
	idTensorData  = "SPK-ONNX-010"
	idElementType = "SPK-ONNX-011"
	idExternal    = "SPK-ONNX-012"
	idSparse      = "SPK-ONNX-013"
	idNotFinite   = "SPK-ONNX-014"
	idAttrKind    = "SPK-ONNX-020"
	idInputs      = "SPK-ONNX-030"
	idOutputs     = "SPK-ONNX-031"
	idInputShape  = "SPK-ONNX-032"
	idConstOutput = "SPK-ONNX-033"
	idCycle       = "SPK-ONNX-040"
	idNoProducer  = "SPK-ONNX-041"
	idMadeTwice   = "SPK-ONNX-042"
	idOperator    = "SPK-ONNX-050"
	idAttribute   = "SPK-ONNX-051"
	idInput       = "SPK-ONNX-052"
	idShape       = "SPK-ONNX-053"
	idOtherOutput = "SPK-ONNX-054"
	idDeadNodes   = "SPK-ONNX-060"
	idFixedBatch  = "SPK-ONNX-061"
	idPrecision   = "SPK-ONNX-062"
	idMore        = "SPK-ONNX-063"
	idWhole       = "SPK-ONNX-065"
	idRanges      = "SPK-ONNX-066"
	idTurned      = "SPK-ONNX-067"
	idWholeOutput = "SPK-ONNX-068"
)
