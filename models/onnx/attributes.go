package onnx

import (
	"maps"
	"slices"
	"strings"
)

// maxInt bounds sizes, strides and pads that attributes give; it is far above any that make sense.
const maxInt = 1 << 20

// checkAttributes refuses attributes that the importer does not know. consumed_inputs, which files below opset 6 carry, is about
// memory alone.
func (c *call) checkAttributes(i importer) {
	known := append([]string{indexAttribute}, i.attributes...)
	if c.opset() < 7 {
		known = append(append(known, "consumed_inputs"), i.old...)
	}
	for _, name := range slices.Sorted(maps.Keys(c.attrs)) {
		if !slices.Contains(known, name) {
			c.refuse(idAttribute, "", "attribute %s is not known to this operator", name)
		}
	}
}

// attribute returns an attribute, or missing if the node does not have it.
func attribute[T any](c *call, name string, missing T) T {
	a, ok := c.attrs[name]
	if !ok {
		return missing
	}
	v, ok := a.(T)
	if !ok {
		c.refuse(idAttribute, "check the file with onnx.checker", "attribute %s has the wrong type", name)
		return missing
	}
	return v
}

// hasAttribute reports whether the node has the attribute.
func (c *call) hasAttribute(name string) bool { return c.attrs[name] != nil }

// flag returns an attribute that is 0 or 1.
func (c *call) flag(name string, missing int64) bool {
	v := attribute(c, name, missing)
	if v != 0 && v != 1 {
		c.refuse(idAttribute, "", "attribute %s is %d, want 0 or 1", name, v)
	}
	return v == 1
}

// numbers returns a list attribute of n integers from least to maxInt, or n times missing.
func (c *call) numbers(name string, n int, least, missing int64) []int {
	list := attribute(c, name, slices.Repeat([]int64{missing}, n))
	out := make([]int, n)
	for i := range out {
		out[i] = int(missing)
	}
	if len(list) != n {
		c.refuse(idAttribute, "two-dimensional networks are supported", "attribute %s has %d values, want %d", name, len(list), n)
		return out
	}
	for i, v := range list {
		if v < least || v > maxInt {
			c.refuse(idAttribute, "", "attribute %s %v: %d is outside %d..%d", name, list, v, least, maxInt)
			return out
		}
		out[i] = int(v)
	}
	return out
}

// choice returns a string attribute that must be one of the allowed values; the first is the default.
func (c *call) choice(name string, allowed ...string) string {
	v := attribute(c, name, allowed[0])
	if !slices.Contains(allowed, v) {
		c.refuse(idAttribute, "", "attribute %s is %q, supported: %s", name, v, strings.Join(allowed, ", "))
		return allowed[0]
	}
	return v
}
