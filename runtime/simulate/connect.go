package simulate

import (
	"fmt"
	"slices"
	"strings"

	"spikec/models/equation"
	"spikec/models/network"
	"spikec/runtime/simulate/describe"
)

// pairs returns the pairs that are connected and, from a file, their weights.
func (b *builder) pairs(c describe.Connect, from, to *group) (pairs []network.Pair, weights []float64, ok bool) {
	here := at(c.Line, c.Where)
	if c.Wrong {
		return nil, nil, false
	}
	p, static := 1.0, true
	if c.P.Given() {
		e := b.parse(c.P)
		d := b.dimensions(map[string]equation.Dimension{"i": {}, "j": {}, "N_pre": {}, "N_post": {}})
		if e == nil || !b.fits(c.P, e, d, "p", equation.Dimension{}) {
			return nil, nil, false
		}
		names := e.Names()
		if static = !slices.Contains(names, "i") && !slices.Contains(names, "j") && !slices.Contains(names, "N_pre") && !slices.Contains(names, "N_post"); static {
			if p, ok = b.number(c.P, "p", equation.Dimension{}); !ok {
				return nil, nil, false
			}
			if !(p >= 0 && p <= 1) {
				b.wrong(idRange, c.P, "a probability lies in [0, 1]", "a probability of %v", p)
				return nil, nil, false
			}
		}
	}
	if c.Form == "pairs" || c.Form == "file" {
		pairs, weights, ok = b.listed(c, here)
		if !ok {
			return nil, nil, false
		}
	} else {
		var err error
		switch {
		case c.Form == "one_to_one":
			if from.n != to.n {
				b.wrong(idConnection, here, "give both populations the same size, or use to: 'i % N_post'", "one_to_one between %d and %d neurons", from.n, to.n)
				return nil, nil, false
			}
			pairs, err = network.ConnectTo(from.n, to.n, "i")
		case c.Form == "to":
			pairs, err = network.ConnectTo(from.n, to.n, b.inlined(c.To))
		case c.Form == "range":
			pairs, err = network.ConnectRange(from.n, to.n, b.inlined(c.First), b.inlined(c.End), b.inlined(c.Condition))
		case c.Form == "small_world":
			if from != to {
				b.wrong(idConnection, here, "connect a population with itself", "a small world is a ring of one population")
				return nil, nil, false
			}
			pairs, err = network.SmallWorld(from.n, c.Neighbours, p, b.draws)
		case !static:
			pairs, err = network.ConnectBy(from.n, to.n, b.inlined(c.Condition), b.inlined(c.P), b.draws)
		case p < 1 && !c.Condition.Given():
			pairs, err = network.ConnectSparse(from.n, to.n, p, b.draws)
		default:
			pairs, err = network.Connect(from.n, to.n, b.inlined(c.Condition), p, b.draws)
		}
		if err != nil {
			b.wrong(idConnection, here, "", "%v", err)
			return nil, nil, false
		}
	}
	if c.Copies > 1 {
		if len(pairs) > network.MostSynapses/c.Copies {
			b.wrong(idConnection, here, "", "%d copies of %d synapses: at most %d in all", c.Copies, len(pairs), network.MostSynapses)
			return nil, nil, false
		}
		var all []network.Pair
		var w []float64
		for k, q := range pairs {
			all = append(all, slices.Repeat([]network.Pair{q}, c.Copies)...)
			if weights != nil {
				w = append(w, slices.Repeat(weights[k:k+1], c.Copies)...)
			}
		}
		pairs, weights = all, w
	}
	return pairs, weights, true
}

// inlined writes the numbers of parameters in the place of their names, for expressions of i and j. What is no expression stays as it is,
// for those who read it to refuse.
func (b *builder) inlined(t describe.Text) string {
	e, err := equation.Parse(t.Text)
	if err != nil {
		return t.Text
	}
	text := t.Text
	for _, p := range b.d.Parameters {
		if slices.Contains(e.Names(), p.Name) {
			text = replaceName(text, p.Name, fmt.Sprintf("(%v)", b.values[p.Name]))
		}
	}
	return text
}

// replaceName puts a text in the place of a name, where that is a word of its own.
func replaceName(text, name, by string) string {
	var out strings.Builder
	word := func(i int) bool {
		return i >= 0 && i < len(text) && (text[i] == '_' || text[i] >= '0' && text[i] <= '9' || text[i] >= 'a' && text[i] <= 'z' || text[i] >= 'A' && text[i] <= 'Z')
	}
	for i := 0; i < len(text); i++ {
		if strings.HasPrefix(text[i:], name) && !word(i-1) && !word(i+len(name)) {
			out.WriteString(by)
			i += len(name) - 1
			continue
		}
		out.WriteByte(text[i])
	}
	return out.String()
}
