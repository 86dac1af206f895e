package chip

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// kind is what a value of the schema looks like.
type kind int

const (
	kindText    kind = iota // a word, a number or one line of text, as it is written
	kindID                  // lower-case letters, digits and hyphens
	kindName                // the name of a register or variable
	kindWord                // one of rule.words
	kindInteger             // rule.min..rule.max
	kindBoolean             //
	kindFigure              // a number, or text with an expression
	kindMapping             // rule.fields
	kindOpen                // a mapping of any names to rule.elem
	kindList                // a list of rule.elem
	kindProgram             // a list of micro-operations (program.go)
)

// rule says what one value may be.
type rule struct {
	kind     kind
	optional bool // the key may be absent
	nullable bool // the value may be null
	min, max int64
	words    []string
	fields   []field
	elem     *rule
}

// field is one key of a mapping.
type field struct {
	key string
	rule
}

func (r rule) orNull() rule   { r.nullable = true; return r }
func (r rule) orAbsent() rule { r.optional = true; return r }

func key(name string, r rule) field { return field{name, r} }
func text() rule                    { return rule{kind: kindText} }
func name() rule                    { return rule{kind: kindName} }
func word(words ...string) rule     { return rule{kind: kindWord, words: words} }
func integer(lo, hi int64) rule     { return rule{kind: kindInteger, min: lo, max: hi} }
func count() rule                   { return integer(0, math.MaxInt32) }
func boolean() rule                 { return rule{kind: kindBoolean} }
func mapping(fields ...field) rule  { return rule{kind: kindMapping, fields: fields} }
func open(elem rule) rule           { return rule{kind: kindOpen, elem: &elem} }
func list(elem rule) rule           { return rule{kind: kindList, elem: &elem} }
func program() rule                 { return rule{kind: kindProgram} }

// check reports everything in a profile that contradicts the schema, and then what contradicts itself.
func (l *loader) check(root *yaml.Node) {
	l.value(root, "", &schema)
	l.consistent(root)
}

// value reports what is wrong with one value and everything below it.
func (l *loader) value(n *yaml.Node, path string, r *rule) {
	if n.Kind == yaml.AliasNode || isNull(n) && r.nullable {
		return
	}
	switch r.kind {
	case kindMapping:
		l.mapping(n, path, r)
	case kindOpen:
		l.open(n, path, r)
	case kindList, kindProgram:
		l.sequence(n, path, r)
	case kindInteger:
		l.integer(n, path, r)
	case kindWord:
		s, ok := scalarText(n)
		if !ok || !slices.Contains(r.words, s) {
			l.at(n, idWord, path, "got %s, want %s%s", describe(n), r.want(), suggestion(s, r.words))
		}
	default:
		if bad := r.scalar(n); bad != "" {
			l.at(n, idType, path, "got %s, want %s", describe(n), bad)
		}
	}
}

// want lists the words of an enumeration.
func (r *rule) want() string {
	w := slices.Clone(r.words)
	if r.nullable {
		w = append(w, "null")
	}
	return strings.Join(w, ", ")
}

// scalar returns what a value of a simple kind should have been, or nothing if it is one.
func (r *rule) scalar(n *yaml.Node) string {
	s, ok := scalarText(n)
	want := ""
	switch r.kind {
	case kindBoolean:
		want, ok = "true or false", n.Kind == yaml.ScalarNode && n.ShortTag() == "!!bool"
	case kindID:
		want, ok = "lower-case letters, digits and hyphens", ok && isID(s)
	case kindName:
		want, ok = "the name of a register", ok && isName(s)
	case kindFigure:
		var f float64
		finite := n.Decode(&f) == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
		number := n.ShortTag() == "!!int" || n.ShortTag() == "!!float"
		want, ok = "a finite number, or text", ok && isLine(s) && (finite || !number)
	default:
		want, ok = "one line of text", ok && isLine(s)
	}
	if ok {
		return ""
	}
	if r.nullable {
		want += ", or null"
	}
	return want
}

// mapping reports unknown, missing and wrong entries.
func (l *loader) mapping(n *yaml.Node, path string, r *rule) {
	if n.Kind != yaml.MappingNode {
		l.at(n, idType, path, "got %s, want a mapping%s", describe(n), r.orNullText())
		return
	}
	known := make([]string, len(r.fields))
	for i, f := range r.fields {
		known[i] = f.key
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if f := slices.Index(known, k.Value); f >= 0 {
			l.value(v, join(path, k.Value), &r.fields[f].rule)
		} else {
			l.at(k, idUnknownKey, join(path, clip(k.Value)), "unknown key%s", suggestion(k.Value, known))
		}
	}
	for _, f := range r.fields {
		if k, _ := child(n, f.key); k == nil && !f.optional {
			l.at(n, idMissing, join(path, f.key), "missing")
		}
	}
}

// open reports wrong names and values of a mapping whose keys are free.
func (l *loader) open(n *yaml.Node, path string, r *rule) {
	if n.Kind != yaml.MappingNode {
		l.at(n, idType, path, "got %s, want a mapping%s", describe(n), r.orNullText())
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if !isName(k.Value) {
			l.at(k, idType, path, "got the key %s, want a name of letters, digits and underscores", clip(k.Value))
			continue
		}
		l.value(v, join(path, k.Value), r.elem)
	}
}

// sequence reports wrong elements.
func (l *loader) sequence(n *yaml.Node, path string, r *rule) {
	if n.Kind != yaml.SequenceNode {
		l.at(n, idType, path, "got %s, want a list%s", describe(n), r.orNullText())
		l.brokenProgram = l.brokenProgram || r.kind == kindProgram
		return
	}
	if r.kind == kindProgram {
		before := len(l.list) + l.more
		l.program(n, path)
		l.brokenProgram = l.brokenProgram || len(l.list)+l.more > before
		return
	}
	for i, c := range n.Content {
		l.value(c, fmt.Sprintf("%s[%d]", path, i), r.elem)
	}
}

// integer reports a value that is no integer, or out of its range.
func (l *loader) integer(n *yaml.Node, path string, r *rule) {
	null := ""
	if r.nullable {
		null = ", or null"
	}
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" {
		l.at(n, idType, path, "got %s, want an integer in %d..%d%s", describe(n), r.min, r.max, null)
		return
	}
	if v, ok := integerOf(n); !ok || v < r.min || v > r.max {
		l.at(n, idRange, path, "got %s, want %d..%d%s", describe(n), r.min, r.max, null)
	}
}

// integerOf returns the value of an integer node.
func integerOf(n *yaml.Node) (int64, bool) {
	if n == nil || n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" {
		return 0, false
	}
	var v int64
	return v, n.Decode(&v) == nil
}

// orNullText completes a message about a value that may be null.
func (r *rule) orNullText() string {
	if r.nullable {
		return " or null"
	}
	return ""
}

// join appends a key to the path of its mapping.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// isLine reports whether s is one line of visible text.
func isLine(s string) bool {
	return s != "" && len(s) <= 1000 && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// isID reports whether s can be the ID of a profile.
func isID(s string) bool {
	return s != "" && len(s) <= 64 && s[0] != '-' &&
		!strings.ContainsFunc(s, func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') })
}
