package simulate

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/golden"
	"spikec/runtime/simulate/describe"
)

// refused are descriptions with mistakes, by what is wrong with them. What is said about them is in testdata/refused.txt.
var refused = []struct{ about, text string }{
	{"form", `simulate:
  duration: 10*ms
  dt: [1, 2]
  engin: steps
  populations:
    G: {n: 0, model: liff}
    H: {equations: 'dv/dt = -v/(10*ms) : 1', modell: lif}
    2x: {model: lif}
    I: {}
    J: {model: lif, equations: 'v : 1'}
    K: {model: lif, input: {I: {step: {until: 3*ms}}}}
    L: {model: lif, threshold: V > 1, crossing: V > 2}
  synapses:
    S: {from: H}
    T: {from: H, to: H, weight: 1, connect: {p: 0.5, pairs: [[0, 0]]}}
  monitors:
    m: {spike: H}
    n: {spikes: H, rate: H}
  plots:
    - {raster: m, colour: red}
    - {trace: n, bins: 3}
`},
	{"nothing", ``},
	{"no YAML", "simulate: [\n"},
	{"missing", "simulate: {dt: 1*ms}\n"},
	{"units and names", `simulate:
  duration: 10*ms
  dt: 1*mV
  parameters: {tau: 10*ms, mV: 3, E: 1*mV + 1*ms}
  populations:
    A:
      equations: |
        # the time constant is forgotten
        dv/dt = (1 - v) : 1
        dw/dt = -w/taux : 1
        I : bananas
        dx/dt = 3 : 1 (sometimes)
        nonsense
      threshold: v > 1*mV
      reset: |
        v = 0
        w += 1*mV
        u = 0
      refractory: 5*mV
      init: {v: 1*ms, q: 1}
    B:
      equations: |
        dv/dt = -v**2/tau : 1
        dw/dt = -w/tau + xi*tau**-0.5 : 1
      method: exact
    C: {model: lif, parameters: {V_rest: -70, tau_n: 3*ms}, input: {J: 1*nA, I: 3*mV}}
    D: {model: izhikevich, regime: XX}
    E: {model: lif, init: {V: -80*mV}, parameters: {t_ref: 3*ms}, threshold: V > -50}
    F: {equations: 'dv/dt = exp(v)/tau + q : 1'}
    P: {poisson: {rate: 3*ms}}
`},
	{"wiring", `simulate:
  duration: 10*ms
  populations:
    A: {n: 3, model: lif}
    P: {n: 2, poisson: {rate: 20*Hz}}
    Q: {n: 2, spikes: {times: [1*ms, -1*ms]}}
    R: {n: 2, spikes: {times: [1*ms], indices: [0, 1]}}
    T: {poisson: {rate: 20000*Hz}}
  synapses:
    S: {from: A, to: A, weight: 1*mV, delay: (1 - i)*ms}
    U: {from: A, to: B, weight: 1*mV}
    V: {from: A, to: P, weight: 1*mV, connect: one_to_one}
    W: {from: A, to: A, weight: 1*nA}
    X: {from: A, to: A, weight: 1*mV, onto: W}
    Y: {from: A, to: A, weight: 1*mV, connect: {pairs: [[0, 3]]}}
    Z: {from: A, to: A, weight: 1*mV, connect: {p: 1.5}}
    a: {from: A, to: A, weight: 1*mV, plasticity: {rule: stdp, A_plu: 1}}
    b: {from: A, to: A, weight: 1*nA, kind: exponential}
    c: {from: A, to: A, on_pre: 'V_post += v_pre'}
    d: {from: A, to: A, weight: 1*mV, connect: {file: none.csv}}
    e: {from: A, to: A, weight: 1*mV, short_term: {U: 2}}
    f: {from: A, to: A, weight: 1*mV, plasticity: {rule: stdp}}
  monitors:
    m: {state: A.U}
    n: {spikes: AA}
    o: {state: A.V, record: [0, 5]}
    p: {weights: SS}
    q: {state: A.V, every: 0.01*ms}
  plots:
    - {raster: nn}
    - {fI: n}
    - {phase: [m]}
    - {graph: S}
    - {window: S}
  sweep: {I0: [1, 2]}
  stimuli: [[0*ms, A, 0, 1*mV]]
`},
	{"notation", `simulate:
  dt: 0.1ms
  duration: 100 ms
  parameters: {taum: 20*ms, tau: 10*msec, E: 1*mV +}
  timed: {drive: {values: [1, 2]}}
  populations:
    P:
      equations: |
        dv/dt = (g + gi - (v - El))/taux + drive(t) + E : volt
        dg/dt == -g/tau : volt
      threshold: v > Vt
      reset: v = Vr*x(3)
    Q: {n: 2.5, model: lif}
  synapses:
    C: {from: P, to: P, connect: {p: 0.1}, on_pre: v += we}
    D: {from: Q, to: Q, connect: {p: often}, weight: 1*mV, delay: 1}
    E: {from: P, to: P, connect: some, weight: exp(1), delay: soon}
  monitors: {m: {state: P.g}, n: {spikes: Q, record: [0, 7]}}
`},
	{"variants", `simulate:
  duration: 10*ms
  generator: mt
  populations:
    A: {n: 3, model: lif, dt: 0.15*ms}
`},
	{"variants in their meaning", `simulate:
  duration: 10*ms
  populations:
    A: {n: 3, model: lif, dt: 0.15*ms, linked: {a: B.v}, events: {high: {when: V + 1*nA, do: V = 0*mV}, low: {when: V < U}}}
    B: {n: 2, equations: 'dv/dt = -v/(5*ms) : 1', linked: {a: A.V, b: A.U, c: 'A.V[i + 5]', v: A.V}, events: {e: {when: v > 1, do: a = 1}}}
    C: {n: 2, equations: 'dv/dt = (a - v)/(5*ms) : 1', linked: {a: 'B.v[i + 5]'}}
  synapses:
    S: {from: B, to: B.e, weight: 1}
    T: {from: B.f, to: B, weight: 1}
    U:
      from: B
      to: B
      weight: 1
      equations: |
        dx/dt = -x : 1
        dy/dt = -y/(5*ms) : 1 (event-drivem)
        dw/dt = -w/(5*ms) : 1
        z = 1*mV : 1
      init: {q: 1}
    V: {from: B, to: B, weight: 1, equations: 'dx/dt = (v_post - x)/(5*ms) : 1 (event-driven)', init: {x: 1*mV}}
    X: {from: B, to: B, weight: 1, equations: 'dx/dt = -x**2/(5*ms) : 1', method: exact}
`},
	{"unstable step", `simulate:
  duration: 100*ms
  dt: 25*ms
  populations:
    A: {model: lif, method: euler}
    B: {model: hh}
`},
	{"too much", `simulate:
  duration: 1e9*second
  populations:
    A: {n: 1000000, model: lif}
`},
	{"events", `simulate:
  engine: events
  duration: 10*ms
  populations:
    A: {model: izhikevich}
    B: {model: lif, threshold: V > -50*mV}
    C: {model: lif, parameters: {tau_m: 5*ms}}
  synapses:
    S: {from: B, to: C, weight: 1*mV, delay: -1*ms}
    T: {from: B, to: B, kind: alpha, weight: 1*mV, tau: 5*ms}
  stimuli: [[0*ms, D, 0, 1*mV], [0*ms, B, 7, 1*mV], [1]]
  monitors: {v: {state: B.V}}
  plots: [{trace: v}]
`},
	{"training", `simulate:
  train: {rule: backprop}
`},
	{"training values", `simulate:
  train: {rule: tempotron, tau: 3, inputs: -1, speed: 2}
`},
	{"pairs, links and rows", `simulate:
  duration: 10*ms
  parameters: {few: 2}
  timed: {drive: {rows: [[0, 0], [1*mV, 2*mV], [1*nA, 2*nA]], every: 1*ms}}
  populations:
    A: {n: 3, model: lif}
    B: {n: 3, linked: {x: 'A.V[i'}, equations: 'dv/dt = (x/mV - v)/(10*ms) : 1'}
    C: {n: 3, linked: {x: 'A.V]'}, equations: 'dv/dt = (x/mV - v)/(10*ms) : 1'}
  synapses:
    S: {from: A, to: A, weight: 1*mV, connect: {pairs: [[0, 1], [0.7, 1]]}}
    T: {from: A, to: A, weight: 1*mV, connect: {pairs: [[-0.5, 1]]}}
    U: {from: A, to: A, weight: 1*mV, connect: {condition: i < many}}
    V: {from: A, to: A, weight: 1*mV, connect: {condition: i < , p: 0.5}}
    W: {from: A, to: A, weight: 1*mV, connect: {range: {from: i -, until: i}}}
`},
	{"diverges", `simulate:
  duration: 100*ms
  dt: 1*ms
  populations:
    A: {equations: 'dv/dt = v*v/ms : 1', init: {v: 1}, method: euler}
`},
}

