package main

import (
	"os"
	"strings"
	"testing"

	"spikec/cmd/spikec/internal/inspect"
	"spikec/internal/golden"
	"spikec/models/onnx"
)

// TestInspect compares what is printed about a network with folded nodes, and about one that is known in part, with golden
// files, and checks that the JSON form names every node.
func TestInspect(t *testing.T) {
	p := newPlace(t)
	p.copy("unsupported.onnx")
	bundled, err := os.ReadFile("../../models/zoo/mnist_cnn_bnmax.onnx")
	if err != nil {
		t.Fatal(err)
	}
	p.write("bnmax.onnx", string(bundled))
	for _, c := range []struct {
		model string
		code  int
		fates map[onnx.Fate]int
	}{
		{"bnmax", 0, map[onnx.Fate]int{onnx.Layer: 10, onnx.Constant: 6}},
		{"unsupported", 1, map[onnx.Fate]int{onnx.Layer: 1, onnx.Refused: 2, onnx.Unknown: 4}},
	} {
		golden.File(t, "golden/inspect_"+c.model+".txt", p.spikec("inspect", c.model+".onnx").exits(c.code).out)
		r := document[inspect.Report](t, p.spikec("inspect", c.model+".onnx", "--json").exits(c.code))
		got := map[onnx.Fate]int{}
		for _, n := range r.Nodes {
			if got[n.Fate]++; n.Fate == onnx.Constant && n.Op != "Constant" && !strings.Contains(n.Why, "N") {
				t.Errorf("%s: constant %+v, want it to carry the batch size N", c.model, n)
			}
		}
		for fate, n := range c.fates {
			if got[fate] != n {
				t.Errorf("%s: %d nodes are %s, want %d", c.model, got[fate], fate, n)
			}
		}
		if len(r.InputDimensions) != 4 || r.InputDimensions[3] != "28" {
			t.Errorf("%s: input dimensions %v", c.model, r.InputDimensions)
		}
	}
}

// TestInspectLongLists checks that the text stays short where many nodes have no effect.
func TestInspectLongLists(t *testing.T) {
	var b strings.Builder
	nodes := []inspect.Node{{Name: "k", Op: "Constant", Fate: onnx.Constant}}
	for range maxListedNodes + 7 {
		nodes = append(nodes, inspect.Node{Name: "i", Op: "Identity", Fate: onnx.Passed, Why: "its result is x"})
	}
	printNodes(&b, nodes)
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != maxListedNodes+2 || lines[0] != "nodes of the file: 1 constant, 107 without effect" || !strings.Contains(lines[len(lines)-1], "and 7 more") {
		t.Errorf("%d lines: %s … %s", len(lines), lines[0], lines[len(lines)-1])
	}
}

// TestInspectSays checks the first lines about networks without a batch, and about those that are understood and yet not taken.
func TestInspectSays(t *testing.T) {
	known := []inspect.Node{{Name: "fc", Op: "Gemm", Fate: onnx.Layer}}
	for _, c := range []struct {
		want string
		r    inspect.Report
	}{
		{"[784]; all of it is one image", inspect.Report{InputDimensions: []string{"784"}, Whole: true, Nodes: known}},
		{"[n,784]; n is the number of images", inspect.Report{InputDimensions: []string{"n", "784"}, Nodes: known}},
		{"all nodes are understood, see the messages", inspect.Report{Partial: true, Nodes: known}},
		{"only in part understood", inspect.Report{Partial: true, Nodes: append(known, inspect.Node{Name: "erf", Op: "Erf", Fate: onnx.Refused})}},
	} {
		var b strings.Builder
		if err := printInspection(&b, &c.r); err != nil || !strings.Contains(b.String(), c.want) {
			t.Errorf("%v, want %q in\n%s", err, c.want, b.String())
		}
	}
	var b strings.Builder
	if err := printInspection(&b, &inspect.Report{InputDimensions: []string{"n"}, Heavy: true, Target: "loihi1"}); err != nil || strings.Contains(b.String(), "nothing") {
		t.Errorf("%v: says something about what was not looked at:\n%s", err, b.String())
	}
}
