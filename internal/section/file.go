package section

import (
	"context"
	"os"
	"os/exec"
	"strings"
)

// Root returns the folder of the module that the program was started in: where its documents are.
func Root(ctx context.Context) (string, error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	return strings.TrimSpace(string(root)), err
}

// Renew returns the document at path with its sections replaced (Replace).
func Renew(path string, sections map[string]string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return Replace(string(text), sections)
}

// Rewrite replaces sections of the document at path.
func Rewrite(path string, sections map[string]string) error {
	document, err := Renew(path, sections)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(document), 0o644)
}