// TestRefused: what is wrong with a description is said with its place, all at once.
func TestRefused(t *testing.T) {
	var out strings.Builder
	for _, c := range refused {
		out.WriteString("# " + c.about + "\n")
		d, err := describe.Parse("net.yaml", []byte(c.text))
		if err == nil {
			_, err = Run(t.Context(), Request{Description: d, Jobs: 1})
		}
		if err == nil {
			t.Errorf("%s: was not refused", c.about)
			continue
		}
		out.WriteString(err.Error() + "\n\n")
	}
	golden.File(t, "refused.txt", out.String())
}

// TestManyMistakes: of many mistakes a hundred are listed, the others are counted, and none is said twice.
func TestManyMistakes(t *testing.T) {
	text := "simulate:\n  duration: 1*ms\n  populations: {N: {model: lif}}\n  parameters:\n"
	for k := range 130 {
		text += fmt.Sprintf("    p%d: 1*mV + %d*ms\n", k, k+1)
	}
	d, err := describe.Parse("net.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var f *diag.Failure
	if err := Check(d); !errors.As(err, &f) || len(f.List) != 101 || f.List[100].Message != "30 more problems are not listed" {
		t.Fatalf("%v", err)
	}
	seen := map[string]bool{}
	for _, x := range f.List {
		if seen[x.String()] {
			t.Errorf("said twice: %v", x)
		}
		seen[x.String()] = true
	}
}
