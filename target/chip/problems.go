package chip

import (
	"cmp"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"spikec/internal/diag"
)

// Diagnostics of profiles. The numbers are stable.
const (
	idTarget     = "SPK-CHIP-001" // no profile of this ID
	idFile       = "SPK-CHIP-002" // the file cannot be read, or is too large
	idSyntax     = "SPK-CHIP-003" // not YAML
	idFeature    = "SPK-CHIP-004" // YAML that profiles do not use: aliases, tags, several documents
	idDuplicate  = "SPK-CHIP-005" // a key twice
	idUnknownKey = "SPK-CHIP-006"
	idMissing    = "SPK-CHIP-007" // a required key
	idType       = "SPK-CHIP-008" // a list where a number should be, and the like
	idRange      = "SPK-CHIP-009" // outside lower..upper
	idWord       = "SPK-CHIP-010" // outside an enumeration
	idParent     = "SPK-CHIP-011" // inherits: unknown parent
	idCycle      = "SPK-CHIP-012" // inherits: a profile is its own ancestor
	idProgram    = "SPK-CHIP-013" // a micro-operation: unknown, or with wrong parameters
	idArith      = "SPK-CHIP-014" // an arithmetic's name
	idExpr       = "SPK-CHIP-015" // an expression's syntax
	idName       = "SPK-CHIP-016" // an unknown name in an expression
	idFormat     = "SPK-CHIP-017" // a range outside what its number format holds
	idConstraint = "SPK-CHIP-018" // a constraint that nothing checks
	idConflict   = "SPK-CHIP-019" // two keys contradict each other
	idMore       = "SPK-CHIP-020" // more problems than are listed
	idTaken      = "SPK-CHIP-021" // the ID of an embedded profile on another one
)

// maxProblems is how many problems of one load are listed.
const maxProblems = 100

// problem is one finding, with the place that it is sorted by.
type problem struct {
	order, line int // order of the file in the chain of inheritance
	diag        diag.Diagnostic
}

// problems collects what is wrong with a profile and its ancestors.
type problems struct {
	files  []string              // as they were read
	origin map[*yaml.Node]string // the file of every node
	list   []problem
	more   int // findings beyond maxProblems
}

// at reports a finding about a node; path names the key, as in weight.bits, and may be empty.
func (p *problems) at(n *yaml.Node, id, path, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	if path != "" {
		msg = path + ": " + msg
	}
	p.add(p.origin[n], n.Line, diag.Diagnostic{ID: id, Message: msg})
}

// add reports a finding about a line of a file, or about the whole file if line is 0.
func (p *problems) add(file string, line int, d diag.Diagnostic) {
	if len(p.list) == maxProblems {
		p.more++
		return
	}
	d.Severity = diag.Error
	d.Subject = "profile " + file
	if line > 0 {
		d.Subject += fmt.Sprintf(" line %d", line)
	}
	p.list = append(p.list, problem{order: slices.Index(p.files, file), line: line, diag: d})
}

// err returns everything found as a *diag.Failure, file by file and line by line, or nil.
func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	slices.SortStableFunc(p.list, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.line, b.line))
	})
	var l diag.List
	for _, x := range p.list {
		l.Add(x.diag)
	}
	if p.more > 0 {
		l.Errorf(idMore, "profile "+p.files[0], "%d more problems are not listed", p.more)
	}
	return l.Err()
}
