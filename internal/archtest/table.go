// Package archtest compares the import arrows of the program with the table of rooms in docs/architecture.md. The
// table in the document is the only one: this package reads it, so a new arrow is allowed by writing it down there.
package archtest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Room is one row of the table: a package, or a folder of packages.
type Room struct {
	Level   int
	Path    string   // inside the module, such as target/chip; with Tree also everything below
	Tree    bool     // written path/...
	Imports []string // rooms of this module that it may import, spelled like Path and Tree
	Levels  int      // it may import every room of a level below this; 0 = only Imports
	Modules []string // packages outside the module and the standard library, by prefix
}

// Covers reports whether the row speaks of the package.
func (r Room) Covers(pkg string) bool { return covers(r.spelling(), pkg) }

// spelling is the room as the table writes it.
func (r Room) spelling() string {
	if r.Tree {
		return r.Path + "/..."
	}
	return r.Path
}

// covers reports whether a pattern, path or path/..., matches the package.
func covers(pattern, pkg string) bool {
	path, tree := strings.CutSuffix(pattern, "/...")
	return pkg == path || tree && strings.HasPrefix(pkg, path+"/")
}

var (
	quoted     = regexp.MustCompile("`([^`]+)`")
	levelsText = regexp.MustCompile(`levels 0 to (\d+)`)
)

// ParseTable reads the rows between the markers <!-- rooms --> and <!-- /rooms --> of the document:
//
//	| level | room | owns | may import | from outside |
func ParseTable(document string) ([]Room, error) {
	_, rest, ok := strings.Cut(document, "<!-- rooms -->")
	body, _, end := strings.Cut(rest, "<!-- /rooms -->")
	if !ok || !end {
		return nil, fmt.Errorf("archtest: no table between <!-- rooms --> and <!-- /rooms -->")
	}
	var rooms []Room
	for line := range strings.Lines(body) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		level, err := strconv.Atoi(strings.TrimSpace(cells[0]))
		if err != nil {
			continue // the heading, the rule below it, an empty line
		}
		if len(cells) != 5 {
			return nil, fmt.Errorf("archtest: %d cells instead of 5: %s", len(cells), line)
		}
		modules := names(cells[4])
		room := Room{Level: level, Imports: names(cells[3]), Modules: modules}
		if m := levelsText.FindStringSubmatch(cells[3]); m != nil {
			top, _ := strconv.Atoi(m[1])
			room.Levels = top + 1
		}
		paths := names(cells[1])
		if len(paths) == 0 {
			return nil, fmt.Errorf("archtest: no room named: %s", line)
		}
		for _, p := range paths {
			room.Path, room.Tree = strings.CutSuffix(p, "/...")
			rooms = append(rooms, room)
		}
	}
	return rooms, checkTable(rooms)
}

// names returns the words in backquotes.
func names(cell string) []string {
	var found []string
	for _, m := range quoted.FindAllStringSubmatch(cell, -1) {
		found = append(found, m[1])
	}
	return found
}

// checkTable verifies the table itself: every room once, and no row that allows an arrow upwards.
func checkTable(rooms []Room) error {
	for i, r := range rooms {
		if slices.ContainsFunc(rooms[:i], func(o Room) bool { return o.spelling() == r.spelling() }) {
			return fmt.Errorf("archtest: room %s stands in the table twice", r.spelling())
		}
		if r.Levels > r.Level {
			return fmt.Errorf("archtest: room %s of level %d may import all of levels up to %d", r.Path, r.Level, r.Levels-1)
		}
		for _, name := range r.Imports {
			j := slices.IndexFunc(rooms, func(o Room) bool { return o.spelling() == name })
			if j < 0 {
				return fmt.Errorf("archtest: room %s may import %s, which is no room of the table", r.Path, name)
			}
			if rooms[j].Level > r.Level {
				return fmt.Errorf("archtest: room %s of level %d may import %s of level %d", r.Path, r.Level, name, rooms[j].Level)
			}
		}
	}
	return nil
}

// roomOf returns the row that speaks of a package: the one with the longest path.
func roomOf(rooms []Room, pkg string) (Room, bool) {
	var best Room
	found := false
	for _, r := range rooms {
		if r.Covers(pkg) && (!found || len(r.Path) > len(best.Path)) {
			best, found = r, true
		}
	}
	return best, found
}

// allowed reports whether a package of the room may import pkg, a package of this module.
func (r Room) allowed(rooms []Room, pkg string) bool {
	if r.Covers(pkg) || slices.ContainsFunc(r.Imports, func(p string) bool { return covers(p, pkg) }) {
		return true
	}
	target, ok := roomOf(rooms, pkg)
	return ok && target.Level < r.Levels
}
