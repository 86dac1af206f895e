package simulate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a recording, so that a wrong one costs little.
const (
	mostSteps   = 1 << 22 // of one run
	mostUpdates = 1 << 26 // neurons times steps, or what a family does as often
	mostNeurons = 1 << 14
)

// recording is one document while it is run: its parts, the first thing that is wrong with it, and the first difference.
type recording struct {
	root, in, out node
	kind          string
	err           error
	difference    string
	compared      int // values and lists that were compared
}

// fail records what is wrong with the recording; the first stays.
func (c *recording) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// differ records a difference; the first stays.
func (c *recording) differ(format string, args ...any) {
	if c.difference == "" {
		c.difference = fmt.Sprintf(format, args...)
	}
}

// done reports whether going on is of no use.
func (c *recording) done() bool { return c.err != nil || c.difference != "" }

// node is a value of the document, with its path for messages. Readers return zero values and record an error where the value is
// missing or of another kind.
type node struct {
	c    *recording
	path string
	v    any
}

// lookup returns the value at a key, if it is there and not null.
func (n node) lookup(key string) (node, bool) {
	object, _ := n.v.(map[string]any)
	v, ok := object[key]
	return node{n.c, n.path + "." + key, v}, ok && v != nil
}

// has reports whether there is a value at a key that is not null.
func (n node) has(key string) bool {
	_, ok := n.lookup(key)
	return ok
}

// at returns the value at a key.
func (n node) at(key string) node {
	v, ok := n.lookup(key)
	if !ok {
		n.c.fail("%s is missing", v.name())
	}
	return v
}

// name is the path as it is printed.
func (n node) name() string {
	if n.path == "" {
		return "the document"
	}
	return n.path[1:]
}

// keys returns the keys of an object, sorted as encoding/json does not keep their order.
func (n node) keys() []string {
	object, ok := n.v.(map[string]any)
	if !ok {
		n.c.fail("%s is no object", n.name())
	}
	return sortedKeys(object)
}

// float is a finite number.
func (n node) float() float64 {
	v, ok := n.v.(float64)
	if !ok || math.IsInf(v, 0) || math.IsNaN(v) {
		n.c.fail("%s is no number", n.name())
		return 0
	}
	return v
}

// positive is a number above 0; it returns 1 where it is not, so that what divides by it goes on.
func (n node) positive() float64 {
	v := n.float()
	if !(v > 0) {
		n.c.fail("%s is %v: want more than 0", n.name(), v)
		return 1
	}
	return v
}

// int is a whole number in [lo, hi].
func (n node) int(lo, hi int) int {
	v := n.float()
	if v != math.Trunc(v) || v < float64(lo) || v > float64(hi) {
		n.c.fail("%s is %v: want a whole number from %d to %d", n.name(), v, lo, hi)
		return lo
	}
	return int(v)
}

// text is a string.
func (n node) text() string {
	s, ok := n.v.(string)
	if !ok {
		n.c.fail("%s is no text", n.name())
	}
	return s
}

// list returns the elements of an array.
func (n node) list() []node {
	list, ok := n.v.([]any)
	if !ok {
		n.c.fail("%s is no list", n.name())
	}
	out := make([]node, len(list))
	for i, v := range list {
		out[i] = node{n.c, n.path + "[" + strconv.Itoa(i) + "]", v}
	}
	return out
}

// exactly returns the elements of an array of that length; where it is not, as many of no value.
func (n node) exactly(length int) []node {
	list := n.list()
	if len(list) != length {
		n.c.fail("%s has %d entries, want %d", n.name(), len(list), length)
		return slices.Repeat([]node{{c: n.c, path: n.path}}, length)
	}
	return list
}

// floats is an array of numbers.
func (n node) floats() []float64 {
	list := n.list()
	out := make([]float64, len(list))
	for i, v := range list {
		out[i] = v.float()
	}
	return out
}

// floatsOf is an array of so many numbers.
func (n node) floatsOf(length int) []float64 {
	out := n.floats()
	if len(out) != length {
		n.c.fail("%s has %d entries, want %d", n.name(), len(out), length)
		return make([]float64, length)
	}
	return out
}

// ints is an array of whole numbers in [lo, hi].
func (n node) ints(lo, hi int) []int {
	list := n.list()
	out := make([]int, len(list))
	for i, v := range list {
		out[i] = v.int(lo, hi)
	}
	return out
}

// rows is an array of arrays of numbers.
func (n node) rows() [][]float64 {
	list := n.list()
	out := make([][]float64, len(list))
	for i, v := range list {
		out[i] = v.floats()
	}
	return out
}

// seed is a seed of the generator.
func (n node) seed() uint32 { return uint32(n.int(0, math.MaxUint32)) }

