package network

import (
	"errors"
	"fmt"
	"math"
	"slices"

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

// ConnectBy is Connect with a probability that is an expression of i and j, as one that falls with the distance. It draws one number for
// each pair that fulfils the condition.
func ConnectBy(n, m int, condition, probability string, draws Draws) ([]Pair, error) {
	if n < 0 || m < 0 || float64(n)*float64(m) > MostCandidates {
		return nil, fmt.Errorf("%d times %d pairs: at most %d", n, m, MostCandidates)
	}
	if draws == nil {
		return nil, errors.New("a probability needs random numbers")
	}
	i, j := &equation.Value{Data: []float64{0}}, map[string]*equation.Value{"j": {Data: numbers(0, m)}}
	test, err := pairProgram(condition, n, m, i, j)
	if err != nil {
		return nil, err
	}
	chance, err := pairProgram(probability, n, m, i, j)
	if err != nil {
		return nil, err
	}
	var pairs []Pair
	for s := range n {
		i.Data[0] = float64(s)
		allowed, p := test.Eval(m, nil), chance.Eval(m, nil)
		for t := range m {
			if allowed[t] != 0 && draws.Uniform() < p[t] {
				pairs = append(pairs, Pair{s, t})
			}
		}
	}
	return pairs, nil
}

// ConnectSparse returns each pair of n sources and m targets with the probability p, source by source and target by target. From one pair
// to the next it jumps by a number of the geometric distribution, ⌊ln(1 − x)/ln(1 − p)⌋ pairs that are left out, so that it draws one
// number for each pair that it returns, and one more.
func ConnectSparse(n, m int, p float64, draws Draws) ([]Pair, error) {
	switch expected := float64(n) * float64(m) * p; {
	case n < 0 || m < 0 || !(p >= 0 && p <= 1):
		return nil, fmt.Errorf("%d times %d pairs with the probability %v", n, m, p)
	case p == 1:
		return Connect(n, m, "", 1, nil)
	case draws == nil:
		return nil, errors.New("a probability needs random numbers")
	case expected > MostSynapses/2:
		return nil, fmt.Errorf("about %.0f synapses: at most %d", expected, MostSynapses/2)
	}
	pairs := make([]Pair, 0, int(1.01*float64(n)*float64(m)*p)+16)
	end, leaves := float64(n)*float64(m), math.Log1p(-p)
	for at := 0.0; p > 0; at++ {
		at += math.Floor(math.Log1p(-draws.Uniform()) / leaves)
		if at >= end {
			break
		}
		pairs = append(pairs, Pair{int(at) / m, int(at) % m})
	}
	return pairs, nil
}

// SmallWorld returns the connections of Watts and Strogatz (Nature 393, 1998), with directions: on a ring of n neurons each leads to the
// k/2 next ones on both sides, and each connection is led anew with the probability p, to a neuron that is drawn evenly from
// those that its source does not lead to yet, itself excluded. It draws one number a connection, and one for each target that it tries.
func SmallWorld(n, k int, p float64, draws Draws) ([]Pair, error) {
	if n < 1 || k < 0 || k%2 != 0 || k >= n || float64(n)*float64(k) > MostCandidates || !(p >= 0 && p <= 1) {
		return nil, fmt.Errorf("a ring of %d neurons with %d neighbours each and the probability %v: want an even number of neighbours, fewer than neurons", n, k, p)
	}
	if draws == nil {
		return nil, errors.New("a probability needs random numbers")
	}
	var pairs []Pair
	for s := range n {
		leads := map[int]bool{s: true}
		var targets []int
		for d := 1; d <= k/2; d++ {
			for _, t := range []int{(s + d) % n, (s - d + n) % n} {
				leads[t] = true
				targets = append(targets, t)
			}
		}
		for x, old := range targets {
			if draws.Uniform() >= p || len(leads) >= n {
				continue
			}
			t := old
			for leads[t] {
				t = int(draws.Uniform() * float64(n))
			}
			delete(leads, old)
			leads[t] = true
			targets[x] = t
		}
		slices.Sort(targets)
		for _, t := range targets {
			pairs = append(pairs, Pair{s, t})
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
	return compiled(text, s, nil)
}
