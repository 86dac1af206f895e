package chip

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// events reports a program that does not fit how the chip executes: serial events are served by one for_each for each event
// and target, and nothing but what for_each does can depend on them.
func (l *loader) events(root *yaml.Node) {
	kind, _ := scalarText(find(root, "execution", "kind"))
	program := find(root, "program")
	if l.brokenProgram || program == nil {
		return
	}
	if depth := find(root, "execution", "queue", "depth"); kind == "event" && depth != nil {
		if n, ok := integerOf(depth); !ok || n < 1 {
			l.at(depth, idConflict, "execution.queue.depth", "got %s, want at least 1, because execution.kind is event", describe(depth))
		}
	}
	var served []string
	for _, n := range program.Content {
		op, _ := scalarText(find(n, "op"))
		if op != "for_each" {
			if kind == "event" || kind == "async" {
				l.at(n, idConflict, "program."+clip(op), "stands outside for_each, but execution.kind is %s", kind)
			}
			l.onlyServed(n, op)
			continue
		}
		if kind == "tick" {
			l.at(n, idConflict, "program.for_each", "serves events, but execution.kind is tick")
		}
		event, _ := scalarText(find(n, "event"))
		target, _ := scalarText(find(n, "target"))
		if key := event + " for " + target; slices.Contains(served, key) {
			l.at(n, idConflict, "program.for_each", "serves %s a second time", clip(key))
		} else {
			served = append(served, key)
		}
	}
}

// onlyServed reports what an emit outside for_each cannot do.
func (l *loader) onlyServed(n *yaml.Node, op string) {
	if op != "emit" {
		return
	}
	if also := find(n, "also"); also != nil && !isNull(also) {
		l.at(also, idConflict, "program.emit.also", "stands outside for_each")
	}
	to := find(n, "to")
	for _, e := range elements(to) {
		if text, _ := scalarText(e); slices.Contains(List(text), Queue) {
			l.at(to, idConflict, "program.emit.to", "names the queue outside for_each")
		}
	}
}
