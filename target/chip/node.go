package chip

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"spikec/internal/diag"
)

// The largest profile that is read: bytes, and keys and values.
const (
	maxFile  = 1 << 20
	maxNodes = 20_000
)

// parseNode reads one YAML document whose top is a mapping, remembers the file of each of its nodes and reports what
// profiles do not use. It returns nil where nothing can be made of the data.
func (p *problems) parseNode(name string, data []byte) *yaml.Node {
	p.files = append(p.files, name)
	if len(data) > maxFile {
		p.add(name, 0, diag.Diagnostic{ID: idFile, Message: fmt.Sprintf("file of %d bytes, want at most %d", len(data), maxFile)})
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the file is empty")
		}
		p.syntax(name, err)
		return nil
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		p.add(name, second.Line, diag.Diagnostic{ID: idFeature, Message: "a second YAML document, want one"})
	case !errors.Is(err, io.EOF):
		p.syntax(name, err)
	}
	if n := countNodes(&doc); n > maxNodes {
		p.add(name, 0, diag.Diagnostic{ID: idFile, Message: fmt.Sprintf("file of %d keys and values, want at most %d", n, maxNodes)})
		return nil
	}
	p.walk(name, &doc)
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		p.at(root, idType, "", "got %s, want a mapping of keys to values", describe(root))
		return nil
	}
	return root
}

// yamlLine finds the line number that the YAML reader puts into its messages.
var yamlLine = regexp.MustCompile(`^line (\d+): `)

// syntax reports an error of the YAML reader.
func (p *problems) syntax(name string, err error) {
	msg, line := strings.TrimPrefix(err.Error(), "yaml: "), 0
	if m := yamlLine.FindStringSubmatch(msg); m != nil {
		line, _ = strconv.Atoi(m[1])
		msg = msg[len(m[0]):]
	}
	p.add(name, line, diag.Diagnostic{ID: idSyntax, Message: "not YAML: " + msg})
}

// walk records the file of n and of everything below it, and reports aliases, anchors, tags, keys that are no plain
// words and keys that occur twice.
func (p *problems) walk(name string, n *yaml.Node) {
	p.origin[n] = name
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		p.at(n, idFeature, "", "anchors and aliases are not allowed: write the value out")
	}
	if n.Style&yaml.TaggedStyle != 0 {
		p.at(n, idFeature, "", "tag %s is not allowed", clip(n.Tag))
	}
	if n.Kind == yaml.MappingNode {
		first := map[string]int{}
		for i := 0; i < len(n.Content); i += 2 {
			k := n.Content[i]
			p.origin[k] = name
			if k.Kind != yaml.ScalarNode {
				p.at(k, idFeature, "", "a key must be a word")
				continue
			}
			if line, ok := first[k.Value]; ok {
				p.at(k, idDuplicate, clip(k.Value), "key is already on line %d", line)
				continue
			}
			first[k.Value] = k.Line
		}
	}
	for _, c := range n.Content {
		p.walk(name, c)
	}
}

// countNodes counts n and everything below it.
func countNodes(n *yaml.Node) int {
	sum := 1
	for _, c := range n.Content {
		sum += countNodes(c)
	}
	return sum
}

// child returns the key and the value of a mapping's entry, or nil.
func child(n *yaml.Node, key string) (k, v *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// find follows keys from n downwards and returns the value there, or nil.
func find(n *yaml.Node, path ...string) *yaml.Node {
	for _, key := range path {
		_, n = child(n, key)
	}
	return n
}

// isNull reports whether a node is the value null.
func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// scalarText returns the text of a node that is a word or a number: a scalar, neither null nor a truth value.
func scalarText(n *yaml.Node) (string, bool) {
	if n == nil || n.Kind != yaml.ScalarNode || isNull(n) || n.ShortTag() == "!!bool" {
		return "", false
	}
	return n.Value, true
}

// describe names a node in a message.
func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case isNull(n):
		return "null"
	default:
		return clip(n.Value)
	}
}

// clip shortens text from a file for a message and makes its control characters visible.
func clip(s string) string {
	const limit = 60
	q := strconv.Quote(s)
	q = q[1 : len(q)-1]
	if len(q) > limit {
		return q[:limit] + "…"
	}
	if q == "" {
		return `""`
	}
	return q
}
