package chip

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
)

// Expr is an arithmetic expression of a profile, such as "u + (bias_mant << bias_exp)": integers, names, + - * << >>,
// unary minus and parentheses. A shift must stand in parentheses, or alone, because languages disagree about its
// precedence. Values are 64-bit integers; >> is arithmetic (floor). The zero value is no expression.
type Expr struct {
	text  string
	root  ast.Expr
	names []string
}

// maxExpr is the longest expression that is read, in bytes.
const maxExpr = 1000

// ParseExpr reads an expression.
func ParseExpr(s string) (Expr, error) {
	root, err := parse(s)
	if err != nil {
		return Expr{}, err
	}
	return newExpr(s, root)
}

// parse reads the syntax of an expression or a condition.
func parse(s string) (ast.Expr, error) {
	if len(s) > maxExpr {
		return nil, fmt.Errorf("expression of %d bytes, want at most %d", len(s), maxExpr)
	}
	root, err := parser.ParseExpr(s)
	if err != nil {
		return nil, fmt.Errorf("%q is not an expression", s)
	}
	return root, nil
}

// newExpr checks that a syntax tree stays within the vocabulary and collects its names.
func newExpr(text string, root ast.Expr) (Expr, error) {
	e := Expr{text: text, root: root}
	var bad error
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil || bad != nil {
			return false
		}
		bad = allowed(n)
		if id, ok := n.(*ast.Ident); ok && !slices.Contains(e.names, id.Name) {
			e.names = append(e.names, id.Name)
		}
		return bad == nil
	})
	if bad != nil {
		return Expr{}, fmt.Errorf("expression %q: %w", text, bad)
	}
	return e, nil
}

// allowed returns what is wrong with one node of a syntax tree.
func allowed(n ast.Node) error {
	switch n := n.(type) {
	case *ast.ParenExpr:
		return nil
	case *ast.Ident:
		if !isName(n.Name) {
			return fmt.Errorf("%q is not a name", n.Name)
		}
		return nil
	case *ast.BasicLit:
		if _, err := strconv.ParseInt(n.Value, 0, 64); n.Kind != token.INT || err != nil {
			return fmt.Errorf("%s is not an integer of 64 bits", n.Value)
		}
		return nil
	case *ast.UnaryExpr:
		if n.Op != token.SUB {
			return fmt.Errorf("operator %v, want + - * << >>", n.Op)
		}
		return nil
	case *ast.BinaryExpr:
		return allowedBinary(n)
	}
	return errors.New("only integers, names, + - * << >> and parentheses may be used")
}

// allowedBinary returns what is wrong with an operator and its operands.
func allowedBinary(n *ast.BinaryExpr) error {
	shift := func(op token.Token) bool { return op == token.SHL || op == token.SHR }
	switch n.Op {
	case token.ADD, token.SUB, token.MUL, token.SHL, token.SHR:
	default:
		return fmt.Errorf("operator %v, want + - * << >>", n.Op)
	}
	for _, x := range []ast.Expr{n.X, n.Y} {
		if b, ok := x.(*ast.BinaryExpr); ok && (shift(b.Op) || shift(n.Op)) {
			return errors.New("a shift beside another operator needs parentheses")
		}
	}
	if !shift(n.Op) {
		return nil
	}
	if k, ok := n.Y.(*ast.BasicLit); ok {
		if v, err := strconv.ParseInt(k.Value, 0, 64); err == nil && v > 63 {
			return fmt.Errorf("shift by %d, want 0..63", v)
		}
	}
	return nil
}

// isName reports whether s may name a register, a constant or a state variable.
func isName(s string) bool {
	for i, r := range s {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != "" && s != "_" && len(s) <= 64
}

// String returns the expression as it was written.
func (e Expr) String() string { return e.text }

// Names returns the names in the expression, each once, in the order of their first use.
func (e Expr) Names() []string { return slices.Clone(e.names) }

// Constant returns the value of an expression that has no names.
func (e Expr) Constant() (int64, bool) {
	if e.root == nil || len(e.names) > 0 {
		return 0, false
	}
	f, err := e.Compile(func(string) (int, bool) { return 0, false })
	if err != nil {
		return 0, false
	}
	return f(nil), true
}

// Compile turns the expression into a function of a vector of variables. slot tells where a name's value stands in
// the vector; a name that it does not know is an error. Sums and products that leave 64 bits wrap: a profile's ranges
// keep them far below. A shift's amount is limited to 0..63: below counts as 0, above as 63.
func (e Expr) Compile(slot func(name string) (int, bool)) (func(vars []int64) int64, error) {
	if e.root == nil {
		return nil, errors.New("no expression")
	}
	return compile(e.root, slot)
}

// compile builds the function of one node.
func compile(n ast.Expr, slot func(string) (int, bool)) (func([]int64) int64, error) {
	switch n := n.(type) {
	case *ast.ParenExpr:
		return compile(n.X, slot)
	case *ast.BasicLit:
		v, err := strconv.ParseInt(n.Value, 0, 64)
		return func([]int64) int64 { return v }, err
	case *ast.Ident:
		i, ok := slot(n.Name)
		if !ok {
			return nil, fmt.Errorf("unknown name %q", n.Name)
		}
		return func(v []int64) int64 { return v[i] }, nil
	case *ast.UnaryExpr:
		x, err := compile(n.X, slot)
		return func(v []int64) int64 { return -x(v) }, err
	case *ast.BinaryExpr:
		x, err := compile(n.X, slot)
		if err != nil {
			return nil, err
		}
		y, err := compile(n.Y, slot)
		if err != nil {
			return nil, err
		}
		op := n.Op
		return func(v []int64) int64 { return Apply(op, x(v), y(v)) }, nil
	}
	return nil, fmt.Errorf("unexpected %T", n)
}

// Fold computes an expression in any algebra: number and name give the values of its leaves, and apply joins two values
// by one of the operators + - * << >>. A minus sign before x is 0 − x. The expression must be one that was parsed.
func Fold[T any](e Expr, number func(int64) T, name func(string) T, apply func(op token.Token, x, y T) T) T {
	var walk func(n ast.Expr) T
	walk = func(n ast.Expr) T {
		switch n := n.(type) {
		case *ast.ParenExpr:
			return walk(n.X)
		case *ast.BasicLit:
			v, _ := strconv.ParseInt(n.Value, 0, 64) // newExpr has tried it
			return number(v)
		case *ast.Ident:
			return name(n.Name)
		case *ast.UnaryExpr:
			return apply(token.SUB, number(0), walk(n.X))
		case *ast.BinaryExpr:
			return apply(n.Op, walk(n.X), walk(n.Y))
		}
		panic(fmt.Sprintf("chip: expression with %T", n))
	}
	return walk(e.root)
}

// Apply computes one operator of expressions, as Compile does: in 64 bits that wrap, with shifts by 0..63.
func Apply(op token.Token, x, y int64) int64 {
	amount := min(max(y, 0), 63)
	switch op {
	case token.ADD:
		return x + y
	case token.SUB:
		return x - y
	case token.MUL:
		return x * y
	case token.SHL:
		return x << amount
	default:
		return x >> amount
	}
}
