package onnx

import (
	"fmt"
	"strings"
	"testing"

	"spikec/models/ann"
)

// wireFunction encodes a FunctionProto of domain f for opset 13; inputs and outputs are words of one string.
func wireFunction(name, inputs, outputs string, nodes ...[]byte) []byte {
	f := appendBytes(appendBytes(nil, 1, name), 10, "f")
	for _, s := range strings.Fields(inputs) {
		f = appendBytes(f, 4, s)
	}
	for _, s := range strings.Fields(outputs) {
		f = appendBytes(f, 5, s)
	}
	for _, n := range nodes {
		f = appendBytes(f, 7, n)
	}
	return appendBytes(f, 9, appendVarint(nil, 2, 13))
}

// callOf encodes a node of domain f.
func callOf(op, output, inputs string, attrs ...[]byte) []byte {
	return appendBytes(named(op, output, inputs, attrs...), 7, "f")
}

// reference encodes an attribute that stands for one of the function.
func reference(name, of string) []byte { return appendBytes(appendBytes(nil, 1, name), 21, of) }

func TestFunctionsAreInlined(t *testing.T) {
	m := oneNode(nil, "N", 2, 3, 4)
	m.functions = [][]byte{
		wireFunction("Bounded", "a", "b", named("Relu", "r", "a"), callOf("Cut", "b", "r", reference("axis", "from"))),
		appendBytes(wireFunction("Cut", "r", "y", named("Flatten", "y", "r", reference("axis", "axis"))), 11, wireInt("axis", 1)),
		wireFunction("Pass", "a b", "b", named("Relu", "unused", "a")),
	}
	m.nodes = [][]byte{callOf("Bounded", "p", "x"), callOf("Bounded", "q", "x", wireInt("from", -3)), named("Add", "s", "p q"), callOf("Pass", "y", "x s")}
	got, err := Decode(m.bytes(), "")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{"p/Relu": "Relu", "p/Cut/Flatten": "Flatten", "q/Relu": "Relu", "q/Cut/Flatten": "Flatten", "s": "Add"}
	for _, n := range got.Graph.Nodes[1:] {
		if names[n.Name] != n.Op.Kind() {
			t.Errorf("node %q is %s, want %q", n.Name, n.Op.Kind(), names[n.Name])
		}
		delete(names, n.Name)
	}
	if len(names) > 0 {
		t.Errorf("missing: %v", names)
	}
	y, err := ann.NewExecutor(got.Graph).Run([]float32{-1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3})
	if err != nil || y[0] != 0 || y[1] != 4 || y[23] != 6 {
		t.Errorf("got %v, %v", y, err)
	}
}

func TestFunctionRefusals(t *testing.T) {
	old := appendBytes(wireFunction("Old", "a", "b", named("Relu", "b", "a")), 9, appendVarint(nil, 2, 9))
	deep := [][]byte{wireFunction("F0", "a", "b", named("Relu", "b", "a"))}
	for i := range maxCallDepth + 1 {
		deep = append(deep, wireFunction(fmt.Sprint("F", i+1), "a", "b", callOf(fmt.Sprint("F", i), "b", "a")))
	}
	// Four times the calls at every level: 4^15 of F0.
	wide := [][]byte{wireFunction("F0", "a", "b", named("Relu", "b", "a"))}
	for i := range maxCallDepth - 1 {
		f := fmt.Sprint("F", i)
		wide = append(wide, wireFunction(fmt.Sprint("F", i+1), "a", "b", callOf(f, "c", "a"), callOf(f, "d", "c"), callOf(f, "e", "d"), callOf(f, "b", "e")))
	}
	cases := []struct {
		name, want string
		functions  [][]byte
		call       []byte
	}{
		{"itself", "calls itself", [][]byte{wireFunction("Loop", "a", "b", callOf("Loop", "b", "a"))}, callOf("Loop", "y", "x")},
		{"deep", "inside 16 others", deep, callOf(fmt.Sprint("F", maxCallDepth+1), "y", "x")},
		{"wide", "more than 32768 nodes", wide, callOf(fmt.Sprint("F", maxCallDepth-1), "y", "x")},
		{"wide of nothing", "more than 32768 nodes", append([][]byte{wireFunction("F0", "a", "b")}, wide[1:]...), callOf(fmt.Sprint("F", maxCallDepth-1), "y", "x")},
		{"another opset", "opset version 9", [][]byte{old}, callOf("Old", "y", "x")},
		{"too many inputs", "with 2 inputs", [][]byte{wireFunction("One", "a", "b", named("Relu", "b", "a"))}, callOf("One", "y", "x x")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := oneNode(c.call, "N", 2, 3, 4)
			m.functions = c.functions
			_, err := Decode(m.bytes(), "")
			wantFailure(t, err, idFunctions, c.want)
		})
	}
	t.Run("no function", func(t *testing.T) {
		m := oneNode(callOf("Gone", "y", "x"), "N", 2, 3, 4)
		_, err := Decode(m.bytes(), "")
		wantFailure(t, err, idOperator, `domain "f"`)
	})
}
