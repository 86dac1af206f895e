package build

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"spikec/runtime/ladder"
)

// TestFormats wants every JSON key that is written in the section of docs/formats.md that describes its file. An object
// that occurs again is wanted once.
func TestFormats(t *testing.T) {
	text, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[reflect.Type]bool{}
	for _, file := range []struct {
		heading string
		content any
	}{{"`ladder.json`", ladder.Ladder{}}, {"`manifest.json`", Manifest{}}, {"`scales.json`", Scales{}}, {"`calibration.json`", Calibration{}}, {"Shard", Shard{}}} {
		_, section, ok := strings.Cut(string(text), "\n### "+file.heading+"\n")
		if !ok {
			t.Errorf("docs/formats.md has no section %s", file.heading)
		}
		section, _, _ = strings.Cut(section, "\n#")
		for _, key := range keys(reflect.TypeOf(file.content), "", seen) {
			if !strings.Contains(section, "`"+key+"`") {
				t.Errorf("docs/formats.md, section %s, lacks the key %s", file.heading, key)
			}
		}
	}
}

// keys returns the JSON keys of a type and, behind dots and [], those of the objects in it that were not seen before.
func keys(typ reflect.Type, at string, seen map[reflect.Type]bool) []string {
	switch typ.Kind() {
	case reflect.Pointer:
		return keys(typ.Elem(), at, seen)
	case reflect.Slice:
		return keys(typ.Elem(), at+"[]", seen)
	}
	if typ.Kind() != reflect.Struct || seen[typ] {
		return nil
	}
	seen[typ] = true
	var list []string
	for _, f := range reflect.VisibleFields(typ) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" || name == "-" {
			continue
		}
		key := strings.TrimPrefix(at+"."+name, ".")
		list = append(append(list, key), keys(f.Type, key, seen)...)
	}
	return list
}
