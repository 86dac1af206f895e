package kernel

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// generated are the structs that the generator knows by numbers: offset xY is that of field Y of the struct named x here.
var generated = map[string]reflect.Type{
	"list": reflect.TypeFor[List](), "taps": reflect.TypeFor[Taps](), "currents": reflect.TypeFor[Currents](),
	"gather": reflect.TypeFor[Gather](), "gather32": reflect.TypeFor[Gather32[int32]](),
	"fire16": reflect.TypeFor[Fire16](), "fire32": reflect.TypeFor[Fire32](), "fireReal": reflect.TypeFor[FireReal](),
	"signed32": reflect.TypeFor[Signed32](), "signedReal": reflect.TypeFor[SignedReal](),
}

var offsetName = regexp.MustCompile(`^(list|taps|currents|gather32|gather|fire16|fire32|fireReal|signed32|signedReal)([A-Z]\w*)$`)

// TestOffsets compares the generator's numbers with what they stand for.
func TestOffsets(t *testing.T) {
	sizes := map[string]int{
		"pieceBytes": int(reflect.TypeFor[Piece]().Size()), "segmentBytes": int(reflect.TypeFor[Segment]().Size()),
		"tapBytes": int(reflect.TypeFor[Tap]().Size()), "chunk": Chunk,
	}
	known := map[string]bool{}
	for name, got := range generatorOffsets(t) {
		want, ok := sizes[name]
		if m := offsetName.FindStringSubmatch(name); m != nil {
			var f reflect.StructField
			f, ok = generated[m[1]].FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, m[2]) })
			want, known[m[1]] = int(f.Offset), true
		}
		if !ok || got != want {
			t.Errorf("%s is %d, want %d; such a field is there: %v", name, got, want, ok)
		}
	}
	for name := range generated {
		if !known[name] {
			t.Errorf("no offsets of the struct for %s", name)
		}
	}
}

// TestSharedOffsets: the generator reads the fields that Gather and Gather32 share at the same offsets.
func TestSharedOffsets(t *testing.T) {
	a, b := generated["gather"], generated["gather32"]
	for i := range b.NumField() {
		f := b.Field(i)
		switch f.Name {
		case "Init", "InitStride", "pad": // have offsets of their own
			continue
		case "Columns":
			f.Name = "RowBytes"
		}
		if g, ok := a.FieldByName(f.Name); !ok || g.Offset != f.Offset {
			t.Errorf("%s is at %d, want %d", f.Name, g.Offset, f.Offset)
		}
	}
}

// generatorOffsets returns the constants that the generator declares as offsets.
func generatorOffsets(t *testing.T) map[string]int {
	files, err := filepath.Glob("_gen/*.go")
	if err != nil {
		t.Fatal(err)
	}
	offsets := map[string]int{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || !strings.HasPrefix(g.Doc.Text(), "Offsets of") {
				continue
			}
			for _, s := range g.Specs {
				c := s.(*ast.ValueSpec)
				n, err := strconv.Atoi(c.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				offsets[c.Names[0].Name] = n
			}
		}
	}
	return offsets
}
