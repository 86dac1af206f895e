// Package page makes one HTML file of what spikec left somewhere: a build, a conversion, a sweep, a simulation, the result of a check. The file needs nothing
// else, neither a network nor another file, and its text is escaped whatever it is named. A kind of folder (kind_<name>.go) says
// what is shown, in the words of this file; how that looks is the template's business.
//
// The package is the last one on the way: nothing comes after it.
package page

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spikec/internal/diag"
)

// page is what is shown.
type page struct {
	Title   string
	About   string // a sentence below it
	Figures []fact // what is seen first, large
	// Sections are listed in a table of contents.
	Sections []section
	Made     string // the program that made it
}

// section is a part of a page.
type section struct {
	ID, Title string
	Blocks    []block
}

// block is one thing of a section: the field that is not empty.
type block struct {
	Heading string
	Text    string
	Command string
	Facts   []fact
	Table   *table
	Plots   []*figure // side by side where there is room
	Found   diag.List // with remedies, the worst first
	Samples []example
	Saves   []save
}

// fact is a value with a name.
type fact struct {
	Name, Value string
	Note        string // small, below it
	Bad         bool   // asks for attention
}

// example is an image on its way.
type example struct {
	Title, Text string
	Wrong       bool
	Picture     template.URL // a PNG; "" without one
	Alt         string
	Plots       []*figure
}

// text makes a block of sentences.
func text(format string, args ...any) block { return block{Text: fmt.Sprintf(format, args...)} }

// add adds blocks to a section.
func (s *section) add(b ...block) { s.Blocks = append(s.Blocks, b...) }

// kind is something that a page can be made of.
type kind struct {
	name string
	// holds reports whether a path is of the kind, at a glance: whatever is wrong with it is for read to say.
	holds func(path string) bool
	read  func(path string) (*page, error)
	// beside is the name of the page in the folder, where that may have one.
	beside string
}

// kinds are all there are; each kind_<name>.go adds one.
var kinds []kind

// register adds a kind.
func register(k kind) {
	if slices.ContainsFunc(kinds, func(o kind) bool { return o.name == k.name }) {
		panic("page: kind " + k.name + " registered twice")
	}
	kinds = append(kinds, k)
	slices.SortFunc(kinds, func(a, b kind) int { return cmp.Compare(a.name, b.name) })
}

// idKind is the diagnostic of something that no page can be made of. Its number is stable.
const idKind = "SPK-PAGE-001"

// Page is a page that was made. It is immutable.
type Page struct {
	page *page
	// Beside is where the page goes unless the user says otherwise: into the folder, or beside the file, that it was made of.
	Beside string
}

// Of reads what is at a path and makes a page of it; tool is the program's name and version. The error is a *diag.Failure where
// there is nothing, or something that is not whole.
func Of(path, tool string) (*Page, error) {
	for _, k := range kinds {
		if !k.holds(path) {
			continue
		}
		p, err := k.read(path)
		if err != nil {
			return nil, err
		}
		p.Made = tool
		beside := filepath.Join(path, k.beside)
		if k.beside == "" {
			beside = path + ".html"
		}
		return &Page{p, beside}, nil
	}
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	message := "is none of these: " + strings.Join(names, ", ")
	if _, err := os.Stat(path); err != nil {
		message = "there is no such folder or file"
	}
	return nil, &diag.Failure{List: diag.List{{ID: idKind, Severity: diag.Error, Subject: path, Message: message,
		Remedy: "name a folder that spikec build, convert, sweep or simulate wrote, or the file of spikec check --json"}}}
}

//go:embed page.html
var source string

//go:embed style.css
var style string

//go:embed sort.js
var script string

// layout is the template of all pages. Style and script are spikec's own, and nothing else goes in unescaped but the plots.
var layout = template.Must(template.New("page").Funcs(template.FuncMap{
	"style":  func() template.CSS { return template.CSS(style) },
	"script": func() template.JS { return template.JS(script) },
	"worst":  func(l diag.List) diag.List { return l.BySeverity() },
}).Parse(source))

// Write writes the page. Equal pages have equal bytes.
func (p *Page) Write(w io.Writer) error {
	if err := layout.Execute(w, p.page); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	return nil
}
