package sweep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"spikec/internal/diag"
)

// idResults is the diagnostic of results that cannot be read. Its number is stable.
const idResults = "SPK-SWEEP-002"

// Read reads the results of a sweep from its folder. The error is a *diag.Failure where there are none, or others than a sweep
// writes.
func Read(dir string) (*Result, error) {
	path := filepath.Join(dir, resultFile)
	refuse := func(remedy, format string, args ...any) error {
		return &diag.Failure{List: diag.List{{ID: idResults, Severity: diag.Error, Subject: path, Message: fmt.Sprintf(format, args...), Remedy: remedy}}}
	}
	const again = "sweep again with the same --out: cells that are done are kept"
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, refuse(again, "there are no results: the sweep was not done")
	} else if err != nil {
		return nil, refuse(again, "cannot be read: %v", errors.Unwrap(err))
	}
	r := &Result{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(r); err != nil {
		return nil, refuse(again, "is no result of a sweep: %v", err)
	}
	if r.Schema != Schema {
		return nil, refuse(again, "schema %q, want %s", r.Schema, Schema)
	}
	for i := range r.Cells {
		switch c := &r.Cells[i]; {
		case c.Failed:
		case c.PerImage == nil || c.Options == nil || c.Front == nil:
			return nil, refuse(again, "cell %d, %s, is not whole", i, c)
		case r.Cost == CostEnergy && c.SNNNanojoule == nil:
			return nil, refuse(again, "cell %d, %s, has no energy", i, c)
		}
	}
	return r, nil
}
