package chip

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"spikec/quantize/fixedpoint"
)

// shape is what a parameter of a micro-operation looks like.
type shape int

const (
	asName       shape = iota // a variable or a weight memory
	asNames                   // one or more of them
	asExpr                    // an expression
	asExprs                   // one or more of them
	asCondition               // a condition
	asArith                   // an arithmetic
	asWord                    // one of param.words
	asOperations              // a list of micro-operations
)

// param is one parameter of a micro-operation.
type param struct {
	key      string
	shape    shape
	required bool
	words    []string
}

func need(key string, s shape, words ...string) param  { return param{key, s, true, words} }
func maybe(key string, s shape, words ...string) param { return param{key, s, false, words} }

// The words of parameters that several operations share.
var (
	comparisons = []string{"ge", "gt", "lt", "le"}
	roundings   = []string{"floor", "toward_zero", "rne", "half_away"}
	orders      = []string{"none", "ascending_source", "arrival"}
	resetWords  = []string{"subtract", "zero", "value", "cfg"}
)

// operations is the closed vocabulary of programs. Where a parameter is described: profiles/README.md.
var operations = map[string][]param{
	"for_each": {need("event", asWord, EventPre, EventTimeRef, EventVirtual, EventVirtualLeak, "input"),
		need("target", asWord, TargetAll, TargetOne, TargetReach), need("serve", asWord, ServeQueued, ServeAtOnce),
		maybe("upto", asExpr), maybe("announce", asCondition), need("do", asOperations)},
	"integrate": {need("from", asNames), need("into", asName), need("order", asWord, orders...),
		maybe("shift", asExprs), maybe("combine", asArith), need("arith", asArith)},
	"shift":       {need("var", asName), need("by", asExpr), need("round", asWord, roundings...)},
	"decay":       {need("var", asName), need("mul", asExpr), need("shift", asExpr), need("round", asWord, roundings...), need("arith", asArith)},
	"add":         {need("var", asName), need("term", asExpr), need("arith", asArith)},
	"leak":        {need("var", asName), need("by", asExpr), need("toward", asWord, "zero", "floor")},
	"clamp":       {need("var", asName), maybe("min", asExpr), maybe("max", asExpr)},
	"hold":        {need("var", asName), need("value", asExpr), need("while", asCondition)},
	"rest":        {need("var", asWord, "ref"), need("by", asExpr)},
	"fire":        {need("var", asName), need("compare", asWord, comparisons...), need("against", asExpr), maybe("also", asCondition)},
	"reset":       {need("mode", asWord, resetWords...), maybe("value", asExpr), maybe("to", asExpr), maybe("arith", asArith)},
	"lower_fire":  {maybe("var", asName), need("compare", asWord, comparisons...), need("against", asExpr), maybe("also", asCondition)},
	"lower_reset": {need("mode", asWord, resetWords...), maybe("value", asExpr), maybe("to", asExpr), maybe("arith", asArith)},
	"count":       {need("var", asName), need("arith", asArith)},
	"emit":        {need("to", asNames), maybe("lower", asWord, "negative"), maybe("also", asCondition)},
	"clear":       {need("var", asName)},
}

// stageParam is a parameter of every operation: the stage of the window in which a core does it; without it, in both.
var stageParam = maybe("stage", asWord, StageIntegrate, StageFire)

// The stages of a window that has two.
const (
	StageIntegrate = "integrate"
	StageFire      = "fire"
)

// The events of for_each, by what a neuron gets.
const (
	EventPre         = "pre"          // the weight of its synapse from one source
	EventTimeRef     = "tref"         // time passes
	EventVirtual     = "virtual"      // a weight that the event brings
	EventVirtualLeak = "virtual_leak" // time passes, as the event says
)

// The targets of for_each, and how an event is served.
const (
	TargetAll   = "all"     // all neurons
	TargetOne   = "one"     // the one that the event names
	TargetReach = "window"  // those under the kernel of the event's axon, whatever their weights are
	ServeQueued = "queued"  // behind the events that wait already
	ServeAtOnce = "at_once" // before them
)

// Queue is the target of emit that is the chip's own queue of events.
const Queue = "queue"

