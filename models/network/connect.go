package network

import (
	"errors"
	"fmt"
	"math"

	"spikec/models/equation"
)

// MostCandidates bounds how many pairs a condition is asked for.
const MostCandidates = 1 << 26

// Connect returns the pairs of n sources and m targets that fulfil a condition on i and j ("": all), each with a probability p, source by
// source and in each target by target. For p < 1 it draws one number for each pair that fulfils the condition.
func Connect(n, m int, condition string, p float64, draws Draws) ([]Pair, error) {
	if n < 0 || m < 0 || float64(n)*float64(m) > MostCandidates {
		return nil, fmt.Errorf("%d times %d pairs: at most %d", n, m, MostCandidates)
	}
	if p < 1 && draws == nil {
		return nil, errors.New("a probability needs random numbers")
	}
	i, j := &equation.Value{Data: []float64{0}}, &equation.Value{Data: numbers(0, m)}
	test, err := pairProgram(condition, n, m, i, map[string]*equation.Value{"j": j})
	if err != nil {
		return nil, err
	}
	var pairs []Pair
	for s := range n {
		i.Data[0] = float64(s)
		for t, v := range test.Eval(m, nil) {
			if v != 0 && (p >= 1 || draws.Uniform() < p) {
				pairs = append(pairs, Pair{s, t})
			}
		}
	}
	return pairs, nil
}

// ConnectTo returns one pair a source, whose target is an expression of i. Targets that do not exist are left out.
func ConnectTo(n, m int, target string) ([]Pair, error) {
	return ConnectRange(n, m, target, "("+target+")+1", "")
}

// ConnectRange returns for each source the targets k from first up to but without end, both expressions of i, that fulfil a condition on
// i and k ("": all). Targets that do not exist are left out.
func ConnectRange(n, m int, first, end, condition string) ([]Pair, error) {
	if n < 0 || m < 0 || float64(n)*float64(m) > MostCandidates {
		return nil, fmt.Errorf("%d times %d pairs: at most %d", n, m, MostCandidates)
	}
	i, k := &equation.Value{Data: []float64{0}}, &equation.Value{Data: numbers(0, m)}
	var programs [3]*equation.Program
	for x, text := range []string{first, end, condition} {
		var err error
		if programs[x], err = pairProgram(text, n, m, i, map[string]*equation.Value{"k": k}); err != nil {
			return nil, err
		}
	}
	var pairs []Pair
	for s := range n {
		i.Data[0] = float64(s)
		lo, hi := programs[0].Eval(1, nil)[0], programs[1].Eval(1, nil)[0]
		allowed := programs[2].Eval(m, nil)
		for t := int(math.Max(0, math.Min(lo, float64(m)))); t < m && float64(t) < hi; t++ {
			if allowed[t] != 0 {
				pairs = append(pairs, Pair{s, t})
			}
		}
	}
	return pairs, nil
}

// numbers returns lo … hi−1.
func numbers(lo, hi int) []float64 {
	out := make([]float64, max(0, hi-lo))
	for k := range out {
		out[k] = float64(lo + k)
	}
	return out
}

// pairProgram compiles an expression of i and others; "" is 1.
func pairProgram(text string, n, m int, i *equation.Value, others map[string]*equation.Value) (*equation.Program, error) {
	if text == "" {
		text = "1"
	}
	s := &equation.Scope{Values: map[string]*equation.Value{"i": i, "N_pre": {Data: []float64{float64(n)}}, "N_post": {Data: []float64{float64(m)}}}}
	for name, v := range others {
		s.Values[name] = v
	}
	return compiled(text, s)
}
