// Package script writes what runs the shards of a check on many machines, and merges them: the job array of a batch
// scheduler, the Indexed Job of Kubernetes. One file a kind. Nothing here runs anything.
package script

import (
	"bytes"
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"spikec/internal/diag"
)

// Job is a check in shards.
type Job struct {
	Tool     string   // program and version that write the script
	Build    string   // folder of the build, absolute
	Data     string   // folder or file of the images, absolute; "" where there is none
	Partials string   // folder for the partial results and the result, absolute
	Shards   int      // how many, at least 1
	Jobs     int      // processors of a shard, at least 1
	Check    []string // further arguments of spikec check
	Merge    []string // further arguments of spikec merge
}

// Diagnostics of scripts. The numbers are stable.
const (
	idApart = "SPK-SCRIPT-001" // paths that one volume cannot hold
	idPath  = "SPK-SCRIPT-002" // a path that a script cannot name
)

// kinds are all kinds of scripts.
var kinds = map[string]func(Job) (string, error){"slurm": slurm, "kubernetes": kubernetes}

// Kinds lists the kinds of scripts.
func Kinds() []string {
	var names []string
	for name := range kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Write returns the script of a kind. The same job gives the same bytes.
func Write(kind string, j Job) (string, error) {
	write, ok := kinds[kind]
	if !ok {
		return "", fmt.Errorf("script: no kind %q", kind)
	}
	var found diag.List
	for _, path := range []string{j.Build, j.Data, j.Partials} {
		if strings.ContainsAny(path, "\n\r\x00") {
			found.Errorf(idPath, fmt.Sprintf("%q", path), "has a line break in its name")
		}
	}
	if err := found.Err(); err != nil {
		return "", err
	}
	j.Jobs, j.Shards = max(1, j.Jobs), max(1, j.Shards)
	return write(j)
}

// partial is the name of a shard's file, without folder; index is how the script names the shard.
func (j *Job) partial(index string) string {
	return fmt.Sprintf("shard-%s-of-%d.json", index, j.Shards)
}

// root is the deepest folder that holds all paths of the job.
func (j *Job) root() (string, error) {
	root := filepath.Dir(j.Build)
	for _, path := range []string{j.Data, j.Partials} {
		for path != "" && !within(root, path) && root != filepath.Dir(root) {
			root = filepath.Dir(root)
		}
	}
	if root != filepath.Dir(root) {
		return root, nil
	}
	var found diag.List
	found.Add(diag.Diagnostic{ID: idApart, Severity: diag.Error, Subject: j.Build, Message: fmt.Sprintf("has no folder above it in common with %s",
		strings.Join(slices.DeleteFunc([]string{j.Data, j.Partials}, func(s string) bool { return s == "" }), " and ")),
		Remedy: "put the build, its images and --partials under one folder, which becomes the shared volume"})
	return "", found.Err()
}

// within reports whether path is in the folder dir.
func within(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// quote makes a word of the POSIX shell that stands for s.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// words joins arguments for the POSIX shell, with a space before each.
func words(args []string) string {
	var b bytes.Buffer
	for _, a := range args {
		b.WriteString(" " + quote(a))
	}
	return b.String()
}

// range0 is 0-n, or 0 alone.
func range0(n int) string {
	if n == 1 {
		return "0"
	}
	return fmt.Sprintf("0-%d", n-1)
}

// tool is how a script says what wrote it.
func (j *Job) tool() string { return cmp.Or(j.Tool, "spikec") }
