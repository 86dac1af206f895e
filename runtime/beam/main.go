// Command beam checks a build of spikec in shards on Apache Beam: on this machine, or on a cluster of Flink, Spark or
// Dataflow for those who run one. It is `spikec check --shard` and `spikec merge` as one pipeline, and nothing else; its
// result has the same bytes. It is a module of its own, so that nothing of Beam reaches users of spikec.
//
//	beam --build DIR --shards 64 --out result.json --runner flink --endpoint HOST:PORT
//
// Further flags are Beam's own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"

	"spikec/runtime/build"
	"spikec/runtime/dataset"
)

func main() {
	var c check
	flag.StringVar(&c.Build, "build", "", "folder of the build, where workers see it")
	flag.StringVar(&c.Data, "data", "", "evaluation images in place of the recorded ones, as for spikec check")
	flag.IntVar(&c.Limit, "limit", 0, "the first so many images (default: as many as the build took)")
	flag.IntVar(&c.Shards, "shards", 8, "shards; each is best 30 s to 10 min of work")
	flag.IntVar(&c.Jobs, "jobs", 1, "goroutines of a shard")
	flag.StringVar(&c.Out, "out", "", "file for the result, where workers see it")
	flag.Parse()
	beam.Init() // a worker does not come back from here
	if err := run(context.Background(), c); err != nil {
		fmt.Fprintln(os.Stderr, "beam:", err)
		os.Exit(1)
	}
}

// run checks the request and runs the pipeline.
func run(ctx context.Context, c check) error {
	if c.Build == "" || c.Out == "" || flag.NArg() > 0 {
		return errors.New("want --build DIR --out FILE, and flags alone")
	}
	if c.Shards < 1 || c.Shards > build.MaxShards || c.Limit < 0 || c.Jobs < 1 {
		return fmt.Errorf("want 1 to %d --shards, --limit of at least 0 and --jobs of at least 1", build.MaxShards)
	}
	var err error
	if c.Build, err = filepath.Abs(c.Build); err != nil { // workers have working directories of their own
		return err
	}
	if c.Out, err = filepath.Abs(c.Out); err != nil {
		return err
	}
	if c.Data != "" {
		c.Data = dataset.Absolute(c.Data)
	}
	return beamx.Run(ctx, newPipeline(c))
}
