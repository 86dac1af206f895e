package progress

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLines(t *testing.T) {
	var out bytes.Buffer
	r := Lines(slog.New(slog.NewTextHandler(&out, nil)), 0)
	task := r.Start("ann", 3)
	task.Add(1)
	task.Add(2)
	task.Done()
	task.Done() // once is enough
	short := r.Start("snn", 3)
	short.Done()
	enough := r.Start("warm-up", 9)
	enough.Add(2)
	enough.Enough()
	enough.Done()
	r.Close()
	got := out.String()
	for _, want := range []string{`msg=working stage=ann done=1 of=3`, `msg=working stage=ann done=3 of=3`, `msg=done stage=ann done=3 of=3`, `msg=stopped stage=snn done=0 of=3`, `msg=done stage=warm-up done=2 of=2`} {
		if !strings.Contains(got, want) {
			t.Errorf("no line %q in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "\n"); n != 6 {
		t.Errorf("%d lines, want 6:\n%s", n, got)
	}
}

func TestLinesAreFew(t *testing.T) {
	var out bytes.Buffer
	task := Lines(slog.New(slog.NewTextHandler(&out, nil)), time.Hour).Start("ann", 1000)
	for range 1000 {
		task.Add(1)
	}
	if out.Len() > 0 {
		t.Errorf("a line before its time: %s", out.String())
	}
}

func TestBarsEndWithAndWithoutAllItems(t *testing.T) {
	var out bytes.Buffer
	r := Bars(&out)
	full := r.Start("full", 2)
	full.Add(2)
	full.Done()
	half := r.Start("half", 2)
	half.Add(1)
	half.Done()
	r.Start("open", 2).Add(1)
	closed := make(chan struct{})
	go func() { r.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Fatal("Close waits for a task that is not done")
	}
}

func TestFor(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if For(f, slog.Default(), true) != None {
		t.Error("quiet is not quiet")
	}
	if _, ok := For(f, slog.Default(), false).(*lines); !ok {
		t.Error("a file does not get lines")
	}
}
