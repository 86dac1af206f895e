package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestMan writes a page for every command, with every flag in it. Where there is a formatter that knows the macros, it has
// nothing to complain of.
func TestMan(t *testing.T) {
	p := newPlace(t)
	p.spikec("man", "--to", "man/man1").exits(0)
	for _, c := range documented(newRoot()) {
		page := p.read("man/man1/" + pageName(c) + ".1")
		if !strings.HasPrefix(page, `.TH "SPIKEC\-`) || !strings.Contains(page, ".SH OPTIONS") && c.HasLocalFlags() && len(c.Commands()) == 0 {
			t.Errorf("%s:\n%s", pageName(c), page)
		}
	}
	build := p.read("man/man1/spikec-build.1")
	for _, want := range []string{".B \\-\\-target ID|FILE.yaml\n", ".SH EXAMPLES\n.nf\n", ".BR spikec (1)\n"} {
		if !strings.Contains(build, want) {
			t.Errorf("spikec-build.1 lacks %q:\n%s", want, build)
		}
	}
	if root := p.read("man/man1/spikec.1"); !strings.Contains(root, ".BR spikec\\-data (1)") || strings.Contains(root, "spikec\\-data\\-get") {
		t.Errorf("spikec.1:\n%s", root)
	}
	if got := roffText("a\n'b\n\n  .c \\d"); got != ".PP\na\n\\&'b\n.PP\n.nf\n  .c \\ed\n.fi\n" {
		t.Errorf("got %q", got)
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Log("there is no groff to format the pages with")
		return
	}
	for _, name := range p.names("man/man1") {
		if out, err := exec.Command(groff, "-man", "-Tascii", "-ww", "-z", p.path("man/man1/"+name)).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
