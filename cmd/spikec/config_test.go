package main

import (
	"strings"
	"testing"

	"spikec/internal/golden"
)

// inspectable is a place with a network that a configuration file can be tried on.
func inspectable(t *testing.T) *place {
	p := newPlace(t)
	p.copy("tiny.onnx")
	return p
}

// TestConfig checks that a configuration file gives flags their values, and that the command line wins.
func TestConfig(t *testing.T) {
	p := inspectable(t)
	p.write("other.yaml", "# of another command, and of this one\nsteps: 16\nmean: [0.1, 0.2]\nrules: best\n")
	p.spikec("inspect", "tiny.onnx", "--config", "other.yaml").exits(0).prints("rules best")
	p.spikec("inspect", "tiny.onnx", "--config", "other.yaml", "--rules", "strict").exits(0).prints("rules strict")
	p.spikec("inspect", "tiny.onnx").exits(0).prints("rules strict")
	p.write("spikec.yaml", "rules: best\ntarget: generic8\n")
	p.spikec("inspect", "tiny.onnx").exits(0).prints("rules best", "target generic8")
	p.write("spikec.yaml", "")
	p.spikec("inspect", "tiny.onnx").exits(0).prints("rules strict")
}

// TestConfigMistakes checks that everything wrong in a configuration file is named with its line.
func TestConfigMistakes(t *testing.T) {
	p := inspectable(t)
	p.write("spikec.yaml", "rules: lax\nstepps: 3\ntarget:\n  id: generic8\nquiet: true\nquiet: false\nconfig: other.yaml\n")
	golden.File(t, "golden/config.txt", p.spikec("inspect", "tiny.onnx").exits(1).complains().err)
	p.spikec("inspect", "tiny.onnx", "--config", "missing.yaml").exits(1).complains("SPK-CLI-001 missing.yaml: there is no such file")
	p.write("list.yaml", "- rules\n")
	p.spikec("inspect", "tiny.onnx", "--config", "list.yaml").exits(1).complains("SPK-CLI-002 list.yaml line 1")
	p.write("broken.yaml", "rules: [strict\n")
	p.spikec("inspect", "tiny.onnx", "--config", "broken.yaml").exits(1).complains("SPK-CLI-002 broken.yaml")
	p.write("long.yaml", "rules: best\n"+strings.Repeat("#\n", maxConfig/2))
	p.spikec("inspect", "tiny.onnx", "--config", "long.yaml").exits(1).complains("SPK-CLI-001 long.yaml: has more than 1048576 bytes")
	p.write("spikec.yaml", "data: mnist\nout: build\ntarget: generic8\n")
	p.spikec("build").exits(2).complains("argument MODEL.onnx|NET.nir is missing")
	p.spikec("version").exits(0)
}
