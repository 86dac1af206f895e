package onnx

import (
	"bytes"

	"spikec/internal/diag"
)

// pointerHead is how a Git LFS pointer file starts.
// Source: the Git LFS specification, docs/spec.md, "The Pointer".
const pointerHead = "version https://git-lfs.github.com/spec/"

// isPointer reports whether data is a Git LFS pointer instead of the content it stands for.
func isPointer(data []byte) bool { return bytes.HasPrefix(data, []byte(pointerHead)) }

// checkHead recognises files that are no model at first sight.
func checkHead(data []byte, source string) (d diag.Diagnostic, bad bool) {
	d = diag.Diagnostic{Subject: source}
	switch {
	case len(data) == 0:
		d.ID, d.Message, d.Remedy = idEmpty, "the file is empty", "export or download the model again"
	case isPointer(data):
		d.ID, d.Message, d.Remedy = idPointer, "is a Git LFS pointer, not the model", "run git lfs pull where it came from"
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		d.ID, d.Message, d.Remedy = idDamaged, "is a ZIP archive, not an ONNX model", "unpack it, or export the PyTorch checkpoint with torch.onnx.export"
	case bytes.HasPrefix(data, []byte("\x89HDF\r\n\x1a\n")):
		d.ID, d.Message, d.Remedy = idDamaged, "is an HDF5 file, not an ONNX model", "convert the Keras model with tf2onnx; files of NIR are for spikec build and inspect"
	default:
		return d, false
	}
	return d, true
}
