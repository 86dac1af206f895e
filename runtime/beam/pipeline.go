package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"spikec/runtime/build"
	"spikec/runtime/output"
)

func init() {
	register.DoFn2x2[context.Context, int, []byte, error](&evalShard{})
	register.DoFn2x1[context.Context, []byte, error](&conclude{})
	register.Combiner1[[]byte](&mergeShards{})
}

// check is a check of a build in shards. Workers read and write the paths where they are: a shared file system.
type check struct {
	Build  string // folder of the build
	Data   string // data spec in place of the recorded one; "" = the recorded one
	Limit  int    // the first so many images; 0 = as many as the build took
	Shards int
	Jobs   int    // goroutines of a shard
	Out    string // file of the result
}

// newPipeline is the check as a pipeline: numbers of shards, a partial result of each, one of all, the result.
func newPipeline(c check) *beam.Pipeline {
	p, s := beam.NewPipelineWithRoot()
	numbers := make([]int, c.Shards)
	for i := range numbers {
		numbers[i] = i
	}
	spread := beam.Reshuffle(s, beam.CreateList(s, numbers)) // so that shards are not fused into one bundle
	partials := beam.ParDo(s, &evalShard{c}, spread)
	beam.ParDo0(s, &conclude{c.Out}, beam.Combine(s, &mergeShards{}, partials))
	return p
}

// evalShard makes the stored form of a partial result of the number of a shard. It is pure, so that a shard that is done again after
// a failure gives the same bytes.
type evalShard struct{ Check check }

// ProcessElement evaluates shard i.
func (f *evalShard) ProcessElement(ctx context.Context, i int) ([]byte, error) {
	c := f.Check
	shard, err := build.EvalShard(ctx, c.Build, i, c.Shards, build.CheckOptions{Data: c.Data, Limit: c.Limit, Jobs: c.Jobs})
	if err != nil {
		return nil, err
	}
	return shard.Encode()
}

// mergeShards joins stored forms of partial results; nothing at all stands for none. Sums are integers and images are put in
// order, so that every order of merging gives the same.
type mergeShards struct{}

// CreateAccumulator begins with none.
func (*mergeShards) CreateAccumulator() []byte { return nil }

// AddInput is MergeAccumulators: partial results are their own accumulators.
func (f *mergeShards) AddInput(a, b []byte) ([]byte, error) { return f.MergeAccumulators(a, b) }

// MergeAccumulators joins two.
func (*mergeShards) MergeAccumulators(a, b []byte) ([]byte, error) {
	switch {
	case len(a) == 0:
		return b, nil
	case len(b) == 0:
		return a, nil
	}
	whole, err := build.MergeShards([]string{"one partial result", "another one"}, [][]byte{a, b})
	if err != nil {
		return nil, err
	}
	return whole.Encode()
}

// ExtractOutput is the joined partial result.
func (*mergeShards) ExtractOutput(a []byte) []byte { return a }

// conclude compares what all images gave with the record and writes the result. The file is complete or not there, also
// where this is done twice.
type conclude struct{ Out string }

// ProcessElement writes the result as spikec check --json prints it.
func (f *conclude) ProcessElement(_ context.Context, merged []byte) error {
	shard, err := build.DecodeShard(merged)
	if err != nil {
		return fmt.Errorf("the merged partial result: %w", err)
	}
	result, err := shard.Verdict()
	if err != nil {
		return err
	}
	return output.WriteFile(f.Out, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(result)
	})
}
