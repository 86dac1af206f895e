package diag

import (
	"encoding/json"
	"errors"
	"testing"
)

var (
	small = Diagnostic{ID: "SPK-TEST-001", Severity: Info, Message: "nothing to do"}
	mid   = Diagnostic{ID: "SPK-TEST-002", Severity: Warning, Subject: "conv1", Message: "look here", Value: 3}
	large = Diagnostic{ID: "SPK-TEST-003", Severity: Error, Subject: "conv2", Message: "too wide", Value: 1152, Limit: 1024, Remedy: "fewer channels"}
)

func TestString(t *testing.T) {
	for _, c := range []struct {
		d    Diagnostic
		want string
	}{
		{small, "info SPK-TEST-001: nothing to do"},
		{mid, "warning SPK-TEST-002 conv1: look here"}, // a value without a limit is left to the message
		{Diagnostic{ID: "SPK-TEST-004", Message: "too few", Value: 9, Limit: "at least 100"}, "info SPK-TEST-004: too few (9, want at least 100)"},
		{large, "error SPK-TEST-003 conv2: too wide (1152, limit 1024)\n  remedy: fewer channels"},
	} {
		if got := c.d.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestList(t *testing.T) {
	var l List
	if l.HasErrors() || l.Err() != nil {
		t.Error("an empty list has an error")
	}
	l.Infof("SPK-TEST-004", "a", "%d of %d", 1, 2)
	l.Warnf("SPK-TEST-005", "b", "w")
	if l.HasErrors() || l.Err() != nil {
		t.Error("a warning is no error")
	}
	if l[0].Message != "1 of 2" || l[0].Severity != Info || l[1].Severity != Warning || l[1].Subject != "b" {
		t.Errorf("got %+v", l)
	}
	l.Errorf("SPK-TEST-006", "c", "e %s", "f")
	l.Add(large)
	err := l.Err()
	var f *Failure
	if !errors.As(err, &f) || len(f.List) != 4 {
		t.Fatalf("got %v", err)
	}
	if want := "error SPK-TEST-006 c: e f\n" + large.String(); err.Error() != want {
		t.Errorf("got %q, want the errors alone: %q", err, want)
	}
}

func TestBySeverity(t *testing.T) {
	l := List{small, mid, large, {ID: "SPK-TEST-007", Severity: Warning}}
	want := []string{"SPK-TEST-003", "SPK-TEST-002", "SPK-TEST-007", "SPK-TEST-001"}
	for i, d := range l.BySeverity() {
		if d.ID != want[i] {
			t.Errorf("place %d: got %s, want %s", i, d.ID, want[i])
		}
	}
	if l[0].ID != small.ID {
		t.Error("the list itself was sorted")
	}
}

func TestJSON(t *testing.T) {
	text, err := json.Marshal(large)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"SPK-TEST-003","severity":"error","subject":"conv2","message":"too wide","value":1152,"limit":1024,"remedy":"fewer channels"}`
	if string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
	var back Diagnostic
	if err := json.Unmarshal(text, &back); err != nil || back.Severity != Error || back.String() != large.String() {
		t.Errorf("got %+v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"severity":"grave"}`), &back); err == nil {
		t.Error("an unknown severity was read")
	}
}
