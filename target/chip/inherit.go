package chip

import (
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// tree is a profile after inheritance, before it is checked.
type tree struct {
	root    *yaml.Node
	lineage []string
}

// notInherited are the keys that a profile never takes from its parent.
var notInherited = []string{"schema", "id", "name", "proof", "inherits", "lineage"}

// parse reads a file and merges it with its ancestors. It returns nil where the file or an ancestor cannot be read.
func (l *loader) parse(s source) *tree {
	root := l.parseNode(s.name, s.data)
	if root == nil {
		return nil
	}
	key, parent := child(root, "inherits")
	if key == nil || isNull(parent) {
		return &tree{root: root, lineage: texts(find(root, "lineage"))}
	}
	if k, _ := child(root, "lineage"); k != nil {
		l.at(k, idConflict, "lineage", "is written by spikec into profiles whose inheritance is resolved; a profile that inherits has none")
	}
	l.chain = append(l.chain, s.key)
	up := l.parent(s, parent)
	if up == nil {
		return nil
	}
	merged := l.merge(up.without(), root)
	id, _ := scalarText(find(up.root, "id"))
	return &tree{root: merged, lineage: append([]string{id}, up.lineage...)}
}

// parent reads what inherits names: an embedded ID, or a file beside the profile if it ends in .yaml or .yml.
func (l *loader) parent(s source, n *yaml.Node) *tree {
	name, ok := scalarText(n)
	if !ok {
		l.at(n, idType, "inherits", "got %s, want the ID of a profile or the name of a file", describe(n))
		return nil
	}
	key := "embedded " + name
	path := filepath.Join(s.folder, name)
	if isPath(name) {
		if s.folder == "" {
			l.at(n, idParent, "inherits", "%s: this profile has no folder, so that it can inherit from an ID only", clip(name))
			return nil
		}
		if strings.ContainsAny(name, `/\`) {
			l.at(n, idParent, "inherits", "%s: want the name of a file in the same folder", clip(name))
			return nil
		}
		key = "file " + filepath.Clean(path)
	}
	if slices.Contains(l.chain, key) {
		l.at(n, idCycle, "inherits", "%s inherits from this profile", clip(name))
		return nil
	}
	if isPath(name) {
		return l.file(path)
	}
	return l.embedded(name, n)
}

// without returns the parent's root without the keys that are not inherited.
func (t *tree) without() *yaml.Node {
	n := *t.root
	n.Content = nil
	for i := 0; i+1 < len(t.root.Content); i += 2 {
		if !slices.Contains(notInherited, t.root.Content[i].Value) {
			n.Content = append(n.Content, t.root.Content[i], t.root.Content[i+1])
		}
	}
	return &n
}

// merge lays the child's mapping over the parent's: mappings merge key by key, everything else is replaced. Nodes keep
// their own file and line.
func (l *loader) merge(parent, over *yaml.Node) *yaml.Node {
	n := *over
	n.Content = nil
	l.origin[&n] = l.origin[over]
	for i := 0; i+1 < len(parent.Content); i += 2 {
		k, v := parent.Content[i], parent.Content[i+1]
		ck, cv := child(over, k.Value)
		switch {
		case ck == nil:
		case v.Kind == yaml.MappingNode && cv.Kind == yaml.MappingNode:
			k, v = ck, l.merge(v, cv)
		default:
			k, v = ck, cv
		}
		n.Content = append(n.Content, k, v)
	}
	for i := 0; i+1 < len(over.Content); i += 2 {
		if k, _ := child(parent, over.Content[i].Value); k == nil {
			n.Content = append(n.Content, over.Content[i], over.Content[i+1])
		}
	}
	return &n
}

// texts returns the words of a list; whatever is no list of words is left to the schema.
func texts(n *yaml.Node) []string {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	var s []string
	for _, c := range n.Content {
		s = append(s, c.Value)
	}
	return s
}
