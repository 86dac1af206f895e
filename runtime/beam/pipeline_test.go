package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"

	"spikec/runtime/build"
	"spikec/target/chip"
)

func TestMain(m *testing.M) { ptest.Main(m) }

// built is a small build.
func built(t *testing.T) string {
	t.Helper()
	model, err := build.ReadModel("../../cmd/spikec/testdata/tiny.onnx")
	if err != nil {
		t.Fatal(err)
	}
	profile, err := chip.Load("generic8")
	if err != nil {
		t.Fatal(err)
	}
	data, calibration, err := build.OpenData(context.Background(), "mnist", "", 50)
	if err != nil {
		t.Fatal(err)
	}
	r := build.Request{Model: model, Profile: profile, Data: data, Calibration: calibration, Tool: "test",
		Out: filepath.Join(t.TempDir(), "out"), Options: build.Options{Steps: 4}}
	if _, err := build.Run(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	return r.Out
}

// TestPipeline holds that the in-process runner gives the bytes of a check in one go, whatever the number of shards, and that
// the result replaces an earlier one.
func TestPipeline(t *testing.T) {
	dir := built(t)
	l, err := build.Check(context.Background(), dir, build.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(l); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "result.json")
	for _, shards := range []int{1, 8, 60} { // of 60 shards of 50 images ten are empty
		if err := ptest.Run(newPipeline(check{Build: dir, Shards: shards, Jobs: 1, Out: out})); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%d shards:\n%s\nwant\n%s", shards, got, want.Bytes())
		}
	}
}

// TestPipelineFails wants no result where a shard cannot be evaluated.
func TestPipelineFails(t *testing.T) {
	out := filepath.Join(t.TempDir(), "result.json")
	if err := ptest.Run(newPipeline(check{Build: t.TempDir(), Shards: 2, Jobs: 1, Out: out})); err == nil {
		t.Error("a folder without a build was checked")
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("there is a result")
	}
}

// TestMergeShards merges in several orders, and refuses a shard that is there twice.
func TestMergeShards(t *testing.T) {
	dir := built(t)
	var parts [][]byte
	for i := range 3 {
		part, err := (&evalShard{check{Build: dir, Shards: 3, Jobs: 1}}).ProcessElement(context.Background(), i)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part)
	}
	var f mergeShards
	var first []byte
	for _, order := range [][]int{{0, 1, 2}, {2, 0, 1}, {1, 2, 0}} {
		a := f.CreateAccumulator()
		for _, i := range order {
			var err error
			if a, err = f.AddInput(a, parts[i]); err != nil {
				t.Fatal(err)
			}
		}
		if first == nil {
			first = a
		}
		if !bytes.Equal(first, a) {
			t.Errorf("the order %v gives something else", order)
		}
		if _, err := f.MergeAccumulators(a, parts[1]); err == nil {
			t.Error("a shard was taken twice")
		}
	}
}
