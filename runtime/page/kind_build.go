package page

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"spikec/runtime/build"
)

// manifestFile is what makes a folder that of a build.
const manifestFile = "manifest.json"

func init() {
	register(kind{name: "a folder of a build", holds: func(path string) bool { return exists(filepath.Join(path, manifestFile)) && !build.IsConversion(path) }, read: readBuild, beside: build.ReportFile})
}

// exists reports whether there is anything at a path.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// readBuild makes the page of a build.
func readBuild(dir string) (*page, error) {
	l, err := build.LookAt(dir)
	if err != nil {
		return nil, err
	}
	p := newResultPage(l.Ladder)
	p.Sections = append(p.Sections, found(l.Ladder.Diagnostics), rungs(l.Ladder), bySteps(l.Ladder))
	if l.Samples != nil {
		p.Sections = append(p.Sections, decisions(l.Samples), images(l.Samples))
	}
	p.Sections = append(p.Sections, layers(l.Ladder, l.Samples), placement(l), resources(l), cost(l.Ladder), choices(l.Ladder), reproduce(dir, l))
	if l.Samples == nil {
		p.Sections[0].add(text("The folder has no report.json: an earlier version of spikec built it. Build it again to see confusions, images, weights, membranes, rates and traffic here too."))
	}
	return p, nil
}

// reproduce says how to get the same, and what exactly this is.
func reproduce(dir string, l *build.Look) section {
	s := section{ID: "reproduce", Title: "How to reproduce it"}
	m := l.Manifest
	if l.Samples != nil {
		s.add(command(l.Samples.Command, "build")...)
	}
	s.add(text("The emulation again, from the files alone, and whether every output is what was recorded:"), block{Command: "spikec check " + quote(dir)})
	s.add(origin(m)...)
	return s
}

// command is the command line that made a folder; it lacks --out where it is that of a command, not of a demo.
func command(recorded []string, name string) []block {
	if len(recorded) == 0 {
		return nil
	}
	words := make([]string, len(recorded))
	for i, w := range recorded {
		words[i] = quote(w)
	}
	line := strings.Join(words, " ")
	if recorded[min(1, len(words)-1)] == name {
		line += " --out DIR"
	}
	return []block{text("The command line, without flags that change no file. It gives the same bytes in every file of the folder."), {Command: line}}
}

// origin says what a folder was made of, and what is in it.
func origin(m *build.Manifest) []block {
	t := newTable("What it was made of", "files", "what", "name", "SHA-256")
	t.row("trained network", m.Model.Name, m.Model.SHA256)
	t.row("evaluation images", fmt.Sprintf("%s, %d images (%s)", m.Data.Name, m.Data.N, m.Data.Spec), m.Data.SHA256)
	if m.Calibration.SHA256 != "" {
		name := fmt.Sprintf("%s, %d images (%s)", m.Calibration.Name, m.Calibration.N, m.Calibration.Spec)
		if m.Calibration.Seed != nil {
			name += fmt.Sprintf(", drawn with seed %d", *m.Calibration.Seed)
		}
		t.row("calibration images", name, m.Calibration.SHA256)
	}
	if m.Expected.CountsSHA256 != "" {
		t.row("outputs of all images", fmt.Sprintf("%d of %d decided as labelled", m.Expected.Correct, m.Expected.N), m.Expected.CountsSHA256)
	}
	t.row("manifest", manifestFile, m.SHA256)
	for _, f := range m.Files {
		t.row("file", fmt.Sprintf("%s, %d bytes", f.Name, f.Size), f.SHA256)
	}
	return []block{{Facts: []fact{{Name: "made by", Value: m.Tool}, {Name: "schema", Value: m.Schema}}}, {Table: t}}
}

// quote returns a word so that a shell takes it as one.
func quote(word string) string {
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/.,:_-+@%=", r)
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
