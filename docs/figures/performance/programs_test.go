package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"spikec/emulator/anchor"
	"spikec/emulator/enginetest"
	"spikec/internal/simd"
)

// TestAnchorProgram compiles the anchor for every level of instructions, without a warning, and compares all its engines
// with the golden hash; with SPIKEC_LONG=1 also with the definition, on random networks.
func TestAnchorProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a C program three times")
	}
	p := &programs{root: "../../..", scratch: t.TempDir(), anchors: map[simd.Level]string{}}
	if why := p.noAnchor(); why != "" {
		t.Skip("no anchor: ", why)
	}
	for _, l := range levels() {
		p.anchors[l] = filepath.Join(p.scratch, l.String())
		cc := exec.Command("cc", "-Wall", "-Wextra", "-Werror", "-O2", "-march="+targets[l], "../../../bench/anchor/anchor.c", "-o", p.anchors[l])
		if out, err := cc.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", l, err, out)
		}
		if enginetest.Long() {
			stress, err := p.anchor(context.Background(), l, "-stress")
			if err != nil || !strings.Contains(stress, "stress: all engines equal the definition") {
				t.Errorf("%s: %v\n%s", l, err, stress)
			}
		}
		list, err := p.anchor(context.Background(), l, "-list")
		if err != nil {
			t.Fatal(err)
		}
		out, err := p.anchor(context.Background(), l, append(p.anchorInput(), "-n", "32", "-steps", "8", "-reps", "1")...)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Count(out, "hash="+anchor.Golden[32][8]+"\n"), strings.Count(list, "\n"); got != want {
			t.Errorf("%s: %d of %d engines have the golden hash\n%s", l, got, want, out)
		}
	}
}
