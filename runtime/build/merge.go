package build

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"spikec/internal/diag"
	"spikec/runtime/evaluate"
	"spikec/runtime/ladder"
)

// Merge joins the partial results in files, all of one build on the same images, and writes them as one to the file out
// unless that is "". Where they cover all images it compares as Check does and returns the ladder, byte for byte that
// of Check: sums are integers, so that the order of files does not matter. What is no count (the folder's name, the engine) is
// taken from the file that has the first image.
//
// The error is a *diag.Failure with all that is wrong with the files: those that cannot be read, those of another build or
// of other images than most, images that are in two, and images that are in none. With out, the last is no error: the
// ladder is nil then, and missing names them.
func Merge(files []string, out string) (l *ladder.Ladder, missing []string, err error) {
	m := &merging{}
	for _, path := range files {
		data, err := readSmall(path, maxShard)
		if err != nil {
			m.found.Add(badShard(idPartial, path, "name a file that spikec check --partial wrote", "%v", err))
			continue
		}
		m.add(path, data)
	}
	whole, missing, err := m.merge(out != "")
	if err != nil {
		return nil, nil, err
	}
	if out != "" {
		if err := whole.write(out); err != nil {
			return nil, nil, err
		}
	}
	if len(missing) > 0 {
		return nil, missing, nil
	}
	l, err = whole.Verdict()
	return l, nil, err
}

// MergeShards joins stored forms of partial results of one build on the same images, which may leave out images. What is
// wrong with them is a *diag.Failure as of Merge; names stand for them there.
func MergeShards(names []string, shards [][]byte) (*Shard, error) {
	m := &merging{}
	for i, data := range shards {
		m.add(names[i], data)
	}
	whole, _, err := m.merge(true)
	return whole, err
}

// errNothing is the error of a merge of nothing.
var errNothing = errors.New("build: no partial results to merge")

// merging is partial results on their way to one.
type merging struct {
	parts []part
	found diag.List
}

// part is a partial result and its name, that of its file.
type part struct {
	path string
	*Shard
}

// add adds a stored form.
func (m *merging) add(path string, data []byte) {
	s, err := DecodeShard(data)
	if err != nil {
		m.found.Add(badShard(idPartial, path, "name a file that spikec check --partial wrote", "%v", err))
		return
	}
	m.parts = append(m.parts, part{path, s})
}

// merge makes one of the parts, and names what is in none; that is an error unless it is allowed.
func (m *merging) merge(allowed bool) (whole *Shard, missing []string, err error) {
	if len(m.parts) == 0 && m.found == nil {
		return nil, nil, errNothing
	}
	m.alike()
	m.once()
	if len(m.parts) > 0 {
		missing = m.missing()
	}
	if !allowed {
		for _, what := range missing {
			m.found.Add(badShard(idLeftOut, what, "run spikec check with --shard for it, and merge again", "is in none of the partial results"))
		}
	}
	if err := m.found.Err(); err != nil {
		return nil, nil, err
	}
	whole, err = m.join()
	return whole, missing, err
}

// alike leaves the parts of what most are parts of (of the first such, where there are several), and reports the others.
func (m *merging) alike() {
	votes := map[string]int{}
	for _, p := range m.parts {
		votes[p.Partial.Subject]++
	}
	var most part
	for _, p := range m.parts {
		if most.Shard == nil || votes[p.Partial.Subject] > votes[most.Partial.Subject] {
			most = p
		}
	}
	m.parts = slices.DeleteFunc(m.parts, func(p part) bool {
		why := p.otherThan(most)
		if why != "" {
			m.found.Add(badShard(idOtherShard, p.path, "merge the results of one build on one set of images", "does not go with %s: %s", most.path, why))
		}
		return why != ""
	})
}

// otherThan says why p cannot be joined with q; "" where it can.
func (p *part) otherThan(q part) string {
	mine, theirs := p.Base.Data, q.Base.Data
	switch {
	case p.Build != q.Build:
		return fmt.Sprintf("it is of another build, %s, whose manifest has the digest %.16s…, not of %s with %.16s…", p.Folder, p.Build, q.Folder, q.Build)
	case mine.N != theirs.N || mine.SHA256 != theirs.SHA256:
		return fmt.Sprintf("it is of other data, %d images of %s with SHA-256 %.16s…, not %d of %s with %.16s…",
			mine.N, mine.Name, mine.SHA256, theirs.N, theirs.Name, theirs.SHA256)
	}
	if err := p.Partial.Joins(q.Partial); err != nil {
		return fmt.Sprintf("it was made with other settings: %s", strings.TrimPrefix(err.Error(), "evaluate: "))
	}
	if p.Recorded != q.Recorded || p.Whole != q.Whole || p.First != q.First {
		return fmt.Sprintf("it is to be compared with another record: %s, not %s", p.record(), q.record())
	}
	if !bytes.Equal(p.basis(), q.basis()) {
		return "what it says of the network is different, though it is of the same build: one of the two was altered, or another version of spikec wrote it"
	}
	return ""
}

