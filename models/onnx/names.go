package onnx

import (
	"fmt"
	"strings"
)

// namer makes names unique: the second x becomes x_2.
type namer struct {
	taken map[string]bool
	next  map[string]int
	below *namer // whose names are taken too, or nil
}

// newNamer returns a namer that has given out nothing.
func newNamer() *namer { return &namer{taken: map[string]bool{}, next: map[string]int{}} }

// over returns a namer for which the names of n are taken, and which leaves n as it is.
func (n *namer) over() *namer {
	m := newNamer()
	m.below = n
	return m
}

// has reports whether a name is taken.
func (n *namer) has(name string) bool { return n.taken[name] || n.below != nil && n.below.has(name) }

// unique returns want, or want with the first free number.
func (n *namer) unique(want string) string {
	want = strings.ToValidUTF8(want, "\uFFFD")
	name := want
	for n.has(name) {
		n.next[want] = max(2, n.next[want]+1)
		name = fmt.Sprintf("%s_%d", want, n.next[want])
	}
	n.taken[name] = true
	return name
}
