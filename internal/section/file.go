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

// Version names the program that a document is made by: the commit of the module at root, and whether anything but the
// document, by its path in the module, was changed since.
func Version(ctx context.Context, root, document string) (string, error) {
	git := func(args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, "git", args...)
		cmd.Dir = root
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err
	}
	commit, err := git("rev-parse", "--short=10", "HEAD")
	if err != nil {
		return "", err
	}
	if changed, err := git("status", "--porcelain", "--", ".", ":(exclude)"+document); err != nil || changed != "" {
		commit += "-changed"
	}
	return commit, nil
}
