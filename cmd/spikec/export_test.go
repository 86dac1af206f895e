package main

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"spikec/models/nir"
)

// TestExport exports a build, and refuses what there is no such format or dialect for.
func TestExport(t *testing.T) {
	p, args := built(t, "tiny.onnx", "--quiet")
	p.spikec(args...).exits(0)
	e := document[exported](t, p.spikec("export", "out", "--format", "nir", "--dialect", "sinabs", "--out", "net.nir", "--json").exits(0))
	data := p.read("net.nir")
	sum := sha256.Sum256([]byte(data))
	if e.Schema != "spikec/export/v1" || e.Bytes != len(data) || e.SHA256 != hex.EncodeToString(sum[:]) || len(e.Diagnostics) == 0 {
		t.Errorf("got %+v", e)
	}
	if f, _, err := nir.Read("net.nir", []byte(data)); err != nil || f.Network.Name != "tiny" || f.Network.Steps != 4 {
		t.Errorf("got %+v, %v", f, err)
	}
	p.spikec("export", "out", "--format", "nir", "--out", "other.nir").exits(0).says("SPK-NIR-007 generic", "membranes start at 0 there")
	p.spikec("export", "out", "--format", "nir", "--dialect", "brian", "--out", "no.nir").exits(1).complains("SPK-EXPORT-001 --dialect", "want generic, norse")
	p.spikec("export", "out", "--format", "netx", "--out", "no.net").exits(1).complains("SPK-NETX-001 generic8")
	p.spikec("export", "out", "--format", "png", "--out", "no.png").exits(2).complains("netx", "nir")
	p.spikec("export", "nowhere", "--format", "nir", "--out", "no.nir").exits(1).complains("SPK-FILE-001 nowhere")
	p.spikec("export", "out", "--format", "nir").exits(2).complains("out")
	p.spikec("export", "out", "--format", "nir", "--out", "out/more.nir").exits(1).complains("SPK-OUT-002 out/more.nir", "lies within out")
	p.spikec("export", "out", "--format", "nir", "--out", "none/no.nir").exits(1).complains("SPK-OUT-001 none/no.nir", "its folder does not exist")
	p.spikec("check", "out", "--quiet").exits(0)
	for _, name := range p.names(".") {
		if name == "no.nir" || name == "no.net" || name == "no.png" {
			t.Errorf("%s was written", name)
		}
	}
}
