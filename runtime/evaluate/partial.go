package evaluate

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"

	"spikec/emulator"
)

// Schema is the name and version of the JSON form of a Partial.
const Schema = "spikec/partial/v1"

// maxClasses bounds the tables of a partial result that was read from a file.
const maxClasses = 1 << 16

// Partial is what is known of some of the images. It holds integers only, so that Merge is exact.
type Partial struct {
	Schema         string          `json:"schema"`
	Subject        string          `json:"subject"` // see Data
	N              int             `json:"n"`       // images of the whole
	Ranges         []Range         `json:"ranges"`  // the images that were answered: ascending, apart from each other
	Classes        int             `json:"classes"`
	Steps          []int           `json:"steps"`
	Readouts       []string        `json:"readouts"`
	Correct        []int64         `json:"correct"`        // by checkpoint
	Agree          []int64         `json:"agree"`          // by checkpoint; empty without reference
	ReadoutCorrect []int64         `json:"readoutCorrect"` // by read-out
	ReadoutAgree   []int64         `json:"readoutAgree"`   // by read-out: decided as at the last checkpoint
	Ties           int64           `json:"ties"`           // images that the spikes of the output alone do not decide
	Confusion      []int64         `json:"confusion"`      // label × decision
	Spikes         []int64         `json:"spikes"`         // by unit
	Saturations    []int64         `json:"saturations"`    // by unit
	Work           emulator.Work   `json:"work"`           // of all units
	UnitWork       []emulator.Work `json:"unitWork"`       // by unit; empty where units are populations
	Decisions      []int32         `json:"decisions"`      // by answered image, at the last checkpoint
	Counts         []int32         `json:"counts"`         // answered image × class
	Potentials     []int32         `json:"potentials"`     // answered image × class
	Latencies      []int32         `json:"latencies"`      // by answered image: steps to the decision; empty where that is always T
}

// Range is the images Lo..Hi-1.
type Range struct {
	Lo int `json:"lo"`
	Hi int `json:"hi"`
}

// String prints the range as first..last.
func (r Range) String() string { return fmt.Sprintf("%d..%d", r.Lo, r.Hi-1) }

// newPartial returns a partial result with zero sums.
func newPartial(info Info, d Data, lo, hi int) *Partial {
	p := &Partial{Schema: Schema, Subject: d.Subject, N: len(d.Labels), Classes: info.Classes, Steps: info.Steps, Readouts: info.Readouts,
		Ranges: []Range{}, Agree: []int64{}, Correct: make([]int64, len(info.Steps)), ReadoutCorrect: make([]int64, len(info.Readouts)), ReadoutAgree: make([]int64, len(info.Readouts)),
		Confusion: make([]int64, info.Classes*info.Classes), Spikes: make([]int64, info.Units), Saturations: make([]int64, info.Units),
		UnitWork: []emulator.Work{}, Decisions: make([]int32, hi-lo)}
	if info.UnitWork {
		p.UnitWork = make([]emulator.Work, info.Units)
	}
	if d.Reference != nil {
		p.Agree = make([]int64, len(info.Steps))
	}
	if lo < hi {
		p.Ranges = append(p.Ranges, Range{lo, hi})
	}
	if info.Integers {
		p.Counts, p.Potentials = make([]int32, (hi-lo)*info.Classes), make([]int32, (hi-lo)*info.Classes)
	}
	if info.Latency {
		p.Latencies = make([]int32, hi-lo)
	}
	return p
}

// addSums adds the sums of b; both are of the same kind.
func (p *Partial) addSums(b *Partial) {
	for _, s := range [][2][]int64{{p.Correct, b.Correct}, {p.Agree, b.Agree}, {p.ReadoutCorrect, b.ReadoutCorrect}, {p.ReadoutAgree, b.ReadoutAgree},
		{p.Confusion, b.Confusion}, {p.Spikes, b.Spikes}, {p.Saturations, b.Saturations}} {
		for i := range s[0] {
			s[0][i] += s[1][i]
		}
	}
	p.Ties += b.Ties
	p.Work.Add(b.Work)
	for i, w := range b.UnitWork {
		p.UnitWork[i].Add(w)
	}
}

// Merge joins two results of the same subject. Images that are in both are an error that names them. The order, and the
// order of several merges, does not matter.
func Merge(a, b *Partial) (*Partial, error) {
	for _, p := range []*Partial{a, b} {
		if err := p.Validate(); err != nil {
			return nil, err
		}
	}
	if err := a.Joins(b); err != nil {
		return nil, err
	}
	out := *a
	for _, s := range []*[]int64{&out.Correct, &out.Agree, &out.ReadoutCorrect, &out.ReadoutAgree, &out.Confusion, &out.Spikes, &out.Saturations} {
		*s = slices.Clone(*s)
	}
	out.UnitWork = slices.Clone(out.UnitWork)
	out.addSums(b)
	out.Ranges, out.Decisions, out.Counts, out.Potentials, out.Latencies = nil, nil, nil, nil, nil
	for _, piece := range pieces(a, b) {
		if n := len(out.Ranges) - 1; n >= 0 && out.Ranges[n].Hi > piece.Lo {
			return nil, fmt.Errorf("evaluate: images %d..%d are in two partial results", piece.Lo, min(out.Ranges[n].Hi, piece.Hi)-1)
		} else if n >= 0 && out.Ranges[n].Hi == piece.Lo {
			out.Ranges[n].Hi = piece.Hi
		} else {
			out.Ranges = append(out.Ranges, piece.Range)
		}
		k, n := piece.first, piece.Hi-piece.Lo
		out.Decisions = append(out.Decisions, piece.from.Decisions[k:k+n]...)
		if c := piece.from.Classes; len(piece.from.Counts) > 0 {
			out.Counts = append(out.Counts, piece.from.Counts[k*c:(k+n)*c]...)
			out.Potentials = append(out.Potentials, piece.from.Potentials[k*c:(k+n)*c]...)
		}
		if len(piece.from.Latencies) > 0 {
			out.Latencies = append(out.Latencies, piece.from.Latencies[k:k+n]...)
		}
	}
	return &out, nil
}

