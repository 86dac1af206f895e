package main

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"

	"spikec/internal/golden"
	"spikec/target/chip"
)

// TestUsage pins what is said about wrong calls: one line that names the mistake, and the way to help.
func TestUsage(t *testing.T) {
	p := newPlace(t)
	var b strings.Builder
	for _, line := range []string{
		"biuld",
		"frobnicate",
		"help frobnicate",
		"build",
		"build a.onnx b.onnx --target generic8 --data mnist --out o",
		"build a.onnx",
		"build a.onnx --frobnicate",
		"build a.onnx --step 4",
		"build a.onnx --min-acc 0.9",
		"build a.onnx --per-channel=perhaps",
		"build a.onnx --steps 0",
		"build a.onnx --steps many",
		"build a.onnx --steps 65537",
		"build a.onnx --steps 99999999999",
		"build a.onnx --limit 99999999999",
		"build a.onnx --bits 1",
		"build a.onnx --bits 33",
		"build a.onnx --seed -1",
		"build a.onnx --pixel-scale 0",
		"build a.onnx --percentile -1",
		"build a.onnx --encoding bernoulli",
		"build a.onnx --encoding morse",
		"build a.onnx --readout last-spike",
		"build a.onnx --readout-delay -1",
		"build a.onnx --readout-delay 65536",
		"build a.onnx --auto=perhaps",
		"build a.onnx --biases some",
		"build a.onnx --early-exit=soon",
		"build a.onnx --early-exit=0",
		"build a.onnx --rules lax",
		"build a.onnx --percentile 101",
		"build a.onnx --min-accuracy 98.5",
		"build a.onnx --mean 0.5,x",
		"build a.onnx --std 0",
		"build a.onnx --input-range 1,0",
		"build a.onnx --disable lower",
		"build a.onnx --stop-after tea",
		"build a.onnx --early-exit exact",
		"build a.onnx --early-exit 2.5 b",
		"build a.onnx --limit -1",
		"build a.onnx --engine warp",
		"build a.onnx --out=",
		"build a.onnx --target=",
		"build a.onnx --data=",
		"build a.onnx --calibration=",
		"demo --target=",
		"run a.onnx --input=",
		"run a.onnx --output=",
		"emulate a --trace=",
		"check",
		"check a --shard 8/8 --partial p",
		"check a --shard 1 --partial p",
		"check a --shard 0/0 --partial p",
		"check a --shard 1/8",
		"check a --shard 1/8 --partial p --min-accuracy 0.9",
		"check a --shard 1/8 --partial p --script slurm",
		"check a --script pigeons",
		"check a --script slurm --shards 0",
		"merge",
		"emulate build --input x.npz",
		"targets a b",
		"version now",
		"demo here",
		"completion tcsh",
		"sweep a.onnx --steps 4,0,x",
		"sweep a.onnx --bits 8,33",
		"sweep a.onnx --rules strict,lax",
		"sweep a.onnx --percentile 99,101",
		"sweep a.onnx --stop-after refit",
		"sweep a.onnx --target generic8 --data mnist --json --csv",
		"report",
		"report a b",
		"report a --out=",
		"bench here",
		"bench --steps 0",
		"bench --engine warp",
		"bench --jobs 0",
		"bench --repeat 0",
		"bench --net=",
		"simulate",
		"simulate net.yaml --example lif",
		"simulate --list lif",
		"simulate net.yaml --print",
		"simulate net.yaml --check --list",
		"simulate net.yaml other.yaml",
		// All mistakes of a line are said at once.
		"build --stpes 8 --encoding bernouli --steps=many --frobnicate --limit",
		"biuld a.onnx --target generic8",
		"build --help --frobnicate",
		"build -x",
		"emulate a b --engine refrence --jobs 0 --trace= --outptu=y.npz",
		"simulate a.yaml b.yaml --jobs 0 --check --print",
		"simulate --exmaple lif --check",
		"check a b --shard 9/8 --min-accuracy 2 --script slrum",
		"sweep --rules strct,best --percentile 101 --json --csv",
		"data get --frobnicate",
		"data gte mnist",
		"merge --min-accuracy 3",
	} {
		r := p.spikec(strings.Fields(line)...).exits(2).complains()
		b.WriteString("$ spikec " + line + "\n" + r.err)
	}
	golden.File(t, "golden/usage.txt", b.String())
}

// TestHelp checks that every command explains itself on standard output.
func TestHelp(t *testing.T) {
	p := newPlace(t)
	for _, c := range newRoot().Commands() {
		p.spikec(c.Name(), "--help").exits(0).prints("Usage:", "spikec "+c.Name())
	}
	p.spikec().exits(0).prints("Available Commands:", "Exit codes:")
	p.spikec("help", "build").exits(0).prints("--target")
	p.spikec("completion", "bash").exits(0).prints("spikec")
	p.spikec("__complete", "build", "--target", "gen").exits(0).prints("generic8\t", "generic4\t")
	p.spikec("__complete", "targets", "").exits(0).prints("loihi1\t")
	p.spikec("__complete", "build", "--rules", "").exits(0).prints("strict", "best")
	p.spikec("__complete", "build", "--data", "").exits(0).prints("mnist\t", "mnist:\t", "npz:\t", "images:\t")
	p.write("x.npz", "")
	p.spikec("__complete", "build", "--data", "npz:").exits(0).prints("npz:x.npz\n")
	p.spikec("__complete", "emulate", "b", "--input", "").exits(0).prints("npz\n", ":8\n") // files that end in .npz
	p.spikec("__complete", "build", "--out", "").exits(0).prints(":16\n")                  // folders
}

func TestVersion(t *testing.T) {
	p := newPlace(t)
	p.spikec("version").exits(0).prints("spikec ", runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
	for _, flag := range []string{"--version", "-v"} {
		if r := p.spikec(flag).exits(0); r.out != p.spikec("version").out {
			t.Errorf("%s prints %q", flag, r.out)
		}
	}
	var v versionInfo
	if err := json.Unmarshal([]byte(p.spikec("version", "--json").exits(0).out), &v); err != nil || v.Schema != "spikec/version/v1" {
		t.Errorf("got %+v, %v", v, err)
	}
}

// TestTargets checks the table, and that a profile printed whole means what the bundled one means.
func TestTargets(t *testing.T) {
	p := newPlace(t)
	table := p.spikec("targets").exits(0)
	var list struct {
		Schema  string
		Targets []targetRow
	}
	if err := json.Unmarshal([]byte(p.spikec("targets", "--json").exits(0).out), &list); err != nil || list.Schema != "spikec/targets/v1" {
		t.Fatalf("got %+v, %v", list, err)
	}
	if len(list.Targets) != len(chip.IDs()) {
		t.Errorf("got %d targets, want %v", len(list.Targets), chip.IDs())
	}
	for _, row := range list.Targets {
		table.prints(row.ID, row.Name, row.Weights, row.Proof+": "+row.Meaning)
		whole := p.spikec("targets", row.ID).exits(0)
		p.write("whole.yaml", whole.out)
		if again := p.spikec("targets", "whole.yaml").exits(0); again.out != whole.out {
			t.Errorf("%s: printed, read and printed again it differs", row.ID)
		}
		if !json.Valid([]byte(p.spikec("targets", row.ID, "--json").exits(0).out)) {
			t.Errorf("%s: no JSON", row.ID)
		}
	}
	p.spikec("targets", "generic9").exits(1).complains("SPK-CHIP-001", `there is no target "generic9"`, "generic8")
}
