package convert

import (
	"context"
	"fmt"
	"slices"
	"time"

	"spikec/internal/diag"
	"spikec/models/ann"
)

// Pass is one step of a conversion.
type Pass struct {
	Name  string
	About string // what it does, one line
	// Optional passes may be disabled by the user.
	Optional bool
	run      func(ctx context.Context, s *State) error
}

// Passes is the conversion, in order.
var Passes = []Pass{
	{Name: "drop-softmax", About: "a final Softmax or ArgMax does not change the decision", run: dropSoftmax},
	{Name: "selections", About: "what reads selected, moved or reshaped elements reads the tensor they come from", run: selections},
	{Name: "normal-forms", About: "pooling, padding and bounds in one spelling", run: normalForms},
	{Name: "split-concat", About: "what reads joined branches reads each of them", run: splitConcat},
	{Name: "split-sums", About: "means and affine maps of a sum are those of its terms", run: splitSums},
	{Name: "fold-affine", About: "batch normalisation and other affine maps into the weights beside them", run: foldAffine},
	{Name: "join-pools", About: "an average pool after weights becomes part of them", run: joinPools},
	{Name: "compare-pools", About: "max pooling as comparisons by rectifiers", run: comparePools},
	{Name: "pool-neurons", About: "pools get neurons of their own, where the user wants that", run: poolNeurons},
	{Name: "snapshot", About: "teacher and student part here", run: snapshot},
	{Name: "input-border", About: "padding of the first layer becomes a border of codes around the picture", Optional: true, run: inputBorder},
	{Name: "input-scale", About: "preprocessing into the first layer: the chip sees codes", run: inputScale},
	{Name: "split-input", About: "signed data: codes for positive and for negative values", run: splitInput},
	{Name: "average-pooling", About: "linear subsampling in place of max pooling", run: averagePooling},
	{Name: "zero-bias", About: "every bias zero where the rules or the target want it", run: zeroBias},
	{Name: "refit", About: "ReLU-aware ridge re-fit of every layer, without labels", Optional: true, run: refit},
	{Name: "normalise", About: "scale factors, so that rates stay within one spike a step", run: normalise},
	{Name: "rate-refit", About: "the re-fit and scale factors once more, to what T steps of spikes deliver", Optional: true, run: rateRefit},
	{Name: "lower", About: "populations and projections", run: lower},
	{Name: "relays", About: "connections past other layers, where the windows of layers follow each other", run: relays},
}

// order is the constraints on Passes: first must come before then, because of why.
var order = []struct{ first, then, why string }{
	{"selections", "normal-forms", "padding stands directly in front of the Conv that reads it"},
	{"selections", "split-concat", "what is taken from joined branches is known"},
	{"selections", "fold-affine", "an affine map stands directly beside weights"},
	{"normal-forms", "split-concat", "padding is that of a Conv already"},
	{"split-concat", "fold-affine", "batch normalisation behind joined branches is folded into each of them"},
	{"split-concat", "split-sums", "weights that read joined branches are a sum"},
	{"normal-forms", "split-sums", "every mean is that of a pool"},
	{"split-sums", "fold-affine", "an affine map of a sum is folded into the weights of its terms"},
	{"split-sums", "join-pools", "a mean of a sum becomes part of the weights of its terms"},
	{"normal-forms", "fold-affine", "an affine map is folded through the spellings that normal-forms leaves"},
	{"normal-forms", "compare-pools", "a pool is compared behind its rectifier"},
	{"fold-affine", "compare-pools", "what reads the pool is a convolution with its batch normalisation in it"},
	{"compare-pools", "pool-neurons", "a pool that is compared is none any more"},
	{"join-pools", "pool-neurons", "a pool that becomes part of a convolution is none any more"},
	{"pool-neurons", "snapshot", "teacher and student share their nodes"},
	{"compare-pools", "snapshot", "comparing keeps the function, so teacher and student share its nodes"},
	{"fold-affine", "join-pools", "batch normalisation may stand between the weights and the pool"},
	{"join-pools", "snapshot", "joining keeps the function, so teacher and student share its nodes"},
	{"fold-affine", "snapshot", "folding keeps the function, so teacher and student share its nodes"},
	{"snapshot", "input-border", "the teacher takes the picture without a border"},
	{"fold-affine", "input-border", "a map behind the first layer is none of its input"},
	{"input-border", "input-scale", "what a code is worth is read from the preprocessing, which then disappears"},
	{"snapshot", "input-scale", "the teacher takes the network's own input, the student codes"},
	{"snapshot", "average-pooling", "the teacher keeps its max pooling: it is what the re-fit aims at"},
	{"fold-affine", "zero-bias", "folding creates biases"},
	{"input-scale", "zero-bias", "mean and standard deviation create a bias"},
	{"input-scale", "split-input", "preprocessing is that of values, not of their halves"},
	{"split-input", "refit", "the re-fit needs the final topology"},
	{"average-pooling", "refit", "the re-fit needs the final topology"},
	{"zero-bias", "refit", "the re-fit makes good what the missing biases did"},
	{"refit", "normalise", "rates are those of the re-fitted network"},
	{"normalise", "rate-refit", "layers that are not fitted keep the scale factors of normalise"},
	{"rate-refit", "lower", "what was fitted is lowered"},
	{"normalise", "lower", "weights are lowered in units of the scale factors"},
	{"lower", "relays", "relays are populations, and stand between populations"},
}

