package enginetest

import "testing"

func TestProfiles(t *testing.T) {
	for _, id := range styles {
		p, err := Profile(id)
		if err != nil {
			t.Error(err)
		} else if p.ID != id || p.Proof.Class != "D" {
			t.Errorf("profile %s is %s of class %s", id, p.ID, p.Proof.Class)
		}
	}
	if _, err := Profile("other-style"); err == nil {
		t.Error("a profile that does not exist was loaded")
	}
}
