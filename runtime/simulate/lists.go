package simulate

import (
	"math"
	"slices"
	"strings"

	"spikec/models/equation"
	"spikec/runtime/simulate/describe"
)

// mostValues bounds how many values a list makes.
const mostValues = 1 << 20

// numbers returns the values of a list, in which linspace(a, b, n) stands for n values from a to b, and arange(a, b, step) for those
// from a up to but without b. All have one dimension.
func (b *builder) numbers(list []describe.Text) (values []float64, dim equation.Dimension, ok bool) {
	ok = true
	known := false
	for _, t := range list {
		parts := []describe.Text{t}
		name, inside, call := strings.Cut(t.Text, "(")
		call = call && (name == "linspace" || name == "arange") && strings.HasSuffix(inside, ")")
		if call {
			parts = nil
			for _, p := range splitArguments(strings.TrimSuffix(inside, ")")) {
				parts = append(parts, describe.Text{Text: p, Line: t.Line, Where: t.Where})
			}
			if len(parts) != 3 {
				b.wrong(idEquation, t, "write linspace(first, last, count) or arange(first, end, step)", "%s takes 3 arguments, not %d", name, len(parts))
				return nil, dim, false
			}
		}
		var v []float64
		for i, p := range parts {
			e := b.parse(p)
			if e == nil {
				ok = false
				continue
			}
			x, d, fine := b.constant(p, e)
			zero := e.Fits(&equation.Dimensions{Names: b.names}, "", equation.Noise) == nil // the number 0, which has every unit
			counts := call && name == "linspace" && i == 2
			switch {
			case !fine:
				ok = false
			case counts || zero:
			case !known:
				dim, known = d, true
			case d != dim:
				b.wrong(idUnit, t, "give all values of a list the same unit", "%s has %s, and others of the list %s", p.Text, d.Unit(), dim.Unit())
				ok = false
			}
			v = append(v, x)
		}
		if !ok {
			continue
		}
		if call {
			if v = expand(name, v[0], v[1], v[2]); v == nil {
				b.wrong(idSize, t, "", "%s makes no list, or one of more than %d values", t.Text, mostValues)
				ok = false
			}
		}
		if values = append(values, v...); len(values) > mostValues {
			b.wrong(idSize, t, "", "a list of more than %d values", mostValues)
			return nil, dim, false
		}
	}
	return values, dim, ok
}

// splitArguments cuts a list at its commas that stand in no parentheses.
func splitArguments(text string) []string {
	var parts []string
	depth, start := 0, 0
	for i, c := range text {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			parts = append(parts, strings.TrimSpace(text[start:i]))
			start = i + 1
		}
	}
	return append(parts, strings.TrimSpace(text[start:]))
}

// expand makes the values of linspace and arange; nil where there are none or too many.
func expand(name string, first, last, third float64) []float64 {
	count := third
	if name == "arange" {
		count = math.Ceil((last - first) / third * (1 - 1e-12))
	}
	if !(count >= 1 && count <= mostValues) {
		return nil
	}
	out := make([]float64, int(count))
	for k := range out {
		switch {
		case name == "arange":
			out[k] = first + float64(float64(k)*third)
		case k == len(out)-1 && k > 0:
			out[k] = last
		case k > 0:
			out[k] = first + (last-first)*float64(k)/float64(len(out)-1)
		default:
			out[k] = first
		}
	}
	return out
}

// of is numbers of one dimension that is known.
func (b *builder) of(list []describe.Text, what string, want equation.Dimension) ([]float64, bool) {
	values, dim, ok := b.numbers(list)
	if ok && dim != want && slices.ContainsFunc(values, func(v float64) bool { return v != 0 }) {
		b.wrong(idUnit, list[0], fitting(want), "%s has %s, want %s", what, dim.Unit(), want.Unit())
		return nil, false
	}
	return values, ok
}
