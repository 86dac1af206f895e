package simulate

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// TestEquationsOfRule: the bundled rule stdp, and the same by equations of synapses, give the same weights.
func TestEquationsOfRule(t *testing.T) {
	text := `simulate:
  dt: 1*ms
  duration: 2000*ms
  populations:
    In: {n: 20, poisson: {rate: 30*Hz}}
    Out: {n: 2, model: lif}
  synapses:
    S:
      from: In
      to: Out
      weight: 0.5
      RULE
  monitors: {w: {weights: S, record: all}}
`
	rule := simulated(t, strings.Replace(text, "RULE", "on_pre: V_post += w*10*mV\n      plasticity: {rule: stdp}", 1))
	equations := simulated(t, strings.Replace(text, "RULE", `equations: |
        dx/dt = -x/(20*ms) : 1 (event-driven)
        dz/dt = -z/(20*ms) : 1 (event-driven)
      on_pre: |
        V_post += w*10*mV
        x += 0.01
        w = clip(w + z, 0, 1)
      on_post: |
        z -= 0.0105
        w = clip(w + x, 0, 1)`, 1))
	changed := 0
	for k := range 40 {
		got, want := column(t, equations, "w", k+1), column(t, rule, "w", k+1)
		a, b := got[len(got)-1], want[len(want)-1]
		if math.Abs(a-b) > 1e-9 {
			t.Errorf("weight %d: %v by equations, %v by the rule", k, a, b)
		}
		if math.Abs(b-0.5) > 1e-3 {
			changed++
		}
	}
	if changed < 20 {
		t.Errorf("%d weights changed", changed)
	}
}

// TestVariants: links, events and own steps of a description act on each other as they should.
func TestVariants(t *testing.T) {
	o := simulated(t, `simulate:
  dt: 0.1*ms
  duration: 20*ms
  populations:
    Slow:
      n: 2
      dt: 1*ms
      equations: |
        dx/dt = (1 + i)/ms : 1
        steps : 1
      every: {1*ms: steps += 1}
      method: euler
    Fast:
      n: 3
      linked: {x: 'Slow.x[1 - i % 2]'}
      equations: |
        seen = 2*x : 1
        count : 1
      events: {high: {when: seen > 20 and count == 0, do: count = 1}}
    Target: {n: 3, equations: 'got : 1'}
    Spiker: {equations: 'v : 1', threshold: t > 4.95*ms and v == 0, reset: v = 1}
  synapses:
    S: {from: Fast.high, to: Target, connect: one_to_one, on_pre: got_post += 1}
    T: {from: Fast, to: Spiker, variables: {late: 0}, on_post: late = t/ms, delay_post: (1 + i)*ms, connect: all}
  monitors:
    e: {spikes: Fast.high}
    x: {state: Slow.x, every: 1*ms}
    seen: {state: Fast.seen, every: 1*ms}
    late: {state: T.late, every: 1*ms}
    got: {state: Target.got, every: 1*ms}
`)
	last := func(name string, k int) float64 {
		v := column(t, o, name, k+1)
		return v[len(v)-1]
	}
	if a, b := last("x", 0), last("x", 1); a != 19 || b != 38 {
		t.Errorf("x is %v and %v", a, b)
	}
	if a, b, c := last("seen", 0), last("seen", 1), last("seen", 2); a != 76 || b != 38 || c != 76 {
		t.Errorf("seen is %v, %v and %v", a, b, c)
	}
	for k := range 3 {
		if last("got", k) != 1 {
			t.Errorf("the target %d got %v", k, last("got", k))
		}
	}
	for k := range 3 {
		if v := last("late", k); math.Abs(v-float64(6+k)) > 1e-9 {
			t.Errorf("the target's spike at 5 ms came back to synapse %d at %v ms", k, v)
		}
	}
	if who := column(t, o, "e", 1); !slices.Equal(who, []float64{0, 2, 1}) {
		t.Errorf("events of %v", who)
	}
}
