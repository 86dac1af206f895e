package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"spikec/runtime/dataset/npz"
	"spikec/runtime/output"
)

// asProgram makes the test binary behave as spikec.
const asProgram = "SPIKEC_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// place is an empty working directory of one test.
type place struct {
	t   *testing.T
	dir string
}

// newPlace makes a place; the test runs in parallel with others.
func newPlace(t *testing.T) *place {
	t.Parallel()
	return &place{t: t, dir: t.TempDir()}
}

// path returns the path of a file of the place.
func (p *place) path(name string) string { return filepath.Join(p.dir, name) }

// write writes a file of the place.
func (p *place) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(p.path(name), []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// read reads a file of the place.
func (p *place) read(name string) string {
	p.t.Helper()
	text, err := os.ReadFile(p.path(name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// copy copies files of testdata into the place.
func (p *place) copy(names ...string) {
	p.t.Helper()
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			p.t.Fatal(err)
		}
		p.write(name, string(text))
	}
}

// npz writes an archive of the place.
func (p *place) npz(name string, arrays ...*npz.Array) {
	p.t.Helper()
	err := output.WriteFile(p.path(name), func(w io.Writer) error { return npz.Write(w, arrays...) })
	if err != nil {
		p.t.Fatal(err)
	}
}

// names lists what is in a folder of the place.
func (p *place) names(folder string) []string {
	p.t.Helper()
	entries, err := os.ReadDir(p.path(folder))
	if err != nil {
		p.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// command prepares a run of the program in the place.
func (p *place) command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), asProgram+"=1", "NO_COLOR=")
	return cmd
}

// result is what one run of the program left.
type result struct {
	t        *testing.T
	line     string
	out, err string // standard output and error, with the place as $WORK
	code     int
}

// spikec runs the program in the place.
func (p *place) spikec(args ...string) result {
	p.t.Helper()
	cmd := p.command(args...)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	hide := func(s string) string { return strings.ReplaceAll(s, p.dir, "$WORK") }
	return result{t: p.t, line: "spikec " + strings.Join(args, " "), out: hide(out.String()), err: hide(stderr.String()), code: cmd.ProcessState.ExitCode()}
}

// exits checks the exit code.
func (r result) exits(code int) result {
	r.t.Helper()
	if r.code != code {
		r.t.Fatalf("%s: exit code %d, want %d\n%s%s", r.line, r.code, code, r.out, r.err)
	}
	return r
}

// prints checks that standard output holds all of these.
func (r result) prints(parts ...string) result {
	r.t.Helper()
	for _, part := range parts {
		if !strings.Contains(r.out, part) {
			r.t.Errorf("%s: standard output lacks %q:\n%s", r.line, part, r.out)
		}
	}
	return r
}

// says checks that standard error holds all of these.
func (r result) says(parts ...string) result {
	r.t.Helper()
	for _, part := range parts {
		if !strings.Contains(r.err, part) {
			r.t.Errorf("%s: standard error lacks %q:\n%s", r.line, part, r.err)
		}
	}
	return r
}

// complains checks that standard error holds all of these, and that standard output is empty.
func (r result) complains(parts ...string) result {
	r.t.Helper()
	r.says(parts...)
	if r.out != "" {
		r.t.Errorf("%s: standard output is not empty:\n%s", r.line, r.out)
	}
	return r
}