// List takes apart a parameter of a MicroOp that may hold several names or expressions.
func List(s string) []string {
	if s == "" {
		return nil
	}
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// AnyMemory is what integrate takes from where a core has one synapse memory: the blocks of synapses without a name.
const AnyMemory = "w"

// Memories returns the names of the synapse memories that the program tells apart, in the order in which it takes from them;
// none where integrate takes from AnyMemory only.
func (p *Profile) Memories() []string {
	var names []string
	var look func(ops []MicroOp)
	look = func(ops []MicroOp) {
		for _, m := range ops {
			for _, name := range List(m.From) {
				if name != AnyMemory && isName(name) && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
			look(m.Do)
		}
	}
	look(p.Program)
	return names
}

// program reports wrong micro-operations of a list.
func (l *loader) program(n *yaml.Node, path string) {
	if len(n.Content) == 0 {
		l.at(n, idProgram, path, "the program is empty")
	}
	for i, op := range n.Content {
		l.operation(op, fmt.Sprintf("%s[%d]", path, i), strings.Contains(path, ".do"))
	}
}

// operation reports what is wrong with one micro-operation.
func (l *loader) operation(n *yaml.Node, path string, inside bool) {
	if n.Kind != yaml.MappingNode {
		l.at(n, idProgram, path, "got %s, want a mapping with the key op", describe(n))
		return
	}
	op, ok := scalarText(find(n, "op"))
	if !ok {
		l.at(n, idProgram, path, "op: missing")
		return
	}
	params, ok := operations[op]
	if !ok {
		l.at(find(n, "op"), idProgram, path, "unknown operation %s%s", clip(op), suggestion(op, operationNames()))
		return
	}
	if inside && op == "for_each" {
		l.at(n, idProgram, path, "for_each inside for_each")
		return
	}
	path += "." + op
	params = append(slices.Clone(params), stageParam)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if at := slices.IndexFunc(params, func(p param) bool { return p.key == k.Value }); at >= 0 {
			l.parameter(v, join(path, k.Value), params[at])
		} else if k.Value != "op" {
			l.at(k, idProgram, path, "unknown parameter %s%s", clip(k.Value), suggestion(k.Value, paramNames(params)))
		}
	}
	for _, p := range params {
		if v := find(n, p.key); p.required && (v == nil || isNull(v)) {
			l.at(n, idProgram, join(path, p.key), "missing")
		}
	}
	l.dependent(n, path, op)
}

// dependent reports parameters that an operation needs because of the others.
func (l *loader) dependent(n *yaml.Node, path, op string) {
	has := func(key string) bool { v := find(n, key); return v != nil && !isNull(v) }
	mode, _ := scalarText(find(n, "mode"))
	switch {
	case op == "clamp" && !has("min") && !has("max"):
		l.at(n, idProgram, path, "needs min or max")
	case (op == "reset" || op == "lower_reset") && mode != "zero" && mode != "":
		for _, key := range []string{"value", "arith"} {
			if !has(key) {
				l.at(n, idProgram, join(path, key), "missing; every mode but zero needs it")
			}
		}
	}
}

// operationNames returns the vocabulary, sorted.
func operationNames() []string {
	var names []string
	for op := range operations {
		names = append(names, op)
	}
	slices.Sort(names)
	return names
}

// paramNames returns the keys of an operation.
func paramNames(params []param) []string {
	var names []string
	for _, p := range params {
		names = append(names, p.key)
	}
	return names
}

// parameter reports what is wrong with one parameter.
func (l *loader) parameter(n *yaml.Node, path string, p param) {
	if n.Kind == yaml.AliasNode || isNull(n) {
		return
	}
	if p.shape == asOperations {
		l.value(n, path, &rule{kind: kindProgram})
		return
	}
	if n.Kind == yaml.SequenceNode && (p.shape == asNames || p.shape == asExprs) {
		if len(n.Content) == 0 {
			l.at(n, idProgram, path, "the list is empty")
		}
		for i, c := range n.Content {
			if s, ok := scalarText(c); ok && strings.Contains(s, ",") {
				l.at(c, idProgram, path, "got %s, want no comma in a list", clip(s))
				continue
			}
			l.parameter(c, fmt.Sprintf("%s[%d]", path, i), param{shape: p.shape})
		}
		return
	}
	s, ok := scalarText(n)
	if !ok {
		l.at(n, idProgram, path, "got %s, want a word or an expression", describe(n))
		return
	}
	l.scalarParameter(n, path, s, p)
}

// scalarParameter reports what is wrong with the text of a parameter.
func (l *loader) scalarParameter(n *yaml.Node, path, s string, p param) {
	switch p.shape {
	case asWord:
		if !slices.Contains(p.words, s) {
			l.at(n, idWord, path, "got %s, want %s%s", clip(s), strings.Join(p.words, ", "), suggestion(s, p.words))
		}
	case asName:
		if !isName(s) {
			l.at(n, idProgram, path, "got %s, want a name", describe(n))
		}
	case asNames:
		for _, part := range List(s) {
			if !isName(part) {
				l.at(n, idProgram, path, "got %s, want a name, or several with commas between them", describe(n))
			}
		}
	case asArith:
		if _, err := fixedpoint.ParseArith(s); err != nil {
			l.at(n, idArith, path, "%v", cause(err))
		}
	case asCondition:
		if _, err := ParseCondition(s); err != nil {
			l.at(n, idExpr, path, "%v", err)
		}
	case asExpr:
		if _, err := ParseExpr(s); err != nil {
			l.at(n, idExpr, path, "%v", err)
		}
	case asExprs:
		for _, part := range List(s) {
			if _, err := ParseExpr(part); err != nil {
				l.at(n, idExpr, path, "%v", err)
			}
		}
	}
}

// cause takes the package's name off a message that already names its place.
func cause(err error) error { return errors.New(strings.TrimPrefix(err.Error(), "fixedpoint: ")) }
