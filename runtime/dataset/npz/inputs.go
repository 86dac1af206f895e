package npz

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"spikec/internal/diag"
)

// idInputs is the diagnostic of a file of inputs that cannot be read.
const idInputs = "SPK-DATA-018"

// Inputs reads the array x of a file that a user names as the inputs of a run. The error names the file and says how to write
// one; it is the context's where that ended.
func Inputs(ctx context.Context, path string) (*Array, error) {
	arrays, err := Read(ctx, path, "x")
	if err == nil {
		return arrays[0], nil
	}
	if ctx.Err() != nil {
		return nil, err
	}
	d := diag.Diagnostic{ID: idInputs, Severity: diag.Error, Subject: path, Remedy: "write it with numpy.savez(FILE, x=inputs), inputs of float32 with the batch first",
		Message: "cannot be read: " + strings.TrimPrefix(strings.TrimPrefix(err.Error(), "npz: "), path+": ")}
	var place *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.Message, d.Remedy = "there is no such file", "check the path"
	case errors.As(err, &place) && place.Path == path: // the subject names the file
		d.Message, d.Remedy = "cannot be read: "+place.Err.Error(), "name a file that you may read"
	}
	return nil, &diag.Failure{List: diag.List{d}}
}
