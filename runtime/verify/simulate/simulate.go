// Package simulate runs recorded simulations again and compares: neurons, networks, generators and learning rules. A recording is
// one JSON document with its family, its parameters and what came out. A family is one file or a part of one: it reads the
// parameters, computes, and compares within the tolerance that recordings of the family state. Nothing goes by the name of a
// recording, so that others of the same family run as well.
package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// family runs a recording of one family: it computes from c.in and compares with c.out. What it cannot read it reports through c,
// and returns.
type family func(ctx context.Context, c *recording)

// families are filled by the files of the families.
var families = map[string]family{}

// register adds a family; two of one name are a mistake in this package.
func register(name string, f family) {
	if families[name] != nil {
		panic("simulate: family " + name + " registered twice")
	}
	families[name] = f
}

// Families returns the names of the families that can be run, sorted.
func Families() []string {
	var names []string
	for name := range families {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Is reports whether a document says that it is a recorded simulation: an object with a family.
func Is(data []byte) bool {
	var head struct {
		Family *string `json:"family"`
	}
	return json.Unmarshal(data, &head) == nil && head.Family != nil
}

// Verify runs the recording that a document holds and returns the first difference, "" where there is none. A recording whose family
// is not known differs. The error says why the recording cannot be run.
func Verify(ctx context.Context, data []byte) (difference string, err error) {
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		return "", err
	}
	c := &recording{}
	root := node{c: c, v: document}
	name, kind := root.at("family").text(), root.at("kind").text()
	c.in, c.out, c.root, c.kind = root.at("parameters"), root.at("outputs"), root, kind
	if c.err != nil {
		return "", c.err
	}
	f := families[name]
	if f == nil {
		return fmt.Sprintf("recordings of the family %q are not supported", name), nil
	}
	f(ctx, c)
	if err := context.Cause(ctx); err != nil {
		return "", err
	}
	if c.err != nil {
		return "", c.err
	}
	if c.difference == "" && c.compared == 0 {
		return "", fmt.Errorf("holds nothing to compare")
	}
	return c.difference, nil
}
