package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// stableID is the ID of a diagnostic.
var stableID = regexp.MustCompile(`^SPK-[A-Z]+-[0-9]{3}$`)

// TestStableIDs fails on an ID that two constants declare, or one constant and a place that does without it: it would stand
// for two things. Where nothing is declared, several places of one package may say the same thing.
func TestStableIDs(t *testing.T) {
	declared, said := map[string][]string{}, map[string][]string{}
	literals := 0
	root := os.DirFS(moduleRoot)
	err := fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata") {
			if err == nil {
				err = fs.SkipDir
			}
			return err
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, file, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		constants := map[*ast.BasicLit]bool{}
		ast.Inspect(tree, func(n ast.Node) bool {
			if g, ok := n.(*ast.GenDecl); ok && g.Tok == token.CONST {
				for _, s := range g.Specs {
					for _, v := range s.(*ast.ValueSpec).Values {
						if l, ok := v.(*ast.BasicLit); ok {
							constants[l] = true
						}
					}
				}
			}
			l, ok := n.(*ast.BasicLit)
			if !ok || l.Kind != token.STRING {
				return true
			}
			id, err := strconv.Unquote(l.Value)
			if err != nil || !stableID.MatchString(id) {
				return true
			}
			literals++
			if constants[l] {
				declared[id] = append(declared[id], set.Position(l.Pos()).String())
			} else {
				said[id] = append(said[id], set.Position(l.Pos()).String())
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if literals < 100 {
		t.Errorf("found %d IDs: they are looked for in the wrong way", literals)
	}
	for id, at := range declared {
		if all := append(at, said[id]...); len(all) > 1 {
			t.Errorf("%s is declared, and stands once more, at %s", id, strings.Join(all, ", "))
		}
	}
	for id, at := range said {
		for _, place := range at[1:] {
			if path.Dir(place) != path.Dir(at[0]) {
				t.Errorf("%s stands in two packages, at %s", id, strings.Join(at, ", "))
				break
			}
		}
	}
}
