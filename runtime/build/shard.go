package build

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"spikec/internal/diag"
	"spikec/runtime/evaluate"
	"spikec/runtime/ladder"
	"spikec/runtime/output"
)

// ShardSchema is the name and version of the file of a partial result.
const ShardSchema = "spikec/shard/v1"

// shardFile is a partial result with what it is judged by once all images are there.
type shardFile struct {
	Schema string `json:"schema"`
	verdictOn
	Partial *evaluate.Partial `json:"partial"`
}

// CheckShard is as Check for images i·n/of up to (i+1)·n/of of the n images, i from 0; it writes a partial result to
// the file out and compares nothing.
func CheckShard(ctx context.Context, dir string, i, of int, out string, opt CheckOptions) error {
	if of < 1 || i < 0 || i >= of {
		return fmt.Errorf("build: shard %d of %d", i, of)
	}
	c, err := openCheck(ctx, dir, opt)
	if err != nil {
		return err
	}
	n := len(c.data.Labels)
	p, err := c.evaluate(ctx, i*n/of, (i+1)*n/of)
	if err != nil {
		return err
	}
	return shardFile{ShardSchema, c.verdictOn, p}.write(out)
}

// Merge joins the partial results in files, all of one build on the same images, and writes them as one to the file out
// unless that is "". Where they cover all images it compares as Check does and returns the ladder; where they do not,
// the ladder is nil, and it is an error if there is no file to write.
func Merge(files []string, out string) (*ladder.Ladder, error) {
	if len(files) == 0 {
		return nil, errors.New("build: no partial results to merge")
	}
	whole, err := readShard(files[0])
	if err != nil {
		return nil, err
	}
	for _, path := range files[1:] {
		next, err := readShard(path)
		if err != nil {
			return nil, err
		}
		if whole.Partial, err = evaluate.Merge(whole.Partial, next.Partial); err != nil {
			return nil, badShard(path, "%v", err)
		}
	}
	if out != "" {
		if err := whole.write(out); err != nil {
			return nil, err
		}
	}
	if missing := whole.Partial.Missing(); len(missing) > 0 {
		if out != "" {
			return nil, nil
		}
		return nil, badShard(files[0], "and the others leave out images %v of %d", missing, whole.Partial.N)
	}
	return whole.verdict(whole.Partial)
}

// badShard is the error of a partial result that cannot be used.
func badShard(path, format string, args ...any) error {
	return &diag.Failure{List: diag.List{{ID: idPartial, Severity: diag.Error, Subject: path, Message: fmt.Sprintf(format, args...),
		Remedy: "give every partial result of one check once"}}}
}

// write writes the file.
func (s shardFile) write(path string) error {
	return output.WriteFile(path, func(w io.Writer) error { return json.NewEncoder(w).Encode(s) })
}

// readShard reads the file of a partial result.
func readShard(path string) (*shardFile, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, badShard(path, "%v", plain(err))
	}
	var s shardFile
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, badShard(path, "%v", err)
	}
	if s.Schema != ShardSchema || s.Partial == nil || s.Base == nil {
		return nil, badShard(path, "is no partial result: schema %q, want %q", s.Schema, ShardSchema)
	}
	if err := s.Partial.Validate(); err != nil {
		return nil, badShard(path, "%v", err)
	}
	for _, l := range s.Base.Layers {
		for _, core := range l.Cores {
			if core < 0 || core >= len(s.Partial.Spikes) {
				return nil, badShard(path, "layer %s is on core %d of %d", l.Name, core, len(s.Partial.Spikes))
			}
		}
	}
	return &s, nil
}
