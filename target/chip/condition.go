package chip

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
)

// Condition compares two expressions, such as "ref > 0". The zero value is no condition.
type Condition struct {
	Left, Right Expr
	op          token.Token
	text        string
}

// ParseCondition reads a condition: two expressions with one of > >= < <= == != between them.
func ParseCondition(s string) (Condition, error) {
	root, err := parse(s)
	if err != nil {
		return Condition{}, err
	}
	b, ok := root.(*ast.BinaryExpr)
	if !ok || !slices.Contains([]token.Token{token.GTR, token.GEQ, token.LSS, token.LEQ, token.EQL, token.NEQ}, b.Op) {
		return Condition{}, fmt.Errorf("condition %q: want two expressions with > >= < <= == or != between them", s)
	}
	c := Condition{op: b.Op, text: s}
	if c.Left, err = newExpr(s, b.X); err != nil {
		return Condition{}, err
	}
	if c.Right, err = newExpr(s, b.Y); err != nil {
		return Condition{}, err
	}
	return c, nil
}

// String returns the condition as it was written.
func (c Condition) String() string { return c.text }

// Operator returns the comparison: > >= < <= == or !=.
func (c Condition) Operator() token.Token { return c.op }

// Names returns the names in the condition, each once.
func (c Condition) Names() []string {
	names := c.Left.Names()
	for _, n := range c.Right.names {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// Compile turns the condition into a function of a vector of variables, as Expr.Compile does.
func (c Condition) Compile(slot func(name string) (int, bool)) (func(vars []int64) bool, error) {
	x, err := c.Left.Compile(slot)
	if err != nil {
		return nil, err
	}
	y, err := c.Right.Compile(slot)
	if err != nil {
		return nil, err
	}
	switch c.op {
	case token.GTR:
		return func(v []int64) bool { return x(v) > y(v) }, nil
	case token.GEQ:
		return func(v []int64) bool { return x(v) >= y(v) }, nil
	case token.LSS:
		return func(v []int64) bool { return x(v) < y(v) }, nil
	case token.LEQ:
		return func(v []int64) bool { return x(v) <= y(v) }, nil
	case token.EQL:
		return func(v []int64) bool { return x(v) == y(v) }, nil
	default:
		return func(v []int64) bool { return x(v) != y(v) }, nil
	}
}
