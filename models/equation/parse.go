// Package equation reads what users write by hand: expressions, equations of groups of neurons, and statements, in the notation of
// Python and Brian 2 (Stimberg, Brette and Goodman, eLife 8, 2019). An expression is parsed once, compiled for the names that it may
// use, and evaluated for many neurons at a time.
package equation

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// node is a part of an expression: a number, a name, or an operation with its arguments.
type node struct {
	op    string // "number", "name", "call", or the operator
	value float64
	name  string // of a name or a function
	args  []*node
	at    int // byte in the text
	// closed: the part was in parentheses.
	closed bool
}

// Expression is a parsed expression.
type Expression struct {
	text string
	root *node
}

// String is the text.
func (e *Expression) String() string { return e.text }

// Syntax is the error of a text that is no expression.
type Syntax struct {
	Text    string
	At      int // byte
	Message string
}

// Error names the place.
func (s *Syntax) Error() string {
	return fmt.Sprintf("%q, character %d: %s", s.Text, utf8.RuneCountInString(s.Text[:s.At])+1, s.Message)
}

// mostDepth bounds how deeply expressions nest, and mostText how long they are.
const (
	mostDepth = 200
	mostText  = 1 << 14
)

// token is a word of the text.
type token struct {
	kind string // "number", "name", an operator, or "" at the end
	text string
	at   int
}

// parser reads tokens by recursive descent. The binding powers are Python's.
type parser struct {
	text   string
	tokens []token
	next   int
	depth  int
}

// Parse reads an expression.
func Parse(text string) (e *Expression, err error) {
	if len(text) > mostText {
		return nil, fmt.Errorf("an expression of %d characters: at most %d are read", len(text), mostText)
	}
	p := &parser{text: text}
	if err := p.split(); err != nil {
		return nil, err
	}
	root, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != "" {
		return nil, p.error(t, "%q is not expected here", t.text)
	}
	return &Expression{text: text, root: root}, nil
}

// error is a Syntax at a token.
func (p *parser) error(t token, format string, args ...any) error {
	return &Syntax{Text: p.text, At: t.at, Message: fmt.Sprintf(format, args...)}
}

// operators in the order in which they are looked for: longer ones first.
var operators = []string{"**", "//", "<=", ">=", "==", "!=", "+", "-", "*", "/", "%", "<", ">", "(", ")", ","}

// split cuts the text into tokens.
func (p *parser) split() error {
	for i := 0; i < len(p.text); {
		r, size := utf8.DecodeRuneInString(p.text[i:])
		rest := p.text[i:]
		switch {
		case unicode.IsSpace(r):
			i += size
		case r >= '0' && r <= '9' || r == '.':
			n := numberLength(rest)
			if _, err := strconv.ParseFloat(rest[:n], 64); err != nil {
				return p.error(token{at: i}, "%q is no number", rest[:n])
			}
			p.tokens = append(p.tokens, token{"number", rest[:n], i})
			i += n
		case r == '_' || unicode.IsLetter(r):
			n := strings.IndexFunc(rest, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
			if n < 0 {
				n = len(rest)
			}
			word := rest[:n]
			kind := "name"
			if word == "and" || word == "or" || word == "not" {
				kind = word
			}
			p.tokens = append(p.tokens, token{kind, word, i})
			i += n
		default:
			found := false
			for _, o := range operators {
				if strings.HasPrefix(rest, o) {
					p.tokens = append(p.tokens, token{o, o, i})
					i += len(o)
					found = true
					break
				}
			}
			if !found {
				return p.error(token{at: i}, "%q has no meaning here", r)
			}
		}
	}
	p.tokens = append(p.tokens, token{"", "", len(p.text)})
	return nil
}

// numberLength is how long a number at the start of a text is: digits, a point, digits, an exponent.
func numberLength(s string) int {
	i := 0
	digits := func() {
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
	}
	digits()
	if i < len(s) && s[i] == '.' {
		i++
		digits()
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		mark := i
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if start := i; true {
			digits()
			if i == start {
				i = mark
			}
		}
	}
	return i
}

func (p *parser) peek() token { return p.tokens[p.next] }

// take takes the next token if it is of that kind.
func (p *parser) take(kind string) bool {
	if p.peek().kind != kind {
		return false
	}
	p.next++
	return true
}

// powers are how strongly binary operators bind.
var powers = map[string]int{"or": 1, "and": 2, "<": 4, ">": 4, "<=": 4, ">=": 4, "==": 4, "!=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6}

// binary reads operations that bind more strongly than a limit, from the left.
func (p *parser) binary(limit int) (*node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > mostDepth {
		return nil, p.error(p.peek(), "too deeply nested")
	}
	left, err := p.unary()
	if err != nil {
		return nil, err
	}
	for {
		t := p.peek()
		power := powers[t.kind]
		if power == 0 || power <= limit {
			return left, nil
		}
		if power == 4 && powers[left.op] == 4 && !left.closed {
			return nil, p.error(t, "comparisons cannot be chained")
		}
		p.next++
		right, err := p.binary(power)
		if err != nil {
			return nil, err
		}
		left = &node{op: t.kind, args: []*node{left, right}, at: t.at}
	}
}

// unary reads signs and not. A sign binds less than a power, not binds less than a comparison.
func (p *parser) unary() (*node, error) {
	t := p.peek()
	switch t.kind {
	case "not":
		p.next++
		a, err := p.binary(3)
		return &node{op: "not", args: []*node{a}, at: t.at}, err
	case "-", "+":
		p.next++
		p.depth++
		defer func() { p.depth-- }()
		if p.depth > mostDepth {
			return nil, p.error(t, "too deeply nested")
		}
		a, err := p.unary()
		if err != nil || t.kind == "+" {
			return a, err
		}
		return &node{op: "neg", args: []*node{a}, at: t.at}, nil
	}
	return p.power()
}

// power reads a**b, where b may have a sign and is itself a power.
func (p *parser) power() (*node, error) {
	base, err := p.atom()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); p.take("**") {
		p.depth++
		defer func() { p.depth-- }()
		if p.depth > mostDepth {
			return nil, p.error(t, "too deeply nested")
		}
		exponent, err := p.unary()
		return &node{op: "**", args: []*node{base, exponent}, at: t.at}, err
	}
	return base, nil
}

// atom reads a number, a name, a call or an expression in parentheses.
func (p *parser) atom() (*node, error) {
	t := p.peek()
	p.next++
	switch t.kind {
	case "number":
		v, _ := strconv.ParseFloat(t.text, 64)
		return &node{op: "number", value: v, at: t.at}, nil
	case "name":
		if !p.take("(") {
			return &node{op: "name", name: t.text, at: t.at}, nil
		}
		n := &node{op: "call", name: t.text, at: t.at}
		if p.take(")") {
			return n, nil
		}
		for {
			a, err := p.binary(0)
			if err != nil {
				return nil, err
			}
			n.args = append(n.args, a)
			if p.take(")") {
				return n, nil
			}
			if !p.take(",") {
				return nil, p.error(p.peek(), "want , or )")
			}
		}
	case "(":
		n, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		if !p.take(")") {
			return nil, p.error(p.peek(), "want )")
		}
		n.closed = true
		return n, nil
	case "":
		p.next--
		return nil, p.error(t, "something is missing")
	}
	return nil, p.error(t, "%q is not expected here", t.text)
}

// walk calls f for all parts of an expression.
func (n *node) walk(f func(*node)) {
	f(n)
	for _, a := range n.args {
		a.walk(f)
	}
}