// steps returns how many steps of dt a duration has, round(duration/dt), 1 … mostSteps.
func (c *recording) steps(duration, dt float64) int {
	k := math.Round(duration / dt)
	if !(k >= 1 && k <= mostSteps) {
		c.fail("%v steps of %v: want 1 to %d", k, dt, mostSteps)
		return 1
	}
	return int(k)
}

// work refuses a recording that asks for more than mostUpdates.
func (c *recording) work(factors ...int) {
	product := 1.0
	for _, f := range factors {
		product *= float64(f)
	}
	if product > mostUpdates {
		c.fail("asks for %.3g updates: at most %d are done", product, mostUpdates)
	}
}

// tolerance is how far a number may be from the recorded one: abs + rel·|recorded|.
type tolerance struct{ abs, rel float64 }

// holds reports whether a number is close enough.
func (t tolerance) holds(got, want float64) bool {
	return got == want || math.Abs(got-want) <= t.abs+t.rel*math.Abs(want)
}

// number compares a number.
func (c *recording) number(what string, got float64, want node, t tolerance) {
	c.compared++
	if w := want.float(); c.err == nil && !t.holds(got, w) {
		c.differ("%s: %v, recorded %v", what, got, w)
	}
}

// count compares a whole number.
func (c *recording) count(what string, got int, want node) {
	c.number(what, float64(got), want, tolerance{})
}

// numbers compares a list of numbers.
func (c *recording) numbers(what string, got []float64, want node, t tolerance) {
	c.compared++
	list := want.list()
	for i := range min(len(got), len(list)) {
		if w := list[i].float(); c.err == nil && !t.holds(got[i], w) {
			c.differ("%s, entry %d: %v, recorded %v", what, i, got[i], w)
			return
		}
	}
	if len(got) != len(list) {
		c.differ("%s: %d entries, recorded %d", what, len(got), len(list))
	}
}

// whole compares a list of whole numbers.
func (c *recording) whole(what string, got []int, want node) {
	c.numbers(what, floatsOf(got), want, tolerance{})
}

// table compares rows of numbers.
func (c *recording) table(what string, got [][]float64, want node, t tolerance) {
	list := want.list()
	if len(list) != len(got) {
		c.differ("%s: %d rows, recorded %d", what, len(got), len(list))
		return
	}
	for i, row := range got {
		c.numbers(fmt.Sprintf("%s, row %d", what, i), row, list[i], t)
	}
}

// words compares a text.
func (c *recording) words(what, got string, want node) {
	c.compared++
	if w := want.text(); c.err == nil && got != w {
		c.differ("%s: %s, recorded %s", what, got, w)
	}
}

// floatsOf converts.
func floatsOf(a []int) []float64 {
	out := make([]float64, len(a))
	for i, v := range a {
		out[i] = float64(v)
	}
	return out
}

// every returns elements 0, n, 2n …
func every(a []float64, n int) []float64 {
	var out []float64
	for i := 0; i < len(a); i += n {
		out = append(out, a[i])
	}
	return out
}

// spike is a spike of a neuron in a step.
type spike struct{ step, neuron int }

// hash returns the SHA-256 of the lines "neuron step" of spikes.
func hash(spikes []spike) string {
	h := sha256.New()
	for _, s := range spikes {
		fmt.Fprintf(h, "%d %d\n", s.neuron, s.step)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// pairs compares spikes with a list of [step, neuron].
func (c *recording) pairs(what string, got []spike, want node) {
	rows := make([][]float64, len(got))
	for i, s := range got {
		rows[i] = []float64{float64(s.step), float64(s.neuron)}
	}
	c.compared++
	c.table(what, rows, want, tolerance{})
}

// raster compares spikes with lists of steps and of neurons.
func (c *recording) raster(got []spike, steps, neurons node) {
	var k, i []int
	for _, s := range got {
		k, i = append(k, s.step), append(i, s.neuron)
	}
	c.whole("steps of the spikes", k, steps)
	c.whole("neurons of the spikes", i, neurons)
}

// quantity reads a number out of a sentence. NUMBER in the pattern stands for it.
func (c *recording) quantity(text node, pattern string) float64 {
	all := c.quantities(text, pattern, 1)
	return all[0]
}

// quantities reads so many numbers out of a sentence.
func (c *recording) quantities(text node, pattern string, count int) []float64 {
	out := make([]float64, count)
	m := regexp.MustCompile(strings.ReplaceAll(pattern, "NUMBER", `[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?`)).FindStringSubmatch(text.text())
	if len(m) != count+1 {
		c.fail("%s: %q is not of the form %q", text.name(), text.v, pattern)
		return out
	}
	for i := range out {
		v, err := strconv.ParseFloat(m[i+1], 64)
		if err != nil {
			c.fail("%s: %v", text.name(), err)
		}
		out[i] = v
	}
	return out
}

// sorted returns numbers in ascending order.
func sorted(a []float64) []float64 {
	out := slices.Clone(a)
	slices.Sort(out)
	return out
}
