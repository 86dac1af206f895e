package chip

import (
	"bytes"
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
