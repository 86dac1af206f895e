package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"spikec/cmd/spikec/internal/inspect"
	"spikec/internal/described"
	"spikec/runtime/build"
	"spikec/runtime/fetch"
	"spikec/runtime/ladder"
	"spikec/runtime/simulate"
	"spikec/runtime/verify"
)

// formats describes all documents.
const formats = "../../docs/formats.md"

// TestDocuments compares what commands print with --json with docs/formats.md, key by key.
func TestDocuments(t *testing.T) {
	text := described.Read(t, formats)
	text.Known(ladder.Ladder{}, build.Manifest{})
	text.Holds(t, "### `demo`", demoResult{})
	text.Holds(t, "### `inspect`", inspect.Report{})
	text.Holds(t, "### `inspect` of NIR", inspect.Spiking{})
	text.Holds(t, "### `run` and `emulate`", answers{})
	text.Holds(t, "### `check --script`", scriptDocument{})
	text.Holds(t, "### `merge --partial`", incomplete{})
	text.Holds(t, "### `export`", exported{})
	text.Holds(t, "### `report`", reported{})
	text.Holds(t, "### `simulate --list`", simulate.Catalogue{})
	text.Holds(t, "### `result.json`", simulate.Result{})
	text.Holds(t, "### `verify`", verify.Result{})
	text.Holds(t, "### `targets`", targetList{})
	text.Holds(t, "### `data list`", dataList{})
	text.Holds(t, "### `data get`", fetch.Result{})
	text.Holds(t, "### `version`", versionInfo{})
	text.Holds(t, "### `--stop-after` and `--dump-after`", dumped{})
}

// TestSchemas wants every name of a document that stands in the program in docs/formats.md.
func TestSchemas(t *testing.T) {
	text, err := os.ReadFile(formats)
	if err != nil {
		t.Fatal(err)
	}
	schema := regexp.MustCompile(`"(spikec/[a-z-]+/v[0-9]+)"`)
	found := 0
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata"):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		code, err := os.ReadFile(path)
		for _, m := range schema.FindAllStringSubmatch(string(code), -1) {
			if found++; !strings.Contains(string(text), m[1]) {
				t.Errorf("docs/formats.md does not have %s, of %s", m[1], path)
			}
		}
		return err
	})
	if err != nil || found < 20 {
		t.Errorf("%v; found %d names", err, found)
	}
}