// CheckOrder returns an error that names the first violated constraint of a table of passes.
func CheckOrder(passes []Pass) error {
	at := func(name string) int { return slices.IndexFunc(passes, func(p Pass) bool { return p.Name == name }) }
	for _, c := range order {
		if at(c.first) < 0 || at(c.then) < 0 {
			return fmt.Errorf("convert: order of %q and %q: no such pass", c.first, c.then)
		}
		if at(c.first) > at(c.then) {
			return fmt.Errorf("convert: pass %q must come before %q: %s", c.first, c.then, c.why)
		}
	}
	return nil
}

// runPasses runs the table on s, checking what it is made of after every pass.
func runPasses(ctx context.Context, s *State) ([]PassTime, error) {
	var timing []PassTime
	for _, p := range Passes {
		if p.Optional && s.Options.Disable[p.Name] {
			continue
		}
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		begin := time.Now()
		if err := p.run(ctx, s); err != nil {
			return nil, err
		}
		if err := check(s); err != nil {
			return nil, fmt.Errorf("convert: after pass %s: %w", p.Name, err)
		}
		if f := (diag.List)(s.Diagnostics); f.HasErrors() {
			return nil, f.Err()
		}
		took := time.Since(begin)
		timing = append(timing, PassTime{Pass: p.Name, Duration: took})
		if s.Options.DumpAfter != nil {
			s.Options.DumpAfter(p.Name, took, s)
		}
		if s.Options.StopAfter == p.Name {
			break
		}
	}
	return timing, nil
}

// check verifies what every pass must leave: shapes that follow from the operations, teacher and student with the same nodes, and
// populations and projections whose sizes fit each other.
func check(s *State) error {
	for _, g := range []*ann.Graph{s.Teacher, s.Graph} {
		if g == nil {
			continue
		}
		for i, n := range g.Nodes[1:] {
			shape, err := n.Op.OutputShape(g.InputShapes(i + 1))
			if err != nil {
				return fmt.Errorf("node %q: %w", n.Name, err)
			}
			if !shape.Equal(n.Shape) {
				return fmt.Errorf("node %q: shape is %s, its operation gives %s", n.Name, n.Shape, shape)
			}
		}
	}
	if s.Graph != nil && len(s.Graph.Nodes) != len(s.Teacher.Nodes) {
		return fmt.Errorf("student has %d nodes, teacher %d", len(s.Graph.Nodes), len(s.Teacher.Nodes))
	}
	if s.Network != nil {
		return s.Network.Validate()
	}
	return nil
}

// rewrite rebuilds g: emit is called for every node but the input, with its inputs already mapped, and returns the
// index of the node in out that takes its place.
func rewrite(g *ann.Graph, emit func(out *ann.Graph, i int, n ann.Node, inputs []int) (int, error)) (*ann.Graph, error) {
	out := &ann.Graph{Name: g.Name, Nodes: []ann.Node{g.Nodes[0]}}
	to := make([]int, len(g.Nodes))
	for i, n := range g.Nodes {
		if i == 0 {
			continue
		}
		inputs := make([]int, len(n.Inputs))
		for k, in := range n.Inputs {
			inputs[k] = to[in]
		}
		j, err := emit(out, i, n, inputs)
		if err != nil {
			return nil, err
		}
		to[i] = j
	}
	out.Output = to[g.Output]
	return prune(out), nil
}

// rewriteAlone is rewrite, and notes in alone the nodes of out that one other node reads, and nothing else. What emit adds besides the
// node that it returns it notes itself.
func rewriteAlone(g *ann.Graph, alone map[int]bool, emit func(out *ann.Graph, n ann.Node, inputs []int) (int, error)) (*ann.Graph, error) {
	consumers := g.Consumers()
	return rewrite(g, func(out *ann.Graph, i int, n ann.Node, inputs []int) (int, error) {
		j, err := emit(out, n, inputs)
		alone[j] = len(consumers[i]) == 1
		return j, err
	})
}

// sum adds the operations, one a node, each called after the name and what it is of, and their sum, which bears the name.
func sum(out *ann.Graph, name, of string, ops []ann.Op, nodes []int) (int, error) {
	total := -1
	for k, op := range ops {
		i, err := out.Add(fmt.Sprintf("%s/%s%d", name, of, k), op, nodes[k])
		if err == nil && total >= 0 {
			as := name
			if k+1 < len(ops) {
				as = fmt.Sprintf("%s/sum%d", name, k)
			}
			i, err = out.Add(as, ann.Add{}, total, i)
		}
		if err != nil {
			return 0, err
		}
		total = i
	}
	return total, nil
}

// prune drops nodes that the output does not need.
func prune(g *ann.Graph) *ann.Graph {
	live := make([]bool, len(g.Nodes))
	live[0], live[g.Output] = true, true
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		if live[i] {
			for _, in := range g.Nodes[i].Inputs {
				live[in] = true
			}
		}
	}
	out := &ann.Graph{Name: g.Name}
	to := make([]int, len(g.Nodes))
	for i, n := range g.Nodes {
		if !live[i] {
			continue
		}
		inputs := make([]int, len(n.Inputs))
		for k, in := range n.Inputs {
			inputs[k] = to[in]
		}
		to[i] = len(out.Nodes)
		out.Nodes = append(out.Nodes, ann.Node{Name: n.Name, Op: n.Op, Inputs: inputs, Shape: n.Shape})
	}
	out.Output = to[g.Output]
	return out
}

// clone returns a graph whose nodes may be replaced one by one.
func clone(g *ann.Graph) *ann.Graph {
	c := *g
	c.Nodes = slices.Clone(g.Nodes)
	return &c
}
