package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"spikec/runtime/build"
	"spikec/runtime/dataset"
	"spikec/runtime/script"
)

// shardFlags divide a check, and write scripts that do it on many machines.
type shardFlags struct {
	shard    shardOf
	partial  string
	script   string
	shards   int
	partials string
	asked    string // a flag of --script on the command line, "" for none
}

func (s *shardFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Var(&s.shard, "shard", "emulate shard I of N alone, I from 0, and write a partial result for spikec merge; with --partial")
	textVar(f, &s.partial, "partial", "", "FILE.json", "FILE.json to write the partial result of --shard to; its folder is made")
	choiceVar(f, &s.script, "script", "", "print what runs the check in --shards shards on many machines, and merges them, and do nothing else: a shell script that submits a job array of Slurm, or a manifest with an Indexed Job of Kubernetes", script.Kinds()...)
	intVar(f, &s.shards, "shards", 8, 1, "N", "shards of --script").most = build.MaxShards
	textVar(f, &s.partials, "partials", "", "DIR", "folder DIR for the partial results and the result of --script (default: DIR.partials beside the build)")
	needEachOther(cmd, "shard", "partial")
	apart(cmd, "shard", "script")
}

// errGateOfShard is the error about a gate on a part of the images.
var errGateOfShard = errors.New("--min-accuracy is for all images: give it to spikec merge, not with --shard")

// ask remembers what of --script stands on the command line: what a configuration says is for other runs, and is not read yet.
func (s *shardFlags) ask(cmd *cobra.Command) {
	for _, name := range [...]string{"partials", "shards"} {
		if cmd.Flags().Changed(name) {
			s.asked = name
		}
	}
}

// lonely is the error about flags of --script without it: they would be without effect, and --shards is easily written for
// --shard.
func (s *shardFlags) lonely() error {
	switch {
	case s.script != "" || s.asked == "":
		return nil
	case s.asked == "shards":
		return errors.New("--shards goes with --script; one shard is --shard I/N with --partial")
	}
	return errors.New("--partials goes with --script; one shard is written with --partial")
}

// run evaluates one shard and says what was written.
func (s *shardFlags) run(cmd *cobra.Command, dir string, opt build.CheckOptions, o *outputFlags) error {
	done, err := build.CheckShard(cmd.Context(), dir, s.shard.i, s.shard.n, s.partial, opt)
	opt.Progress.Close()
	if err != nil {
		return err
	}
	return o.print(cmd, done, func(w io.Writer) error {
		images := fmt.Sprintf("images %d..%d", done.Lo, done.Hi-1)
		if done.Lo == done.Hi { // more shards than images
			images = "none"
		}
		_, err := fmt.Fprintf(w, "shard %d/%d of %s: %s of %d, %d right, written to %s\n", done.Shard, done.Of, done.Folder, images, done.N, done.Correct, done.Partial)
		return err
	})
}

// print prints the script. It carries on what was asked of the check.
func (s *shardFlags) print(cmd *cobra.Command, dir string, opt build.CheckOptions, o *outputFlags) error {
	m, err := build.ReadManifest(dir)
	if err != nil {
		return err
	}
	j := script.Job{Tool: "spikec " + programVersion(), Shards: s.shards, Jobs: opt.Jobs, Data: dataset.Path(m.Data.Spec)}
	if j.Build, err = filepath.Abs(dir); err != nil {
		return err
	}
	if j.Partials, err = filepath.Abs(s.partials); err != nil {
		return err
	}
	if s.partials == "" {
		j.Partials = j.Build + ".partials"
	}
	if opt.Data != "" {
		spec := dataset.Absolute(opt.Data)
		j.Data, j.Check = dataset.Path(spec), append(j.Check, "--data", spec)
	}
	for _, flag := range []string{"limit", "engine"} {
		if f := cmd.Flags().Lookup(flag); f.Changed {
			j.Check = append(j.Check, "--"+flag, f.Value.String())
		}
	}
	if f := cmd.Flags().Lookup("min-accuracy"); f.Changed {
		j.Merge = append(j.Merge, "--min-accuracy", f.Value.String())
	}
	text, err := script.Write(s.script, j)
	if err != nil {
		return err
	}
	return o.print(cmd, scriptDocument{"spikec/script/v1", s.script, s.shards, j.Partials, text}, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// scriptDocument is what --script prints with --json.
type scriptDocument struct {
	Schema   string `json:"schema"`
	Kind     string `json:"kind"`
	Shards   int    `json:"shards"`
	Partials string `json:"partials"` // folder
	Text     string `json:"text"`     // the script
}

// shardOf is a flag value that names one shard of several: i/n, i from 0; 0/0 where it is not given.
type shardOf struct{ i, n int }

// Set takes I/N.
func (v *shardOf) Set(s string) error {
	left, right, ok := strings.Cut(s, "/")
	i, err := strconv.Atoi(left)
	n, err2 := strconv.Atoi(right)
	switch {
	case !ok || err != nil || err2 != nil:
		return errors.New("want I/N, such as 0/8 for the first of eight")
	case n < 1 || n > build.MaxShards:
		return fmt.Errorf("want 1 to %d shards", build.MaxShards)
	case i < 0 || i >= n:
		return fmt.Errorf("shards count from 0: want 0/%d to %d/%d", n, n-1, n)
	}
	v.i, v.n = i, n
	return nil
}

// String returns I/N.
func (v *shardOf) String() string {
	if v.n == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", v.i, v.n)
}

// Type is what help shows in place of the value.
func (v *shardOf) Type() string { return "I/N" }
