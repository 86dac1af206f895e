package build

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spikec/runtime/ladder"
)

// smallBuild is a build of the test network, and the request for it.
func smallBuild(t *testing.T) Request {
	t.Helper()
	r := request(t, t.TempDir(), "generic8")
	built(t, r)
	return r
}

func TestCheckInAnotherFolder(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	r := request(t, dir, "generic8")
	r.Data = open(t, "npz:eval.npz") // a path that is only good here
	r.Out = "out"
	built(t, r)
	t.Chdir(t.TempDir())
	l, err := Check(context.Background(), filepath.Join(dir, "out"), CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !l.Check.CountsCompared || len(l.Stages) != 1 || l.Stages[0].Stage != ladder.Files || l.Stages[0].Agreement != nil {
		t.Errorf("check %+v, stages %+v", l.Check, l.Stages)
	}
}

func TestCheckOfFewerImages(t *testing.T) {
	r := smallBuild(t)
	l, err := Check(context.Background(), r.Out, CheckOptions{Limit: 7})
	if err != nil {
		t.Fatal(err)
	}
	if l.Check.CountsCompared || !l.Check.FirstOnly || l.Last().N != 7 || l.Check.Recorded.N != 60 || l.Data.N != 7 {
		t.Errorf("check %+v of %d images", l.Check, l.Last().N)
	}
}

func TestCheckOfOtherData(t *testing.T) {
	r := smallBuild(t)
	dir := filepath.Dir(r.Out)
	l, err := Check(context.Background(), r.Out, CheckOptions{Data: writeSet(t, filepath.Join(dir, "other.npz"), 9, 8, false, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if l.Check.CountsCompared || l.Check.FirstOnly || l.Last().N != 9 {
		t.Errorf("check %+v of %d images", l.Check, l.Last().N)
	}
	// The same images in another place are the same images.
	if err := os.Rename(filepath.Join(dir, "eval.npz"), filepath.Join(dir, "moved.npz")); err != nil {
		t.Fatal(err)
	}
	_, err = Check(context.Background(), r.Out, CheckOptions{})
	wants(t, err, "SPK-FILE-006 eval.npz --data")
	l, err = Check(context.Background(), r.Out, CheckOptions{Data: "npz:" + filepath.Join(dir, "moved.npz")})
	if err != nil || !l.Check.CountsCompared {
		t.Errorf("the moved data give %v, %v", l, err)
	}
	writeSet(t, filepath.Join(dir, "eval.npz"), 60, 9, false, 0)
	_, err = Check(context.Background(), r.Out, CheckOptions{})
	wants(t, err, "SPK-FILE-006 changed")
}

// TestCheckSeesEveryChangedByte changes bytes of every file, one at a time.
func TestCheckSeesEveryChangedByte(t *testing.T) {
	r := smallBuild(t)
	for name, text := range contents(t, r.Out) {
		path := filepath.Join(r.Out, name)
		for i := 0; i < len(text); i += 1 + len(text)/40 {
			changed := []byte(text)
			changed[i] ^= 1
			if err := os.WriteFile(path, changed, 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := Check(context.Background(), r.Out, CheckOptions{})
			if err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("byte %d of %s changed: error %v", i, name, err)
			}
		}
		for what, data := range map[string]string{"cut": text[:len(text)-1], "longer": text + "x", "empty": ""} {
			put(t, path, data)
			if _, err := Check(context.Background(), r.Out, CheckOptions{}); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("%s %s: error %v", name, what, err)
			}
		}
		put(t, path, text)
	}
	if _, err := Check(context.Background(), r.Out, CheckOptions{}); err != nil {
		t.Errorf("after all is as it was: %v", err)
	}
}

func TestCheckNamesMissingAndUnknownFiles(t *testing.T) {
	r := smallBuild(t)
	put(t, filepath.Join(r.Out, "notes.txt"), "x")
	if err := os.Remove(filepath.Join(r.Out, scalesFile)); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(r.Out, profileFile), "x")
	_, err := Check(context.Background(), r.Out, CheckOptions{})
	wants(t, err, "SPK-FILE-004 profile.yaml", "SPK-FILE-002 scales.json", "SPK-FILE-003 notes.txt")
	_, err = Check(context.Background(), filepath.Join(r.Out, "none"), CheckOptions{})
	wants(t, err, "SPK-FILE-001 there is no such folder")
}

func TestCheckFindsOtherCounts(t *testing.T) {
	r := smallBuild(t)
	rewrite(t, r.Out, func(m *Manifest) { m.Expected.CountsSHA256 = strings.Repeat("0", 64) })
	_, err := Check(context.Background(), r.Out, CheckOptions{})
	var d *Difference
	if !errors.As(err, &d) || d.Between != [2]string{"recorded", "files"} || !strings.Contains(err.Error(), strings.Repeat("0", 64)) {
		t.Errorf("got error %v", err)
	}
	if _, err := Check(context.Background(), r.Out, CheckOptions{Limit: 5}); err != nil {
		t.Errorf("fewer images have nothing to be compared with, yet: %v", err)
	}
}

func TestManifestThatLists(t *testing.T) {
	for name, change := range map[string]func(m *Manifest){
		"a path":        func(m *Manifest) { m.Files[0].Name = "../image.spk" },
		"no image":      func(m *Manifest) { m.Files = m.Files[1:] },
		"another shape": func(m *Manifest) { m.Coding.Shape = [3]int{1, 1, 7} },
		"less than none": func(m *Manifest) {
			m.Coding.Shape = [3]int{-m.Coding.Shape[0], -m.Coding.Shape[1], m.Coding.Shape[2]}
		},
		"too many scales":   func(m *Manifest) { m.Coding.Scale = make([]float64, 100) },
		"a scale of zero":   func(m *Manifest) { m.Coding.Scale = []float64{0} },
		"no step":           func(m *Manifest) { m.Coding.Step = 0 },
		"an unknown coding": func(m *Manifest) { m.Coding.Kind = "voxels" },
	} {
		r := smallBuild(t)
		rewrite(t, r.Out, change)
		if _, err := Check(context.Background(), r.Out, CheckOptions{}); err == nil {
			t.Errorf("a manifest with %s passes", name)
		}
	}
}

// TestLadderOfNull: a result that holds nothing is no reason to fall over.
func TestLadderOfNull(t *testing.T) {
	r := smallBuild(t)
	null := []byte("null\n")
	rewrite(t, r.Out, func(m *Manifest) {
		for i := range m.Files {
			if m.Files[i].Name == ladderFile {
				m.Files[i].Size, m.Files[i].SHA256 = int64(len(null)), digest(null)
			}
		}
	})
	if err := os.WriteFile(filepath.Join(r.Out, ladderFile), null, 0o666); err != nil {
		t.Fatal(err)
	}
	if l, err := Check(context.Background(), r.Out, CheckOptions{}); err != nil || len(l.Stages) != 1 {
		t.Errorf("got %+v, %v", l, err)
	}
}

func TestMergeFindsOtherCounts(t *testing.T) {
	r := smallBuild(t)
	rewrite(t, r.Out, func(m *Manifest) { m.Expected.Correct-- })
	path := filepath.Join(t.TempDir(), "0.json")
	if _, err := CheckShard(context.Background(), r.Out, 0, 1, path, CheckOptions{}); err != nil {
		t.Fatal(err)
	}
	var d *Difference
	if _, _, err := Merge([]string{path}, ""); !errors.As(err, &d) {
		t.Errorf("got error %v", err)
	}
}
