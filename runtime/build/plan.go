package build

import (
	"fmt"

	"spikec/convert"
	"spikec/internal/diag"
	"spikec/runtime/encode"
)

// plan checks the data against the network, and chooses their coding.
func (b *run) plan() diag.List {
	r := &b.Request
	input, name, classes := b.Model.origin().ends()
	var found, more diag.List
	if classes.Size() != classes.Channels() {
		found.Add(diag.Diagnostic{ID: idOutput, Severity: diag.Error, Subject: name,
			Message: fmt.Sprintf("the network's output is a map %s, not one value a class", classes), Remedy: "end the network in a classifier"})
	}
	r.Preprocessing.Split = b.opt.rules != convert.Strict
	if r.Calibration == nil && r.Known != nil {
		b.coding, more = r.Known.Coding, r.Known.Coding.Check(r.Data, classes.Size())
	} else {
		b.coding, more = encode.Plan(r.Data, r.Calibration, input, classes.Size(), r.Preprocessing)
	}
	found = append(found, more...)
	if r.Known != nil {
		found = append(found, r.Known.fits(*r, b.coding)...)
		found = append(found, r.Known.agrees(r.Options, &b.opt, b.target(), b.disabled())...)
	}
	return found
}
