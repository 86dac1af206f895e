package described

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorder collects what Holds reports.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}
func (r *recorder) Helper() {}

// TestHolds finds what is missing in a text, and what is too much.
func TestHolds(t *testing.T) {
	type part struct {
		X int `json:"x"`
	}
	type document struct {
		Schema string `json:"schema"`
		Parts  []part `json:"parts"`
		Again  *part  `json:"again,omitempty"`
		hidden int
	}
	path := filepath.Join(t.TempDir(), "x.md")
	text := "# A\n\n## One\n\n| key | content |\n|---|---|\n| `schema` | |\n| `parts`, `parts[].x` | `other` |\n| `again` ° | |\n\n| file |\n|---|\n| `y` |\n\n" +
		"## Two\n\n| key | content |\n|---|---|\n| `schema`, `parts`, `nothing` | |\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	d, r := Read(t, path), &recorder{TB: t}
	d.Holds(r, "## One", document{hidden: 1})
	if len(r.errors) > 0 {
		t.Errorf("reported without a reason: %q", r.errors)
	}
	d = Read(t, path)
	d.Known(part{})
	d.Holds(r, "## Two", document{})
	if len(r.errors) != 2 || strings.Contains(r.errors[0], "parts[].x") {
		t.Errorf("reported %q", r.errors)
	}
	d, r.errors = Read(t, path), nil
	d.Holds(r, "## Two", document{})
	d.Holds(r, "## Three", document{})
	if got := strings.Join(r.errors, "\n"); len(r.errors) != 4 || !strings.Contains(got, "lacks the key parts[].x") || !strings.Contains(got, "lacks the key again") ||
		!strings.Contains(got, "describes the key nothing") || !strings.Contains(got, `no section "## Three"`) {
		t.Errorf("reported %q", r.errors)
	}
}
