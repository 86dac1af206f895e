package describe

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"spikec/internal/spelling"
)

// Diagnostics of descriptions as YAML. The numbers are stable.
const (
	idFile    = "SPK-SIM-001" // the file cannot be read
	idYAML    = "SPK-SIM-002" // not YAML, or not of the right form
	idKey     = "SPK-SIM-003" // an unknown key
	idMissing = "SPK-SIM-004" // something is not given
	idValue   = "SPK-SIM-005" // a value of the wrong kind
)

// Text is a piece of a description: an expression, a name or a block of lines.
type Text struct {
	Text  string
	Line  int    // where it begins
	Where string // the path of its key, such as populations.G.threshold
	// Wrong: it is none of the words that may stand here, which is said already.
	Wrong bool
	// Bundled: the piece is that of a bundled model or rule, and its place is where that is named.
	Bundled bool
}

// Given reports whether the piece was there.
func (t Text) Given() bool { return t.Line > 0 }

// Lines returns the lines of a block that say something, each with its place. What follows # is a comment.
func (t Text) Lines() []Text {
	var out []Text
	for i, line := range strings.Split(t.Text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if t.Bundled {
			i = 0
		}
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, Text{Text: line, Line: t.Line + i, Where: t.Where, Bundled: t.Bundled})
		}
	}
	return out
}

// Named is a piece with a name.
type Named struct {
	Name string
	Text
}

// reader reads nodes of YAML and collects what is wrong with them.
type reader struct {
	found *Findings
}

// wrong adds an error about a node.
func (r *reader) wrong(id string, n *yaml.Node, where, remedy, format string, args ...any) {
	r.found.Wrong(id, n.Line, where, remedy, format, args...)
}

// entry is a key with its value.
type entry struct {
	key   string
	at    *yaml.Node // the key
	value *yaml.Node
	where string
}

// settle follows an alias.
func settle(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// entries returns the entries of a mapping in their order; a node that is none is an error.
func (r *reader) entries(n *yaml.Node, where, example string) []entry {
	n = settle(n)
	if n.Kind != yaml.MappingNode {
		r.wrong(idYAML, n, where, "write "+example, "want keys with values")
		return nil
	}
	var out []entry
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		e := entry{k.Value, k, settle(n.Content[i+1]), strings.TrimPrefix(where+"."+k.Value, ".")}
		switch {
		case k.Kind != yaml.ScalarNode:
			r.wrong(idYAML, k, where, "", "a key is no word")
		case seen[k.Value]:
			r.wrong(idKey, k, where, "remove one of the two", "the key %q stands here for the second time", k.Value)
		default:
			out = append(out, e)
		}
		seen[k.Value] = true
	}
	return out
}

// known reads a mapping whose keys have names of their own: for each there is a function. Keys without one are errors.
func (r *reader) known(n *yaml.Node, where, example string, keys map[string]func(entry)) {
	for _, e := range r.entries(n, where, example) {
		if f := keys[e.key]; f != nil {
			f(e)
			continue
		}
		var names []string
		for k := range keys {
			names = append(names, k)
		}
		slices.Sort(names)
		hint := ""
		if near := spelling.Nearest(e.key, names); near != "" {
			hint = "; did you mean " + near + "?"
		}
		remedy := "keys here are " + strings.Join(names, ", ")
		if len(names) == 1 {
			remedy = "write " + example
		}
		r.wrong(idKey, e.at, where, remedy, "unknown key %q%s", e.key, hint)
	}
}

// text reads a scalar.
func (r *reader) text(e entry) Text {
	if e.value.Kind != yaml.ScalarNode || e.value.ShortTag() == "!!null" {
		r.wrong(idValue, e.value, e.where, "write one value, such as 10*ms", "want one value")
		return Text{}
	}
	line := e.value.Line
	if e.value.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		line++
	}
	return Text{Text: strings.TrimSpace(e.value.Value), Line: line, Where: e.where}
}

// into reads a scalar to a place.
func (r *reader) into(t *Text) func(entry) {
	return func(e entry) { *t = r.text(e) }
}

// word reads one of some words.
func (r *reader) word(t *Text, allowed ...string) func(entry) {
	return func(e entry) {
		*t = r.text(e)
		if t.Given() && !slices.Contains(allowed, t.Text) {
			t.Wrong = true
			hint := ""
			if near := spelling.Nearest(t.Text, allowed); near != "" {
				hint = "; did you mean " + near + "?"
			}
			r.wrong(idValue, e.value, e.where, "one of "+strings.Join(allowed, ", "), "%q is not known here%s", t.Text, hint)
		}
	}
}

// whole reads a whole number within bounds.
func (r *reader) whole(to *int, least, most int) func(entry) {
	return func(e entry) {
		t := r.text(e)
		v, err := strconv.Atoi(strings.ReplaceAll(t.Text, "_", ""))
		if t.Given() && (err != nil || v < least || v > most) {
			r.wrong(idValue, e.value, e.where, "", "%q: want a whole number from %d to %d", t.Text, least, most)
			return
		}
		*to = v
	}
}

// texts reads a list of scalars, or one as a list of one.
func (r *reader) texts(to *[]Text) func(entry) {
	return func(e entry) {
		if e.value.Kind != yaml.SequenceNode {
			if t := r.text(e); t.Given() {
				*to = append(*to, t)
			}
			return
		}
		for _, n := range e.value.Content {
			if t := r.text(entry{value: settle(n), where: e.where}); t.Given() {
				*to = append(*to, t)
			}
		}
	}
}

// rows reads a list of lists of scalars.
func (r *reader) rows(to *[][]Text) func(entry) {
	return func(e entry) {
		if e.value.Kind != yaml.SequenceNode {
			r.wrong(idValue, e.value, e.where, "write a list of rows, such as [[0, 1], [0, 2]]", "want a list of rows")
			return
		}
		for _, n := range e.value.Content {
			var row []Text
			r.texts(&row)(entry{value: settle(n), where: e.where})
			*to = append(*to, row)
		}
	}
}

// named reads a mapping of names to scalars, in its order.
func (r *reader) named(to *[]Named) func(entry) {
	return func(e entry) {
		for _, x := range r.entries(e.value, e.where, "names with values, such as {tau: 10*ms}") {
			if t := r.text(x); t.Given() {
				*to = append(*to, Named{x.key, t})
			}
		}
	}
}

// need reports what is missing of a mapping.
func (r *reader) need(n *yaml.Node, where string, parts map[string]bool) {
	var names []string
	for name, there := range parts {
		if !there {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		r.wrong(idMissing, n, where, "add "+name+", see docs/simulate.md", "%s is missing", name)
	}
}
