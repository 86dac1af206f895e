package section

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReplace(t *testing.T) {
	document := "a\n<!-- BEGIN x -->\nold\n<!-- END x -->\nb\n"
	got, err := Replace(document, map[string]string{"x": "new\n"})
	if want := "a\n<!-- BEGIN x -->\n\nnew\n\n<!-- END x -->\nb\n"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if again, err := Replace(got, map[string]string{"x": "new\n"}); err != nil || again != got {
		t.Errorf("a second time: got %q, %v, want no change", again, err)
	}
	if _, err := Replace(document, map[string]string{"y": ""}); err == nil {
		t.Error("a section without markers: want an error")
	}
	if _, err := Replace(document+document, map[string]string{"x": ""}); err == nil {
		t.Error("a section with its markers twice: want an error")
	}
}

func TestRewrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "document.md")
	const before, after = "a\n<!-- BEGIN x -->\nold\n<!-- END x -->\n", "a\n<!-- BEGIN x -->\n\nnew\n\n<!-- END x -->\n"
	if err := os.WriteFile(path, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := Renew(path, map[string]string{"x": "new\n"}); err != nil || got != after {
		t.Errorf("got %q, %v, want %q", got, err, after)
	}
	if text, _ := os.ReadFile(path); string(text) != before {
		t.Errorf("Renew wrote %q", text)
	}
	if err := Rewrite(path, map[string]string{"y": ""}); err == nil {
		t.Error("a section without markers: want an error")
	}
	if err := Rewrite(path, map[string]string{"x": "new\n"}); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(path); string(text) != after {
		t.Errorf("wrote %q, want %q", text, after)
	}
}

func TestRoot(t *testing.T) {
	root, err := Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Error(err)
	}
}
