package build

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/hdf5"
	"spikec/runtime/ladder"
)

// resign brings the manifest in order for new contents of a file.
func resign(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	rewrite(t, dir, func(m *Manifest) {
		for i := range m.Files {
			if m.Files[i].Name == name {
				m.Files[i].Size, m.Files[i].SHA256 = int64(len(data)), digest(data)
			}
		}
	})
	put(t, filepath.Join(dir, name), string(data))
}

// TestAlteredNetx changes numbers in the file of netx, checksums and manifest in order: a weight is what runs, a T that is not that
// of the host is refused.
func TestAlteredNetx(t *testing.T) {
	r := request(t, t.TempDir(), "loihi1")
	built(t, r)
	name := "netx/" + netxFile
	original := contents(t, r.Out)
	was := original[name]
	restore := func() {
		put(t, filepath.Join(r.Out, manifestFile), original[manifestFile])
		put(t, filepath.Join(r.Out, name), was)
	}
	altered := func(change func(root *hdf5.Group)) []byte {
		root, err := hdf5.Read([]byte(was), 1<<24)
		if err != nil {
			t.Fatal(err)
		}
		change(root)
		data, err := hdf5.Write(root)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	if !bytes.Equal(altered(func(*hdf5.Group) {}), []byte(was)) {
		t.Fatal("the file is not what its contents are written as")
	}
	group := func(g *hdf5.Group, name string) *hdf5.Group { return g.Links[name].(*hdf5.Group) }
	resign(t, r.Out, name, altered(func(root *hdf5.Group) {
		for _, l := range group(root, "layer").Links {
			if d, ok := l.(*hdf5.Group).Links["weight"].(*hdf5.Dataset); ok && len(d.Dims) > 1 {
				for i, w := range d.Data.([]float32) {
					d.Data.([]float32)[i] = -w
				}
			}
		}
	}))
	var d *Difference
	if _, err := Check(context.Background(), r.Out, CheckOptions{}); !errors.As(err, &d) || d.Between != [2]string{"recorded", ladder.Files} {
		t.Errorf("altered weights give %v", err)
	}
	restore()
	resign(t, r.Out, name, altered(func(root *hdf5.Group) {
		group(root, "spikec").Links["steps"].(*hdf5.Dataset).Data.([]int64)[0]++
	}))
	_, err := Check(context.Background(), r.Out, CheckOptions{})
	wants(t, err, "SPK-FILE-005 "+netxFile+" "+hostFile)
	restore()
	resign(t, r.Out, name, []byte("no HDF5"))
	_, err = Check(context.Background(), r.Out, CheckOptions{})
	wants(t, err, "SPK-NETX-002 "+netxFile)
}

// TestNoNetx builds a network that netx has no words for: max pooling by neurons that inhibit each other.
func TestNoNetx(t *testing.T) {
	r := request(t, t.TempDir(), "loihi1")
	r.Options.Rules, r.Options.Pooling = "best", "max"
	l, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	files := contents(t, r.Out)
	warned := slices.ContainsFunc(l.Diagnostics, func(d diag.Diagnostic) bool { return d.ID == "SPK-NETX-001" && d.Severity == diag.Warning })
	if !warned || files[imageFile] == "" || files[hostFile] != "" || files["netx/"+netxFile] != "" {
		t.Errorf("warned %t, image of %d bytes", warned, len(files[imageFile]))
	}
	if _, err := Check(context.Background(), r.Out, CheckOptions{}); err != nil {
		t.Error(err)
	}
}
