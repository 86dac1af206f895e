package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	moduleRoot = "../.."
	tablePath  = moduleRoot + "/docs/architecture.md"
	modulePath = "spikec/"
)

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath   string
	Name         string
	Doc          string
	Standard     bool
	GoFiles      []string
	Imports      []string
	Deps         []string
	TestImports  []string
	XTestImports []string
}

// inModule returns the path inside the module, and whether it is one.
func inModule(importPath string) (string, bool) { return strings.CutPrefix(importPath, modulePath) }

// external reports whether a path names a package that is neither of this module nor of the standard library.
func external(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return strings.Contains(first, ".")
}

// packages lists the packages of the module. It reads the folders first: the go command keeps the result of a test until
// a file changes that the test itself has looked at, and it cannot see what `go list` looks at.
func packages(t *testing.T) []listed {
	t.Helper()
	err := fs.WalkDir(os.DirFS(moduleRoot), ".", func(path string, d fs.DirEntry, err error) error {
		if path == ".git" {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "list", "-json", "./...")
	cmd.Dir = moduleRoot
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func table(t *testing.T) []Room {
	t.Helper()
	text, err := os.ReadFile(tablePath)
	if err != nil {
		t.Fatal(err)
	}
	rooms, err := ParseTable(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return rooms
}

// TestArrows fails on an import that docs/architecture.md does not have, and on a room that is not there.
func TestArrows(t *testing.T) {
	rooms, all := table(t), packages(t)
	for _, p := range all {
		pkg, _ := inModule(p.ImportPath)
		room, ok := roomOf(rooms, pkg)
		if !ok {
			t.Errorf("package %s has no room in docs/architecture.md", pkg)
			continue
		}
		for _, path := range p.Imports {
			if to, inside := inModule(path); inside && !room.allowed(rooms, to) {
				t.Errorf("%s imports %s: docs/architecture.md does not have this arrow (room %s, level %d)", pkg, to, room.Path, room.Level)
			} else if external(path) && !slices.ContainsFunc(room.Modules, func(m string) bool { return covers(m+"/...", path) }) {
				t.Errorf("%s imports %s: docs/architecture.md does not allow room %s this module", pkg, path, room.Path)
			}
		}
	}
	for _, r := range rooms {
		if !slices.ContainsFunc(all, func(p listed) bool { pkg, _ := inModule(p.ImportPath); return r.Covers(pkg) }) {
			t.Errorf("docs/architecture.md names room %s: there is no such package", r.Path)
		}
	}
}

// TestTestArrows fails on a test that reaches into a higher level, where production code could not.
func TestTestArrows(t *testing.T) {
	rooms := table(t)
	for _, p := range packages(t) {
		pkg, _ := inModule(p.ImportPath)
		room, ok := roomOf(rooms, pkg)
		if !ok {
			continue // TestArrows says so
		}
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			to, inside := inModule(path)
			if target, ok := roomOf(rooms, to); inside && ok && target.Level > room.Level {
				t.Errorf("a test of %s (level %d) imports %s (level %d)", pkg, room.Level, to, target.Level)
			}
		}
	}
}

// TestEmulatorRunsFromTheImageAlone fails if anything that the emulator needs, however indirectly, knows how the
// image came about.
func TestEmulatorRunsFromTheImageAlone(t *testing.T) {
	for _, p := range packages(t) {
		pkg, _ := inModule(p.ImportPath)
		if !covers("emulator/...", pkg) && !covers("target/image/...", pkg) {
			continue
		}
		for _, path := range p.Deps {
			dep, _ := inModule(path)
			if covers("convert/...", dep) || covers("models/...", dep) || covers("quantize/...", dep) && dep != "quantize/fixedpoint" {
				t.Errorf("%s depends on %s: it must run from the image alone", pkg, dep)
			}
		}
	}
}

// TestRuntimeHasNoCodeOfItsOwn keeps Go's own package runtime from being shadowed.
func TestRuntimeHasNoCodeOfItsOwn(t *testing.T) {
	for _, p := range packages(t) {
		if pkg, _ := inModule(p.ImportPath); pkg == "runtime" {
			t.Error("runtime holds code: it belongs into a package below")
		}
	}
}

// TestPackageComments fails on a package that does not say what it is.
func TestPackageComments(t *testing.T) {
	for _, p := range packages(t) {
		want := "Package " + p.Name + " "
		if p.Name == "main" {
			want = "Command "
		}
		if len(p.GoFiles) > 0 && !strings.HasPrefix(p.Doc, want) {
			t.Errorf("%s: the package comment is %q, want one that begins with %q", p.ImportPath, p.Doc, want)
		}
	}
}

// TestParseTable checks that the table refuses what it must.
func TestParseTable(t *testing.T) {
	frame := func(rows string) string { return "text\n<!-- rooms -->\n" + rows + "<!-- /rooms -->\n" }
	for _, c := range []struct{ name, rows, want string }{
		{"upwards", "| 0 | `a` | | `b` | |\n| 1 | `b` | | | |\n", "room a of level 0 may import b of level 1"},
		{"unknown", "| 0 | `a` | | `c` | |\n", "may import c, which is no room"},
		{"twice", "| 0 | `a`, `a` | | | |\n", "room a stands in the table twice"},
		{"cells", "| 0 | `a` | |\n", "3 cells instead of 5"},
		{"all levels", "| 1 | `a` | | levels 0 to 1 | |\n", "may import all of levels up to 1"},
	} {
		if _, err := ParseTable(frame(c.rows)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
	rooms, err := ParseTable(frame("| level | room |\n|---|---|\n| 0 | `a/...` | x | – | `m.org/x` |\n| 0 | `a/b` | y | – | |\n| 2 | `c` | z | levels 0 to 1 | |\n"))
	if err != nil {
		t.Fatal(err)
	}
	if r, _ := roomOf(rooms, "a/b"); r.Tree || r.Path != "a/b" {
		t.Errorf("room of a/b: got %+v, want the row with the longest path", r)
	}
	c, _ := roomOf(rooms, "c")
	if !c.allowed(rooms, "a/x") || rooms[0].allowed(rooms, "c") || !covers(rooms[0].Modules[0]+"/...", "m.org/x/y") {
		t.Errorf("the arrows of %+v are read wrongly", rooms)
	}
}
