package equation

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Kind is what a line of equations says.
type Kind int

// A line gives the derivative of a variable, a name for an expression, or a parameter.
const (
	Differential Kind = iota
	Subexpression
	Parameter
)

// Line is an equation.
type Line struct {
	Kind       Kind
	Name, Unit string
	Flags      []string
	Expression *Expression // nil for a parameter
}

// Has reports whether a line has a flag.
func (l *Line) Has(flag string) bool { return slices.Contains(l.Flags, flag) }

var (
	differential = regexp.MustCompile(`^d([A-Za-z_]\w*)/dt\s*=\s*(.+)$`)
	assigned     = regexp.MustCompile(`^([A-Za-z_]\w*)\s*=\s*([^=].*)$`)
	declared     = regexp.MustCompile(`^[A-Za-z_]\w*$`)
	unitAndFlags = regexp.MustCompile(`^([^()]+?)\s*(?:\(([^()]*)\))?$`)
)

// ParseLine reads "dx/dt = expression : unit (flags)", "x = expression : unit (flags)" or "x : unit (flags)".
func ParseLine(text string) (*Line, error) {
	left, right, ok := strings.Cut(text, ":")
	m := unitAndFlags.FindStringSubmatch(strings.TrimSpace(right))
	if !ok || m == nil {
		return nil, fmt.Errorf("%q has no unit: an equation is of the form \"dx/dt = … : unit\"", text)
	}
	l := &Line{Unit: m[1]}
	for _, f := range strings.Split(m[2], ",") {
		if f = strings.TrimSpace(f); f != "" {
			l.Flags = append(l.Flags, f)
		}
	}
	left = strings.TrimSpace(left)
	body := ""
	switch {
	case differential.MatchString(left):
		d := differential.FindStringSubmatch(left)
		l.Kind, l.Name, body = Differential, d[1], d[2]
	case assigned.MatchString(left):
		d := assigned.FindStringSubmatch(left)
		l.Kind, l.Name, body = Subexpression, d[1], d[2]
	case declared.MatchString(left):
		l.Kind, l.Name = Parameter, left
		return l, nil
	default:
		return nil, fmt.Errorf("%q is neither an equation nor the name of a parameter", left)
	}
	var err error
	l.Expression, err = Parse(body)
	return l, err
}

// Statement changes a variable: "x = e", "x += e", "x -= e", "x *= e" or "x /= e".
type Statement struct {
	Target     string
	Operator   string // "", "+", "-", "*" or "/"
	Expression *Expression
}

var statement = regexp.MustCompile(`^\s*([A-Za-z_]\w*)\s*([-+*/]?)=\s*([^=].*)$`)

// ParseStatements reads statements, separated by line ends or semicolons.
func ParseStatements(text string) ([]Statement, error) {
	var all []Statement
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ';' }) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		m := statement.FindStringSubmatch(line)
		if m == nil {
			return nil, fmt.Errorf("%q is no statement of the form \"x = …\"", strings.TrimSpace(line))
		}
		e, err := Parse(m[3])
		if err != nil {
			return nil, err
		}
		all = append(all, Statement{Target: m[1], Operator: m[2], Expression: e})
	}
	return all, nil
}

// Apply returns what an assignment makes of a value.
func (s *Statement) Apply(old, value float64) float64 {
	switch s.Operator {
	case "+":
		return old + value
	case "-":
		return old - value
	case "*":
		return old * value
	case "/":
		return old / value
	}
	return value
}
