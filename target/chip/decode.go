package chip

import (
	"bytes"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// decode turns a checked tree into a profile.
func decode(t *tree) (*Profile, error) {
	var p Profile
	if err := simplify(t.root).Decode(&p); err != nil {
		return nil, fmt.Errorf("chip: %w", err) // the schema allows what the types do not
	}
	p.Lineage = t.lineage
	p.normalise()
	return &p, nil
}

// simplify copies a tree, joins lists of names in micro-operations with commas, and leaves out constants that are
// null.
func simplify(root *yaml.Node) *yaml.Node {
	c := clone(root)
	eachOperation(find(c, "program"), func(op string, n *yaml.Node) {
		for i, p := range operations[op] {
			v := find(n, operations[op][i].key)
			if v == nil || v.Kind != yaml.SequenceNode || p.shape == asOperations {
				continue
			}
			joined := strings.Join(texts(v), ", ")
			*v = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: joined}
		}
	})
	if constants := find(c, "registers", "constants"); constants != nil {
		var kept []*yaml.Node
		for i := 0; i+1 < len(constants.Content); i += 2 {
			if !isNull(constants.Content[i+1]) {
				kept = append(kept, constants.Content[i], constants.Content[i+1])
			}
		}
		constants.Content = kept
	}
	return c
}

// clone copies a tree of nodes.
func clone(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = nil
	for _, x := range n.Content {
		c.Content = append(c.Content, clone(x))
	}
	return &c
}

// normalise gives every value one form: figures that are numbers are float64, empty lists and maps are nil.
func (p *Profile) normalise() {
	for _, c := range p.Cost {
		if c == nil {
			continue
		}
		c.Value = plain(c.Value)
		for i := range c.Others {
			c.Others[i].Value = plain(c.Others[i].Value)
		}
		if len(c.Others) == 0 {
			c.Others = nil
		}
	}
	if len(p.Cost) == 0 {
		p.Cost = nil
	}
	if len(p.Registers.Constants) == 0 {
		p.Registers.Constants = nil
	}
	for _, l := range []*[]string{&p.Lineage, &p.Config.Formats, &p.Config.Order, &p.Constraints} {
		if len(*l) == 0 {
			*l = nil
		}
	}
	lists := []*[]int{&p.Capacity.NeuronMemory, &p.Capacity.KernelMemory, &p.Capacity.BiasMemory}
	if c := p.Layers.Conv; c != nil {
		lists = append(lists, &c.Stride, &c.InputMax, &c.OutputMax)
	}
	if c := p.Layers.Pool; c != nil {
		lists = append(lists, &c.Sizes)
	}
	for _, l := range lists {
		if len(*l) == 0 {
			*l = nil
		}
	}
}

// YAML returns the profile as a file of its own: inheritance resolved, no comments. Parse returns an equal profile.
func (p *Profile) YAML() ([]byte, error) {
	var root yaml.Node
	if err := root.Encode(p); err != nil {
		return nil, fmt.Errorf("chip: profile %s: %w", p.ID, err)
	}
	if bias := find(&root, "registers", "bias"); bias.Value == "" {
		*bias = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(&root); err != nil {
		return nil, fmt.Errorf("chip: profile %s: %w", p.ID, err)
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("chip: profile %s: %w", p.ID, err)
	}
	return b.Bytes(), nil
}

// plain gives numbers one type.
func plain(value any) any {
	switch v := value.(type) {
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case uint64:
		return float64(v)
	}
	return value
}
