package section

import "testing"

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
