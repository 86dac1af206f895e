package onnx

import (
	"cmp"
	"fmt"

	"spikec/internal/diag"
)

// problem is an error on its way to a diagnostic: what is wrong, without the name of the thing it is wrong with.
type problem struct{ id, msg, remedy string }

// Error returns the message.
func (p *problem) Error() string { return p.msg }

// problemf returns a problem without a remedy.
func problemf(id, format string, args ...any) *problem {
	return &problem{id: id, msg: fmt.Sprintf(format, args...)}
}

// withRemedy sets what to do about the problem.
func (p *problem) withRemedy(remedy string) *problem {
	p.remedy = remedy
	return p
}

// about returns the problem as an error diagnostic about subject, with the usual remedy where it has none of its own.
func (p *problem) about(subject string) diag.Diagnostic {
	return diag.Diagnostic{ID: p.id, Severity: diag.Error, Subject: subject, Message: p.msg, Remedy: cmp.Or(p.remedy, usual[p.id])}
}
