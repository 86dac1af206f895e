package onnx

import (
	"fmt"
	"maps"
	"strings"
)

// namer makes names unique: the second x becomes x_2.
type namer struct {
	taken map[string]bool
	next  map[string]int
}

// newNamer returns a namer that has given out nothing.
func newNamer() *namer { return &namer{taken: map[string]bool{}, next: map[string]int{}} }

// clone returns a namer that has given out the same names.
func (n *namer) clone() *namer { return &namer{taken: maps.Clone(n.taken), next: maps.Clone(n.next)} }

// unique returns want, or want with the first free number.
func (n *namer) unique(want string) string {
	want = strings.ToValidUTF8(want, "\uFFFD")
	name := want
	for n.taken[name] {
		n.next[want] = max(2, n.next[want]+1)
		name = fmt.Sprintf("%s_%d", want, n.next[want])
	}
	n.taken[name] = true
	return name
}