// record words what a part is to be compared with.
func (p *part) record() string {
	r := p.Recorded
	images := "other images than those recorded"
	switch {
	case p.Whole:
		images = "the recorded images"
	case p.First:
		images = "the first of the recorded images"
	}
	return fmt.Sprintf("%d of %d right with SHA-256 %.16s…, on %s", r.Correct, r.N, r.CountsSHA256, images)
}

// basis is the result before anything was counted, without what may differ from machine to machine: the engine.
func (p *part) basis() []byte {
	doc := *p.Base
	doc.Engine, doc.Layers = "", slices.Clone(doc.Layers)
	for i := range doc.Layers {
		doc.Layers[i].Engine = nil
	}
	text, err := json.Marshal(&doc)
	if err != nil { // it was read from JSON
		panic("build: " + err.Error())
	}
	return text
}

// stretch is images of a part.
type stretch struct {
	evaluate.Range
	of *part
}

// stretches lists the images of all parts in ascending order.
func (m *merging) stretches() []stretch {
	var list []stretch
	for i := range m.parts {
		for _, r := range m.parts[i].Partial.Ranges {
			list = append(list, stretch{r, &m.parts[i]})
		}
	}
	slices.SortStableFunc(list, func(a, b stretch) int { return cmp.Or(cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi)) })
	return list
}

// once reports images that are in two parts. Each stretch is held against the one before it that goes on longest.
func (m *merging) once() {
	var before stretch
	for _, s := range m.stretches() {
		if before.of != nil && s.Lo < before.Hi {
			what := fmt.Sprintf("images %v", evaluate.Range{Lo: s.Lo, Hi: min(s.Hi, before.Hi)})
			if k := s.of.shard(s.Range); k != "" && s.Range == before.Range {
				what = k
			}
			m.found.Add(badShard(idTwice, s.of.path, "give every shard once", "has %s, which is in %s too", what, before.of.path))
		}
		if before.of == nil || s.Hi > before.Hi {
			before = s
		}
	}
}

// missing names what is in no part: shards, where all parts are of one division and it lacks whole ones, else images.
func (m *merging) missing() []string {
	n, of := m.parts[0].Partial.N, m.of()
	var gaps []evaluate.Range
	end := 0
	for _, s := range append(m.stretches(), stretch{Range: evaluate.Range{Lo: n, Hi: n}}) {
		if s.Lo > end {
			gaps = append(gaps, evaluate.Range{Lo: end, Hi: s.Lo})
		}
		end = max(end, s.Hi)
	}
	var names []string
	for _, gap := range gaps {
		names = append(names, nameGap(gap, of, n)...)
	}
	return names
}

// nameGap names the shards that a gap consists of; the images, where it is no whole shards.
func nameGap(gap evaluate.Range, of, n int) []string {
	var names []string
	at := gap.Lo
	for k := range of {
		if r := shardRange(k, of, n); r.Lo == at && r.Hi > at && r.Hi <= gap.Hi {
			names = append(names, nameShard(k, of, r))
			at = r.Hi
		}
	}
	if at != gap.Hi {
		return []string{fmt.Sprintf("images %v of %d", gap, n)}
	}
	return names
}

// nameShard names a shard as --shard takes it.
func nameShard(k, of int, r evaluate.Range) string {
	return fmt.Sprintf("shard %d/%d (images %v)", k, of, r)
}

// shard names the shard that images of the part are; "" where they are none.
func (p *part) shard(r evaluate.Range) string {
	for k := range p.Of {
		if shardRange(k, p.Of, p.Partial.N) == r {
			return nameShard(k, p.Of, r)
		}
	}
	return ""
}

// of is how many shards all parts are of; 0 where they are not of one division.
func (m *merging) of() int {
	of := m.parts[0].Of
	for _, p := range m.parts {
		if p.Of != of {
			return 0
		}
	}
	return of
}

// join makes one of the parts, which fit.
func (m *merging) join() (*Shard, error) {
	whole := *m.first()
	for i := range m.parts {
		if m.parts[i].Shard == m.first() {
			continue
		}
		var err error
		if whole.Partial, err = evaluate.Merge(whole.Partial, m.parts[i].Partial); err != nil {
			return nil, fmt.Errorf("build: %s: %w", m.parts[i].path, err)
		}
	}
	whole.Of = m.of()
	return &whole, nil
}

// first is the part that has the first image.
func (m *merging) first() *Shard {
	if s := m.stretches(); len(s) > 0 {
		return s[0].of.Shard
	}
	return m.parts[0].Shard
}
