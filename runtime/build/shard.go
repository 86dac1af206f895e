package build

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"spikec/internal/diag"
	"spikec/runtime/evaluate"
	"spikec/runtime/ladder"
	"spikec/runtime/output"
)

// ShardSchema is the name and version of the file of a partial result.
const ShardSchema = "spikec/shard/v1"

// Shard is a partial result with what it is judged by once all images are there.
type Shard struct {
	Schema string `json:"schema"`
	// Build is the digest of the manifest, as it stands in it.
	Build string `json:"build"`
	// Of is how many shards the images were divided into; 0 where results of several divisions were merged.
	Of int `json:"of"`
	verdictOn
	Partial *evaluate.Partial `json:"partial"`
}

// ShardSummary says what the file of a shard holds.
type ShardSummary struct {
	Schema  string `json:"schema"`
	Folder  string `json:"folder"`
	Shard   int    `json:"shard"` // from 0
	Of      int    `json:"of"`
	Lo      int    `json:"lo"` // images Lo..Hi-1
	Hi      int    `json:"hi"`
	N       int    `json:"n"` // images of all shards
	Correct int64  `json:"correct"`
	Partial string `json:"partial"` // the file
}

// ShardSummarySchema is the name and version of ShardSummary.
const ShardSummarySchema = "spikec/shard-summary/v1"

// MaxShards is the most shards that images are divided into.
const MaxShards = 1 << 20

// shardRange is where shard i of so many begins and ends among n images: all shards together have each image once.
func shardRange(i, of, n int) evaluate.Range {
	return evaluate.Range{Lo: i * n / of, Hi: (i + 1) * n / of}
}

// EvalShard is as Check for images i·n/of up to (i+1)·n/of of the n images, i from 0; it compares nothing. It is pure: the
// same build, data, i and of give the same result.
func EvalShard(ctx context.Context, dir string, i, of int, opt CheckOptions) (*Shard, error) {
	if of < 1 || of > MaxShards || i < 0 || i >= of {
		return nil, fmt.Errorf("build: shard %d of %d", i, of)
	}
	c, err := openCheck(ctx, dir, opt)
	if err != nil {
		return nil, err
	}
	r := shardRange(i, of, len(c.data.Labels))
	p, err := c.evaluate(ctx, r.Lo, r.Hi)
	if err != nil {
		return nil, err
	}
	return &Shard{Schema: ShardSchema, Build: c.manifest.SHA256, Of: of, verdictOn: c.verdictOn, Partial: p}, nil
}

// CheckShard writes the result of EvalShard to the file out, complete or not at all, and makes the folder of it.
func CheckShard(ctx context.Context, dir string, i, of int, out string, opt CheckOptions) (*ShardSummary, error) {
	if err := output.MakeParent(out, []string{dir}); err != nil {
		return nil, err
	}
	if err := output.Apart([]string{out}, nil, []string{dir}); err != nil {
		return nil, err
	}
	s, err := EvalShard(ctx, dir, i, of, opt)
	if err != nil {
		return nil, err
	}
	if err := s.write(out); err != nil {
		return nil, err
	}
	p := s.Partial
	r := shardRange(i, of, p.N)
	return &ShardSummary{Schema: ShardSummarySchema, Folder: dir, Shard: i, Of: of, Lo: r.Lo, Hi: r.Hi, N: p.N,
		Correct: p.Correct[len(p.Correct)-1], Partial: out}, nil
}

// Verdict is the result of a check, where the shard has all images. It compares as Check does. The shard is used up.
func (s *Shard) Verdict() (*ladder.Ladder, error) {
	if missing := s.Partial.Missing(); len(missing) > 0 {
		return nil, fmt.Errorf("build: images %v of %d are missing", missing, s.Partial.N)
	}
	return s.verdict(s.Partial)
}

// Encode returns the stored form: JSON on one line, and a line feed.
func (s *Shard) Encode() ([]byte, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	return append(text, '\n'), nil
}

// write writes the file.
func (s *Shard) write(path string) error {
	text, err := s.Encode()
	if err != nil {
		return err
	}
	return output.WriteFile(path, func(w io.Writer) error { _, err := w.Write(text); return err })
}

// maxShard is the largest file of a partial result that is read. [bytes]
const maxShard = 1 << 32

// DecodeShard reads the stored form, and refuses what Encode would not write.
func DecodeShard(data []byte) (*Shard, error) {
	var s Shard
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("is no partial result: %w", err)
	}
	if s.Schema != ShardSchema || s.Partial == nil || s.Base == nil {
		return nil, fmt.Errorf("is no partial result: schema %q, want %q", s.Schema, ShardSchema)
	}
	if err := s.Partial.Validate(); err != nil {
		return nil, fmt.Errorf("is no partial result: %s", strings.TrimPrefix(err.Error(), "evaluate: "))
	}
	if s.Of < 0 || s.Of > MaxShards {
		return nil, fmt.Errorf("is of %d shards, want up to %d", s.Of, MaxShards)
	}
	if len(s.Partial.UnitWork) != len(s.Partial.Spikes) {
		return nil, fmt.Errorf("is no partial result of this version of spikec: it has the work of %d of %d cores", len(s.Partial.UnitWork), len(s.Partial.Spikes))
	}
	for _, l := range s.Base.Layers {
		for _, core := range l.Cores {
			if core < 0 || core >= len(s.Partial.Spikes) {
				return nil, fmt.Errorf("layer %s is on core %d of %d", l.Name, core, len(s.Partial.Spikes))
			}
		}
	}
	return &s, nil
}

// badShard is the finding about a file of a partial result.
func badShard(id, path, remedy, format string, args ...any) diag.Diagnostic {
	return diag.Diagnostic{ID: id, Severity: diag.Error, Subject: path, Message: fmt.Sprintf(format, args...), Remedy: remedy}
}
