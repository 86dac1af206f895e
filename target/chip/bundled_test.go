package chip

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBundled(t *testing.T) {
	p, err := Load("loihi1")
	if err != nil {
		t.Fatal(err)
	}
	if !p.Bundled() {
		t.Error("the embedded profile is not taken for itself")
	}
	text, err := p.YAML()
	if err != nil {
		t.Fatal(err)
	}
	same, err := Parse("profile.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	if !same.Bundled() {
		t.Error("the flattened profile, read back, is not taken for the embedded one")
	}
	other, err := Parse("other.yaml", bytes.Replace(text, []byte("class: B"), []byte("class: A"), 1))
	if err == nil && other.Bundled() {
		t.Error("a profile with another proof class is taken for the embedded one")
	}
	other, err = Parse("other.yaml", bytes.Replace(text, []byte("neurons: 1024"), []byte("neurons: 2048"), 1))
	if err != nil || other.Bundled() {
		t.Errorf("a profile with more neurons is taken for the embedded one (%v)", err)
	}
}

func TestFileWithAnIDOfSpikec(t *testing.T) {
	p, err := Load("loihi1")
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.YAML()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "mine.yaml")
	load := func(text []byte) (*Profile, error) {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return Load(path)
	}
	if same, err := load(text); err != nil || same.File != "mine.yaml" || !same.Bundled() {
		t.Errorf("a copy of the embedded profile: %v", err)
	}
	text = bytes.Replace(text, []byte("neurons: 1024"), []byte("neurons: 2048"), 1)
	if _, err := load(text); err == nil || !strings.Contains(err.Error(), "SPK-CHIP-021") {
		t.Errorf("another profile under the ID: %v", err)
	}
	if own, err := load(bytes.Replace(text, []byte("id: loihi1"), []byte("id: mine"), 1)); err != nil || own.Bundled() {
		t.Errorf("another profile under an ID of its own: %v", err)
	}
}
