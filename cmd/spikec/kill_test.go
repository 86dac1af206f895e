package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// kills is how often a command is killed: a sample, or with SPIKEC_LONG=1 twenty times.
func kills() int {
	if os.Getenv("SPIKEC_LONG") == "1" {
		return 20
	}
	return 2
}

// kill runs the program and kills it, without a chance to tidy up, at a random moment of the time that it takes. It reports whether
// the program was still running.
func (p *place) kill(takes time.Duration, args ...string) bool {
	p.t.Helper()
	cmd := p.command(args...)
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	time.Sleep(rand.N(takes))
	_ = cmd.Process.Kill() // it may have ended
	_ = cmd.Wait()
	return !cmd.ProcessState.Success()
}

// written reads the files at and below a path of the place, by their paths. What a killed program was writing aside is left out.
func (p *place) written(name string) map[string]string {
	p.t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(p.path(name), func(path string, d fs.DirEntry, err error) error {
		switch {
		case os.IsNotExist(err):
			return nil
		case err != nil:
			return err
		case strings.Contains(d.Name(), ".tmp-") || d.IsDir():
			return nil
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(p.path(name), path)
		files[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return files
}

// TestKilled kills commands at random moments. What is in the place of their outputs then is whole or not there, and the same
// command, called again, ends with the bytes of one that was never disturbed.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	for name, command := range map[string]struct {
		args  string
		fresh bool // into an empty place every time, else over what is there
	}{
		"build": {"build tiny.onnx --target generic8 --data mnist --calibration-limit 200 --limit 200 --steps 16 --quiet --out OUT", false},
		"sweep": {"sweep tiny.onnx --target generic8 --data mnist --calibration-limit 100 --limit 50 --steps 2,4,8 --bits 8,4 --quiet --out OUT", true},
		"check": {"check built --limit 1000 --quiet --shard 0/2 --partial OUT", false},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			p.copy("tiny.onnx")
			if name == "check" {
				p.spikec(strings.Fields("build tiny.onnx --target generic8 --data mnist --calibration-limit 200 --limit 1000 --steps 16 --quiet --out built")...).exits(0)
			}
			args := func(out string) []string { return strings.Fields(strings.ReplaceAll(command.args, "OUT", out)) }
			began := time.Now()
			p.spikec(args("whole")...).exits(0)
			takes := time.Since(began)
			want, out, amid := p.written("whole"), "out", 0
			for k := range kills() {
				if command.fresh {
					out = fmt.Sprint("out", k)
				}
				if p.kill(takes, args(out)...) {
					amid++
				}
				for file, text := range p.written(out) {
					if cell := strings.HasPrefix(file, "cells/"); cell && !json.Valid([]byte(text)) || !cell && text != want[file] {
						t.Errorf("kill %d left %s half done, or otherwise:\n%s", k, file, text)
					}
				}
				p.spikec(args(out)...).exits(0)
				got := p.written(out)
				if g, w := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(g, w) {
					t.Fatalf("after kill %d there are %v, want %v", k, g, w)
				}
				for file, text := range got {
					if !strings.HasPrefix(file, "cells/") && text != want[file] { // cells hold the seconds that they took
						t.Errorf("after kill %d %s is not that of an undisturbed run", k, file)
					}
				}
			}
			if amid == 0 && kills() > 2 {
				t.Errorf("none of %d kills came while the program ran", kills())
			}
		})
	}
}