// piece is a range of a partial result; first is the place of its first image among the answered ones.
type piece struct {
	Range
	from  *Partial
	first int
}

// pieces lists the ranges of both in ascending order.
func pieces(all ...*Partial) []piece {
	var list []piece
	for _, p := range all {
		k := 0
		for _, r := range p.Ranges {
			list = append(list, piece{r, p, k})
			k += r.Hi - r.Lo
		}
	}
	slices.SortStableFunc(list, func(x, y piece) int { return cmp.Compare(x.Lo, y.Lo) })
	return list
}

// Joins reports why two results cannot be joined, whatever their images.
func (p *Partial) Joins(b *Partial) error {
	switch {
	case p.Subject != b.Subject || p.N != b.N:
		return fmt.Errorf("evaluate: partial results of different subjects: %.16s… on %d images, %.16s… on %d", p.Subject, p.N, b.Subject, b.N)
	case p.Classes != b.Classes || !slices.Equal(p.Steps, b.Steps) || !slices.Equal(p.Readouts, b.Readouts) ||
		len(p.Agree) != len(b.Agree) || len(p.Spikes) != len(b.Spikes) || len(p.UnitWork) != len(b.UnitWork),
		len(p.Ranges) > 0 && len(b.Ranges) > 0 && ((len(p.Counts) > 0) != (len(b.Counts) > 0) || (len(p.Latencies) > 0) != (len(b.Latencies) > 0)):
		return fmt.Errorf("evaluate: partial results of different kinds: images %v and %v", p.Ranges, b.Ranges)
	}
	return nil
}

// Validate reports a result that is not what EvalShard or Merge return, such as one read from an altered file.
func (p *Partial) Validate() error {
	images, end := 0, 0
	for i, r := range p.Ranges {
		if r.Lo < end || i > 0 && r.Lo == end || r.Hi <= r.Lo || r.Hi > p.N {
			return fmt.Errorf("evaluate: partial result: images %v of %d are no ascending ranges", p.Ranges, p.N)
		}
		images, end = images+r.Hi-r.Lo, r.Hi
	}
	outputs := len(p.Counts)
	switch {
	case p.Schema != Schema:
		return fmt.Errorf("evaluate: partial result of schema %q, want %q", p.Schema, Schema)
	case p.Classes < 1 || p.Classes > maxClasses || len(p.Steps) < 1 || len(p.Correct) != len(p.Steps) || len(p.ReadoutCorrect) != len(p.Readouts), len(p.ReadoutAgree) != len(p.Readouts),
		len(p.Agree) != 0 && len(p.Agree) != len(p.Steps), len(p.Confusion) != p.Classes*p.Classes, len(p.Spikes) != len(p.Saturations),
		len(p.Decisions) != images, outputs != 0 && outputs != images*p.Classes, len(p.Potentials) != outputs,
		len(p.Latencies) != 0 && len(p.Latencies) != images, len(p.UnitWork) != 0 && len(p.UnitWork) != len(p.Spikes):
		return fmt.Errorf("evaluate: partial result of images %v: lengths of its arrays do not fit %d images of %d classes", p.Ranges, images, p.Classes)
	case len(p.UnitWork) > 0 && p.Work != emulator.TotalWork(p.UnitWork):
		return fmt.Errorf("evaluate: partial result of images %v: the work of its units is not its work", p.Ranges)
	}
	return nil
}

// Images is how many images were answered.
func (p *Partial) Images() int { return len(p.Decisions) }

// Missing lists the ranges that were not answered.
func (p *Partial) Missing() []Range {
	var missing []Range
	end := 0
	for _, r := range append(slices.Clone(p.Ranges), Range{p.N, p.N}) {
		if r.Lo > end {
			missing = append(missing, Range{end, r.Lo})
		}
		end = r.Hi
	}
	return missing
}

// CountsSHA256 is the SHA-256, in hexadecimal, over the answered images in ascending order: of each the counts of all
// classes, then the potentials of all classes, then, where there are latencies, the decision and the latency, as
// little-endian int32.
func (p *Partial) CountsSHA256() string {
	h := sha256.New()
	var buf []byte
	for i := range p.Images() {
		buf = buf[:0]
		for _, values := range [][]int32{p.Counts, p.Potentials} {
			for k := range p.Classes {
				buf = binary.LittleEndian.AppendUint32(buf, uint32(values[i*p.Classes+k]))
			}
		}
		if len(p.Latencies) > 0 {
			buf = binary.LittleEndian.AppendUint32(buf, uint32(p.Decisions[i]))
			buf = binary.LittleEndian.AppendUint32(buf, uint32(p.Latencies[i]))
		}
		h.Write(buf)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// FirstDifference returns the first image, counted among the answered ones, whose counts, potentials, decisions or, where
// both have them, latencies differ; -1 if there is none. Both must cover the same images.
func FirstDifference(a, b *Partial) int {
	timed := len(a.Latencies) > 0 && len(b.Latencies) > 0
	for i := range a.Images() {
		lo, hi := i*a.Classes, (i+1)*a.Classes
		if !slices.Equal(a.Counts[lo:hi], b.Counts[lo:hi]) || !slices.Equal(a.Potentials[lo:hi], b.Potentials[lo:hi]) ||
			a.Decisions[i] != b.Decisions[i] || timed && a.Latencies[i] != b.Latencies[i] {
			return i
		}
	}
	return -1
}
