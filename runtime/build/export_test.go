package build

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spikec/models/nir"
	"spikec/models/snn"
)

// TestExportNIR exports a build in every dialect; each file holds the network that the build was made of.
func TestExportNIR(t *testing.T) {
	r := request(t, t.TempDir(), "generic8")
	if _, err := Run(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	for _, name := range nir.DialectNames() {
		data, found, err := Export(r.Out, "nir", name)
		if err != nil || len(found) == 0 || found.HasErrors() { // membranes start at 0 there
			t.Fatalf("%s: %v, %v", name, found, err)
		}
		file, _, err := nir.Read("x", data)
		if err != nil {
			t.Fatal(err)
		}
		if net := file.Network; net.Name != "tiny" || net.Steps != 8 || net.Reset != snn.Subtract || net.Initial != 0.5 || net.Populations[net.Output()].Size() != classes {
			t.Errorf("%s: %s", name, net)
		}
	}
	first, _, err := Export(r.Out, "nir", "")
	if err != nil {
		t.Fatal(err)
	}
	own, err := os.ReadFile(filepath.Join(r.Out, nirFile))
	if err != nil || string(first) != string(own) {
		t.Errorf("the first dialect is not the file of the build (%v)", err)
	}
	_, _, err = Export(r.Out, "nir", "brian")
	wants(t, err, "SPK-EXPORT-001 --dialect brian generic, norse")
	_, _, err = Export(r.Out+"x", "nir", "")
	wants(t, err, "SPK-FILE-001 no such folder")
	if _, _, err = Export(r.Out, "png", ""); err == nil || !strings.Contains(err.Error(), "png") {
		t.Errorf("%v", err)
	}
}

// TestExportRefusesNIR exports a network that NIR has no words for.
func TestExportRefusesNIR(t *testing.T) {
	r := request(t, t.TempDir(), "generic8-staged")
	if _, err := Run(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	_, _, err := Export(r.Out, "nir", "")
	wants(t, err, "SPK-EXPORT-002 network.nir not part of the build")
}

// TestExportNetx exports what is on a Loihi, with every way to feed it, and reads the image back.
func TestExportNetx(t *testing.T) {
	for _, c := range []struct{ rules, encoding string }{{"strict", "constant"}, {"strict", "regular"}, {"strict", "bernoulli"}, {"best", "constant"}} {
		t.Run(c.rules+" "+c.encoding, func(t *testing.T) {
			r := request(t, t.TempDir(), "loihi1")
			r.Options.Rules, r.Options.Encoding, r.Options.Pooling = c.rules, c.encoding, "average"
			if _, err := Run(context.Background(), r); err != nil {
				t.Fatal(err)
			}
			data, _, err := Export(r.Out, "netx", "")
			if err != nil {
				t.Fatal(err)
			}
			files := contents(t, r.Out)
			if files["netx/"+netxFile] != string(data) || files[imageFile] != "" || files[hostFile] == "" {
				t.Error("the build does not hold what is exported")
			}
			if c, err := Check(context.Background(), r.Out, CheckOptions{}); err != nil || !c.Check.CountsCompared {
				t.Errorf("check: %v", err)
			}
		})
	}
	r := request(t, t.TempDir(), "generic8")
	if _, err := Run(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	_, _, err := Export(r.Out, "netx", "")
	wants(t, err, "SPK-NETX-001 generic8 loihi1")
	_, _, err = Export(r.Out, "netx", "lava")
	wants(t, err, "SPK-EXPORT-001 --dialect lava leave")
}
