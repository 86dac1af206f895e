package build

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spikec/runtime/ladder"
)

// shards checks a build in shards and returns their files.
func shards(t *testing.T, dir, to string, of int, opt CheckOptions) []string {
	t.Helper()
	var files []string
	for i := range of {
		files = append(files, filepath.Join(to, fmt.Sprintf("%d-of-%d.json", i, of)))
		opt.Jobs = 1 + i%2
		s, err := CheckShard(context.Background(), dir, i, of, files[i], opt)
		if err != nil {
			t.Fatal(err)
		}
		if s.Shard != i || s.Of != of || s.Partial != files[i] {
			t.Errorf("summary %+v of shard %d/%d", s, i, of)
		}
	}
	return files
}

// document is a result as it is printed.
func document(t *testing.T, l *ladder.Ladder) []byte {
	t.Helper()
	l.Timing = nil // a check has none
	text, err := encodeJSON(l)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestMerge holds that merged shards give the document of the whole check, whatever their number and order, also by way of
// partial results that were merged before.
func TestMerge(t *testing.T) {
	r := smallBuild(t)
	l, err := Check(context.Background(), r.Out, CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	whole := document(t, l)
	dir := t.TempDir()
	for _, of := range []int{1, 7, 8, 61} { // of 61 shards of 60 images one is empty
		files := shards(t, r.Out, dir, of, CheckOptions{})
		slices.Reverse(files)
		got, missing, err := Merge(files, "")
		if err != nil || missing != nil {
			t.Fatalf("%d shards: %v, %v", of, missing, err)
		}
		if !bytes.Equal(document(t, got), whole) {
			t.Errorf("%d shards merged:\n%s\nwhole:\n%s", of, document(t, got), whole)
		}
		if of < 7 {
			continue
		}
		joined := filepath.Join(dir, "joined.json")
		got, missing, err = Merge(files[2:], joined)
		if got != nil || len(missing) == 0 || err != nil {
			t.Errorf("%d shards without two: %v, %v, %v", of, got, missing, err)
		}
		if got, _, err = Merge([]string{files[1], joined, files[0]}, ""); err != nil || !bytes.Equal(document(t, got), whole) {
			t.Errorf("%d shards in two rounds: %v", of, err)
		}
	}
}

// TestMergeRefuses wants everything that is wrong with partial results, at once and by name.
func TestMergeRefuses(t *testing.T) {
	r := smallBuild(t)
	dir := t.TempDir()
	files := shards(t, r.Out, dir, 4, CheckOptions{})
	_, _, err := Merge([]string{files[0], files[2]}, "")
	wants(t, err, "SPK-FILE-013 shard 1/4 (images 15..29) none", "SPK-FILE-013 shard 3/4 (images 45..59) none")
	_, _, err = Merge([]string{files[0], files[1], files[2], files[3], files[1]}, "")
	wants(t, err, "SPK-FILE-012 shard 1/4 (images 15..29) 1-of-4.json")

	others := shards(t, r.Out, dir, 3, CheckOptions{})
	_, _, err = Merge([]string{files[0], files[1], others[1]}, "")
	wants(t, err, "SPK-FILE-012 1-of-3.json images 20..29 1-of-4.json", "SPK-FILE-013 images 40..59 of 60")

	limited := shards(t, r.Out, t.TempDir(), 2, CheckOptions{Limit: 30})
	elsewhere := request(t, t.TempDir(), "generic8")
	elsewhere.Options.Steps = 9
	built(t, elsewhere)
	foreign := shards(t, elsewhere.Out, t.TempDir(), 4, CheckOptions{})
	broken := filepath.Join(dir, "broken.json")
	put(t, broken, "{}")
	_, _, err = Merge([]string{limited[0], files[0], files[1], files[3], foreign[2], broken, filepath.Join(dir, "none.json")}, "")
	wants(t, err, "SPK-FILE-007 broken.json schema", "SPK-FILE-007 none.json no such file",
		"SPK-FILE-011 0-of-2.json other data 30 images 60", "SPK-FILE-011 2-of-4.json another build digest", "SPK-FILE-013 shard 2/4 (images 30..44)")

	second, err := os.ReadFile(files[1])
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(dir, "changed.json")
	for _, c := range []struct{ from, to, want string }{ // of the same build and the same data, but not as they say
		{`"recorded":{"n":60,`, `"recorded":{"n":59,`, "SPK-FILE-011 changed.json another record of 59 of 60"},
		{`"whole":true`, `"whole":false`, "SPK-FILE-011 changed.json another record the first of the recorded"},
		{`"model":"tiny"`, `"model":"other"`, "SPK-FILE-011 changed.json altered"},
	} {
		put(t, changed, strings.Replace(string(second), c.from, c.to, 1))
		_, _, err = Merge([]string{files[0], changed, files[2], files[3]}, "")
		wants(t, err, c.want, "SPK-FILE-013 shard 1/4")
	}
	put(t, changed, strings.Replace(string(second), `"engine":"fast"`, `"engine":"reference"`, 1)) // gives the same bits
	if _, _, err = Merge([]string{files[0], changed, files[2], files[3]}, ""); err != nil {
		t.Error(err)
	}

	if _, _, err := Merge(nil, ""); err == nil {
		t.Error("nothing was merged")
	}
	if _, err := CheckShard(context.Background(), r.Out, 4, 4, broken, CheckOptions{}); err == nil {
		t.Error("shard 4 of 4, counted from 0, was evaluated")
	}
	_, err = CheckShard(context.Background(), r.Out, 0, 4, filepath.Join(r.Out, "part.json"), CheckOptions{})
	wants(t, err, "SPK-OUT-002 part.json lies within")
}

// TestMergeOfAltered feeds files that nothing wrote: errors, and no panic.
func TestMergeOfAltered(t *testing.T) {
	r := smallBuild(t)
	dir := t.TempDir()
	file := shards(t, r.Out, dir, 1, CheckOptions{})[0]
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{`"of":1`, `"of":9000000000000000000`}, {`"n":60`, `"n":61`}, {`"lo":0`, `"lo":-1`}, {`"hi":60`, `"hi":59`},
		{`"classes":`, `"classes":9`}, {`"partial":{`, `"partial":null,"x":{`}, {`"base":{`, `"base":null,"x":{`},
	} {
		altered := strings.ReplaceAll(string(text), change[0], change[1])
		if altered == string(text) {
			t.Errorf("there is no %s in the file", change[0])
		}
		put(t, file, altered)
		if _, _, err := Merge([]string{file}, ""); err == nil {
			t.Errorf("%s was taken", change[1])
		}
	}
	put(t, file, string(text[:len(text)/2]))
	_, _, err = Merge([]string{file}, "")
	wants(t, err, "SPK-FILE-007 no partial result")
	if !json.Valid(text) || bytes.Count(text, []byte("\n")) != 1 {
		t.Error("the file is not one line of JSON")
	}
}
