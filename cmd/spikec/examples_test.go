package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// examples is where the files for other tools are.
const examples = "../../examples/ci"

// workflow is what is looked at of a workflow of GitHub.
type workflow struct {
	On   map[string]any
	Jobs map[string]struct {
		RunsOn string `yaml:"runs-on"`
		Steps  []struct{ Name, Uses, Run, Shell string }
	}
}

// hooks is what is looked at of a configuration of pre-commit.
type hooks struct {
	Repos []struct {
		Repo  string
		Hooks []struct{ ID, Name, Entry, Language, Files string }
	}
}

// example reads a YAML file of the examples.
func example[T any](t *testing.T, name string) T {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examples, name))
	if err != nil {
		t.Fatal(err)
	}
	var v T
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

// TestExamples runs what the examples run, on a network that keeps their promise and on one that does not.
func TestExamples(t *testing.T) {
	hook := example[hooks](t, "pre-commit-config.yaml").Repos[0].Hooks[0]
	files, err := regexp.Compile(hook.Files)
	if err != nil || hook.Language != "system" || !files.MatchString("a/model.onnx") || !files.MatchString("spikec.yaml") || files.MatchString("a.go") {
		t.Errorf("hook %+v, %v", hook, err)
	}
	flow := example[workflow](t, "github-workflow.yml")
	steps := flow.Jobs["accuracy"].Steps
	k := slices.IndexFunc(steps, func(s struct{ Name, Uses, Run, Shell string }) bool { return strings.HasPrefix(s.Run, "spikec ") })
	if _, ok := flow.On["pull_request"]; !ok || k < 0 || steps[k].Shell != "bash" { // bash alone fails where the first part of a pipe does
		t.Fatalf("workflow %+v", flow)
	}
	build, _, _ := strings.Cut(steps[k].Run, " | ")
	p := newPlace(t)
	config, err := os.ReadFile(filepath.Join(examples, "spikec.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	p.write("spikec.yaml", string(config))
	commands := []string{hook.Entry, build + " --limit 100"}
	for _, c := range []struct {
		model string
		code  int
	}{{"../../models/zoo/mnist_cnn_plain.onnx", exitDone}, {"testdata/tiny.onnx", exitGateMissed}} {
		model, err := os.ReadFile(c.model)
		if err != nil {
			t.Fatal(err)
		}
		p.write("model.onnx", string(model))
		for _, command := range commands {
			p.spikec(append(strings.Fields(command)[1:], "--calibration-limit", "200")...).exits(c.code)
		}
	}
}
