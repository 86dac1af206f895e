package onnx

import (
	"fmt"
	"slices"

	"spikec/internal/diag"
)

// maxFindings bounds the messages about one file. What is the same of several nodes is one message.
const maxFindings = 200

// maxMessage is the longest message that is shown. [bytes]
const maxMessage = 1000

// thing is what a message is about: a node with its operator, an initialiser, an input.
type thing struct{ kind, name, op string }

// finding is one message, about one thing or several.
type finding struct {
	diag.Diagnostic          // its subject is empty where the things make it
	about           thing    // kind and op of the things
	names           []string // of the first things, in their order
	count           int      // of all
}

// findings collects diagnostics. It takes the same message about several nodes of an operator together, and keeps
// count of those for which there is no room, so that a file of a million bad nodes has a readable answer too.
type findings struct {
	list  []*finding
	same  map[alike]*finding
	more  int  // left out
	fatal bool // there is an error, listed or not
}

// alike is what messages that are taken together have in common.
type alike struct{ kind, op, id, message, remedy string }

// clone returns findings that hold the same, and go on by themselves.
func (f *findings) clone() *findings {
	d := &findings{more: f.more, fatal: f.fatal, same: map[alike]*finding{}}
	for _, x := range f.list {
		y := *x
		y.names = slices.Clone(x.names)
		d.list = append(d.list, &y)
		if y.count > 0 {
			d.same[alikeOf(y.about, y.Diagnostic)] = &y
		}
	}
	return d
}

func alikeOf(t thing, d diag.Diagnostic) alike { return alike{t.kind, t.op, d.ID, d.Message, d.Remedy} }

// Add appends a diagnostic whose subject stands.
func (f *findings) Add(d diag.Diagnostic) {
	f.fatal = f.fatal || d.Severity == diag.Error
	if len(f.list) == maxFindings {
		f.more++
		return
	}
	d.Message = cut(d.Message, maxMessage)
	f.list = append(f.list, &finding{Diagnostic: d})
}

// about appends a problem of a thing, as an error.
func (f *findings) about(t thing, p *problem) {
	d := p.about("")
	d.Message = cut(d.Message, maxMessage)
	key := alikeOf(t, d)
	if known := f.same[key]; known != nil {
		if known.count++; len(known.names) < listedNames {
			known.names = append(known.names, t.name)
		}
		return
	}
	before := len(f.list)
	if f.Add(d); len(f.list) == before {
		return
	}
	if f.same == nil {
		f.same = map[alike]*finding{}
	}
	added := f.list[before]
	added.about, added.names, added.count = t, []string{t.name}, 1
	f.same[key] = added
}

// blame records a problem of a node.
func (f *findings) blame(n *nodeInfo, p *problem) {
	n.blamed = true
	f.about(thing{"node", n.name, n.op}, p)
}

// Infof appends a piece of information about subject.
func (f *findings) Infof(id, subject, format string, args ...any) {
	f.Add(diag.Diagnostic{ID: id, Severity: diag.Info, Subject: subject, Message: fmt.Sprintf(format, args...)})
}

// HasErrors reports whether any of the diagnostics is an error.
func (f *findings) HasErrors() bool { return f.fatal }

// diagnostics returns what was collected about the file called source, in the order in which it was found.
func (f *findings) diagnostics(source string) diag.List {
	var list diag.List
	for _, x := range f.list {
		d := x.Diagnostic
		if x.count > 0 {
			d.Subject = x.about.subject(x.names, x.count)
		}
		list.Add(d)
	}
	if f.more > 0 {
		severity := diag.Info
		if f.fatal {
			severity = diag.Error
		}
		list.Add(diag.Diagnostic{ID: idMore, Severity: severity, Subject: source, Message: fmt.Sprintf("%d further messages are left out", f.more),
			Value: f.more, Remedy: "solve the first ones, then look again"})
	}
	return list
}

// subject prints what a message is about: node "a" (Relu), or nodes "a", "b" and 7 more (Relu).
func (t thing) subject(names []string, count int) string {
	s := t.kind
	if count > 1 {
		s += "s"
	}
	s += " " + listOf(names, count)
	if t.op != "" {
		s += " (" + cut(t.op, shownName) + ")"
	}
	return s
}
