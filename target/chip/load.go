package chip

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"spikec/internal/diag"
)

//go:embed profiles/*.yaml
var embedded embed.FS

// IDs returns the IDs of the embedded profiles, sorted.
func IDs() []string {
	entries, err := fs.ReadDir(embedded, "profiles")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	var ids []string
	for _, e := range entries {
		ids = append(ids, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	slices.Sort(ids)
	return ids
}

// All returns the embedded profiles, sorted by ID.
func All() []*Profile {
	var all []*Profile
	for _, id := range IDs() {
		p, err := Load(id)
		if err != nil {
			panic(fmt.Sprintf("chip: embedded profile %s: %v", id, err)) // a test loads them all
		}
		all = append(all, p)
	}
	return all
}

// Load returns the embedded profile of an ID, or reads the profile in a file if the argument ends in .yaml or .yml.
// Everything that is wrong with a profile is reported at once, as a *diag.Failure. A file must not use the ID of an
// embedded profile for something else.
func Load(idOrPath string) (*Profile, error) {
	l := newLoader()
	if !isPath(idOrPath) {
		return l.profile(l.embedded(idOrPath, nil))
	}
	p, err := l.profile(l.file(idOrPath))
	if err != nil {
		return nil, err
	}
	if slices.Contains(IDs(), p.ID) && !p.Bundled() {
		l.add(idOrPath, 0, diag.Diagnostic{ID: idTaken, Message: fmt.Sprintf("id: %s is a target of spikec, and this file says something else than it", p.ID),
			Remedy: "give the profile an id of its own"})
		return nil, l.err()
	}
	p.File = filepath.Base(idOrPath)
	return p, nil
}

// Bundled reports whether the profile is, word for word, the embedded one of its ID. What any other profile says of its
// proof is its author's claim.
func (p *Profile) Bundled() bool {
	if !slices.Contains(IDs(), p.ID) {
		return false
	}
	own, err := Load(p.ID)
	if err != nil {
		return false
	}
	mine, err1 := p.YAML()
	theirs, err2 := own.YAML()
	return err1 == nil && err2 == nil && bytes.Equal(mine, theirs)
}

// Parse reads a profile from memory; name stands for the file in messages. The profile may inherit from an embedded
// one, not from a file.
func Parse(name string, data []byte) (*Profile, error) {
	l := newLoader()
	return l.profile(l.parse(source{name: name, data: data}))
}

// isPath tells a file from an ID.
func isPath(s string) bool { return strings.HasSuffix(s, ".yaml") || strings.HasSuffix(s, ".yml") }

// source is one profile file.
type source struct {
	name   string // in messages
	data   []byte
	folder string // where files beside it are looked for; empty if there are none
	key    string // tells files apart in the search for cycles
}

// loader reads one profile with its ancestors.
type loader struct {
	problems
	chain         []string // keys of the files that are being read, from the profile to its farthest ancestor
	brokenProgram bool     // the program was reported already
}

func newLoader() *loader {
	return &loader{problems: problems{origin: map[*yaml.Node]string{}}}
}

// profile checks a tree and decodes it.
func (l *loader) profile(t *tree) (*Profile, error) {
	if t == nil {
		return nil, l.err()
	}
	l.check(t.root)
	if err := l.err(); err != nil {
		return nil, err
	}
	return decode(t)
}

// embedded reads the tree of an embedded profile. at is the node that asks for it as a parent, or nil.
func (l *loader) embedded(id string, at *yaml.Node) *tree {
	data, err := embedded.ReadFile("profiles/" + id + ".yaml")
	if err == nil {
		return l.parse(source{name: id + ".yaml", data: data, key: "embedded " + id})
	}
	msg := fmt.Sprintf("there is no target %q%s", id, suggestion(id, IDs()))
	if at != nil {
		l.at(at, idParent, "inherits", "%s", msg)
		return nil
	}
	l.files = append(l.files, id)
	l.list = append(l.list, problem{diag: diag.Diagnostic{ID: idTarget, Severity: diag.Error, Subject: "target", Message: msg,
		Remedy: "one of " + strings.Join(IDs(), ", ") + ", or the path of a profile that ends in .yaml"}})
	return nil
}

// file reads the tree of a profile outside the program.
func (l *loader) file(path string) *tree {
	data, err := readFile(path)
	if err != nil {
		l.files = append(l.files, path)
		l.add(path, 0, diag.Diagnostic{ID: idFile, Message: diag.Unread(err), Remedy: "name a file with a chip profile, or a bundled one: spikec targets lists them"})
		return nil
	}
	return l.parse(source{name: path, data: data, folder: filepath.Dir(path), key: "file " + filepath.Clean(path)})
}

// readFile reads a file up to one byte beyond the largest profile, so that parseNode can refuse it.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}
