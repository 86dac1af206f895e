package simulate

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"spikec/internal/diag"
	"spikec/internal/spelling"
	"spikec/runtime/simulate/describe"
)

// The bundled examples, one file each.
//
//go:embed examples/*.yaml
var examples embed.FS

// Examples are the names of the bundled examples.
func Examples() []string {
	entries, _ := examples.ReadDir("examples")
	var out []string
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	slices.Sort(out)
	return out
}

// ExampleText returns the description of a bundled example.
func ExampleText(name string) ([]byte, error) {
	text, err := examples.ReadFile("examples/" + name + ".yaml")
	if err == nil {
		return text, nil
	}
	hint := ""
	if near := spelling.Nearest(name, Examples()); near != "" {
		hint = "; did you mean " + near + "?"
	}
	return nil, &diag.Failure{List: diag.List{{ID: idReference, Severity: diag.Error, Subject: "--example", Message: fmt.Sprintf("there is no example %q%s", name, hint),
		Remedy: "examples are " + strings.Join(Examples(), ", ")}}}
}

// Example reads a bundled example.
func Example(name string) (*describe.Description, error) {
	text, err := ExampleText(name)
	if err != nil {
		return nil, err
	}
	return describe.Parse(name+".yaml", text)
}

// About is the first line of an example, which says what it is about.
func About(name string) string {
	text, err := ExampleText(name)
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(strings.TrimPrefix(first, "#"))
}
