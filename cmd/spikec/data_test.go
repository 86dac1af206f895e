package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spikec/runtime/fetch"
)

// TestData lists data sets, and refuses a mirror that lacks files or has other ones.
func TestData(t *testing.T) {
	p := newPlace(t)
	list := document[dataList](t, p.spikec("data", "list", "--json").exits(0))
	if len(list.Sets) != len(fetch.Sets) || len(list.Forms) < 4 {
		t.Errorf("got %+v", list)
	}
	text := p.spikec("data", "list").exits(0)
	for _, s := range list.Sets {
		text.prints(s.Name+"\n", s.Licence, s.Page, s.Files[0].SHA256)
	}
	for _, part := range []string{"images-idx3", "labels-idx1"} {
		name := "t10k-" + part + "-ubyte.gz"
		content, err := os.ReadFile(filepath.Join("../../runtime/dataset/mnist", name))
		if err != nil {
			t.Fatal(err)
		}
		p.write(name, string(content))
	}
	p.write("train-labels-idx1-ubyte.gz", "something else")
	p.spikec("data", "get", "mnist", "--mirror", ".", "--to", "got", "--quiet").exits(1).
		complains("SPK-FETCH-002 train-images", "SPK-FETCH-003 train-labels", "want 28881")
	if left := strings.Join(p.names("."), " "); strings.Contains(left, "got") {
		t.Errorf("left behind: %s", left)
	}
	p.spikec("data", "get", "minst").exits(1).complains("SPK-FETCH-001", "did you mean mnist?")
	p.spikec("data", "gat").exits(2).complains("unknown command")
	p.spikec("__complete", "data", "get", "").exits(0).prints("fashion-mnist\t", "cifar10\t")
}
