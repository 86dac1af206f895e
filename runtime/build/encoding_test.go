package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spikec/emulator/encoder"
	"spikec/runtime/evaluate"
	"spikec/target/image"
)

// TestEncoders builds with every encoder, for chips of which some have latency, signed spikes or two stages: Run fails where the stages fixed,
// image and files are not alike in every output. What comes out does not depend on goroutines or engines, can be checked,
// whole and in shards, and emulated, from the files alone.
func TestEncoders(t *testing.T) {
	targets := []string{"generic8", "loihi1", "generic8-signed", "generic8-staged"}
	for i, name := range encoder.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			r := request(t, dir, targets[i%len(targets)])
			r.Options.Encoding, r.Options.Seed, r.Options.Steps = name, 11, 12
			built(t, r)
			want := contents(t, r.Out)
			stored := want[imageFile]
			if form, _ := wordsOf(r.Profile); form != "" {
				stored = want[hostFile]
			}
			img, err := image.Decode([]byte(stored))
			if err != nil {
				t.Fatal(err)
			}
			coding, _ := encoder.Default(name, 11)
			if c, ok := img.Input.Coding(); !ok || c != coding || !img.Cores[0].Source {
				t.Errorf("the image plays %+v, want %+v", img.Input, coding)
			}
			l, err := Check(context.Background(), r.Out, CheckOptions{Jobs: 3, Engine: "reference"})
			if err != nil || !l.Check.CountsCompared {
				t.Fatalf("check: %v", err)
			}
			var parts []string
			for k := range 3 {
				parts = append(parts, filepath.Join(dir, fmt.Sprint("part", k)))
				if _, err := CheckShard(context.Background(), r.Out, k, 3, parts[k], CheckOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			if merged, _, err := Merge(parts, ""); err != nil || merged.CountsSHA256 != l.CountsSHA256 {
				t.Errorf("shards: %v", err)
			}
			y := filepath.Join(dir, "y.npz")
			if err := Emulate(context.Background(), EmulateRequest{Dir: r.Out, Input: filepath.Join(dir, "eval.npz"), Output: y}); err != nil {
				t.Fatal(err)
			}
			a := arraysOf(t, y, "counts", "potentials")
			p := &evaluate.Partial{Classes: classes, Decisions: make([]int32, 60), Counts: int32s(t, a[0]), Potentials: int32s(t, a[1])}
			if p.CountsSHA256() != l.CountsSHA256 {
				t.Error("emulate gives other counts than check")
			}
			again := r
			again.Out, again.Options.Jobs = filepath.Join(dir, "again"), 1
			built(t, again)
			if got := contents(t, again.Out); got[imageFile] != want[imageFile] || got[ladderFile] != want[ladderFile] {
				t.Error("one goroutine builds something else than two")
			}
		})
	}
}

// TestEncodersAreDescribed: the description of the image's format defines every encoder.
func TestEncodersAreDescribed(t *testing.T) {
	text, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range encoder.Names() {
		if !strings.Contains(string(text), "\n| `"+name+"` | ") {
			t.Errorf("docs/formats.md does not define %s", name)
		}
	}
}
