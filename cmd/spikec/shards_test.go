package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/runtime/build"
)

// TestShards checks a build in 8 shards: merged in any order they are, byte for byte, what one check prints as JSON.
func TestShards(t *testing.T) {
	p, args := built(t, "tiny.onnx")
	p.spikec(args...).exits(0)
	var files []string
	for i := range 8 {
		files = append(files, fmt.Sprintf("parts/%d.json", i))
		r := p.spikec("check", "out", "--quiet", "--json", "--shard", fmt.Sprintf("%d/8", i), "--partial", files[i]).exits(0)
		if s := document[build.ShardSummary](t, r); s.Schema != build.ShardSummarySchema || s.Shard != i || s.Of != 8 || s.N != 20 || s.Hi-s.Lo > 3 || s.Partial != files[i] {
			t.Errorf("shard %d: %+v", i, s)
		}
	}
	slices.Reverse(files)
	whole := p.spikec("check", "out", "--quiet", "--json").exits(0)
	merged := p.spikec(slices.Concat([]string{"merge", "--json", "--result", "result.json"}, files)...).exits(0)
	if merged.out != whole.out {
		t.Errorf("merged:\n%s\nwhole:\n%s", merged.out, whole.out)
	}
	if p.read("result.json") != whole.out {
		t.Error("--result writes something else than --json prints")
	}
	p.spikec(slices.Concat([]string{"merge"}, files)...).exits(0).prints("MNIST test set: 20 images", "every output count and potential is what was recorded")
	p.spikec(slices.Concat([]string{"merge", "--min-accuracy", "1"}, files)...).exits(3)
	p.spikec(slices.Concat([]string{"merge"}, files[1:], files[2:3])...).exits(1).complains("SPK-FILE-012", "shard 5/8", "SPK-FILE-013", "shard 7/8 (images 17..19)")
	p.spikec("check", "out", "--quiet", "--shard", "0/50", "--partial", "none.json").exits(0).prints("shard 0/50 of out: none of 20, 0 right")
	p.spikec("check", "out", "--shards", "8").exits(2).complains("--shards goes with --script; one shard is --shard I/N")
	p.spikec("check", "out", "--partials", "p").exits(2).complains("--partials goes with --script; one shard is written with --partial")
	p.spikec("merge", "--partial", files[0], files[0]).exits(1).complains("SPK-OUT-002")
	r := p.spikec(slices.Concat([]string{"merge", "--json", "--partial", "joined.json"}, files[2:])...).exits(0)
	if left := document[incomplete](t, r); len(left.Missing) != 2 || left.Partial != "joined.json" {
		t.Errorf("got %+v", left)
	}
	p.spikec(slices.Concat([]string{"merge", "joined.json"}, files[:2])...).exits(0)
}

// TestScript prints scripts, with what was asked of the check in them.
func TestScript(t *testing.T) {
	p, args := built(t, "tiny.onnx")
	p.spikec(args...).exits(0)
	p.spikec("check", "out", "--script", "slurm", "--shards", "16", "--limit", "10", "--engine", "reference", "--jobs", "3", "--min-accuracy", "0.5").exits(0).
		prints("#SBATCH --cpus-per-task=3", "folder='$WORK/out.partials'", "check '$WORK/out' '--limit' '10' '--engine' 'reference'", "merge '--min-accuracy' '0.5'", `/16"`, "shard-*-of-16.json")
	p.spikec("check", "out", "--script", "slurm", "--data", "npz:x.npz").exits(0).prints("'--data' 'npz:" + filepath.Join("$WORK", "x.npz") + "'")
	d := document[scriptDocument](t, p.spikec("check", "out", "--script", "kubernetes", "--shards", "3", "--partials", "p", "--json").exits(0))
	if d.Kind != "kubernetes" || d.Shards != 3 || !strings.Contains(d.Text, "completions: 3\n") {
		t.Errorf("got %+v", d)
	}
	p.write("script.yaml", "script: slurm\n")
	p.spikec("check", "out", "--shards", "3", "--config", "script.yaml").exits(0).prints("shard-*-of-3.json")
	p.spikec("check", "nowhere", "--script", "slurm").exits(1).complains("SPK-FILE-001", "nowhere")
	if left := p.names("."); slices.Contains(left, "p") || slices.Contains(left, "out.partials") {
		t.Errorf("left behind: %v", left)
	}
}
