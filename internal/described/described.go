// Package described holds documents to their descriptions: every key that a JSON document can have stands in the section
// of a Markdown text that describes it, and every key that is described there is one. It is for tests.
package described

import (
	"encoding"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// Text is a Markdown text, and the types whose keys were found in it. An object that occurs again, in another document, is
// described once.
type Text struct {
	path, text string
	seen       map[reflect.Type]bool
}

// Read reads a text.
func Read(t testing.TB, path string) *Text {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return &Text{path, string(text), map[reflect.Type]bool{}}
}

// Known leaves out objects that occur in documents of these types, which are described elsewhere.
func (d *Text) Known(documents ...any) {
	for _, v := range documents {
		keys(reflect.TypeOf(v), "", d.seen)
	}
}

// Holds compares the section of a heading, such as "### `ladder.json`", with a document of the type of v. Descriptions are
// the first cells of its tables whose first column is called key: keys in `…`, with dots and [] before those of objects.
func (d *Text) Holds(t testing.TB, heading string, v any) {
	t.Helper()
	_, section, ok := strings.Cut(d.text, "\n"+heading+"\n")
	if !ok {
		t.Errorf("%s has no section %q", d.path, heading)
		return
	}
	section, _, _ = strings.Cut(section, "\n#")
	there := map[string]bool{}
	for _, key := range keys(reflect.TypeOf(v), "", nil) {
		there[key] = true
	}
	for _, key := range keys(reflect.TypeOf(v), "", d.seen) {
		if !strings.Contains(section, "`"+key+"`") {
			t.Errorf("%s, section %q, lacks the key %s", d.path, heading, key)
		}
	}
	for _, key := range described(section) {
		if !there[key] {
			t.Errorf("%s, section %q, describes the key %s, which is none", d.path, heading, key)
		}
	}
}

// quoted is one word of code.
var quoted = regexp.MustCompile("`([^`]+)`")

// described lists the keys in the first cells of a section's tables.
func described(section string) []string {
	var list []string
	inside := false
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		switch {
		case len(cells) < 3:
			inside = false
		case strings.TrimSpace(cells[1]) == "key":
			inside = true
		case inside:
			for _, m := range quoted.FindAllStringSubmatch(cells[1], -1) {
				list = append(list, m[1])
			}
		}
	}
	return list
}

// keys returns the JSON keys of a type and, behind dots and [], those of the objects in it that were not seen before, or
// with seen nil of all objects. What writes itself, and maps, have none; a type may not hold itself.
func keys(typ reflect.Type, at string, seen map[reflect.Type]bool) []string {
	switch typ.Kind() {
	case reflect.Pointer:
		return keys(typ.Elem(), at, seen)
	case reflect.Slice:
		return keys(typ.Elem(), at+"[]", seen)
	}
	if typ.Kind() != reflect.Struct || seen[typ] || typ.Implements(reflect.TypeFor[json.Marshaler]()) || typ.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return nil
	}
	if seen != nil {
		seen[typ] = true
	}
	var list []string
	for _, f := range reflect.VisibleFields(typ) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" || name == "" || name == "-" {
			continue
		}
		key := strings.TrimPrefix(at+"."+name, ".")
		list = append(append(list, key), keys(f.Type, key, seen)...)
	}
	return list
}
