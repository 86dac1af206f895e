package equation

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// dimensions are those of some names.
func dimensions(t testing.TB) *Dimensions {
	t.Helper()
	d := &Dimensions{Names: map[string]Dimension{"xi": Noise, "i": {}}, Functions: map[string]Dimension{"drive": amp}}
	for name, text := range map[string]string{"v": "volt", "tau": "ms", "I": "nA", "R": "Mohm", "g": "mS/cm**2", "C": "uF/cm**2", "sigma": "mV", "x": "1"} {
		u, err := ParseUnit(text)
		if err != nil {
			t.Fatal(err)
		}
		d.Names[name] = u.Dimension
	}
	for name, u := range Units() {
		d.Names[name] = u.Dimension
	}
	return d
}

// TestDimensions: right equations measure what they should.
func TestDimensions(t *testing.T) {
	d := dimensions(t)
	for text, want := range map[string]string{
		"(R*I - v)/tau": "V/s", "(R*drive(3*ms) - v)/tau": "V/s", "-v/tau + sigma*xi*tau**-0.5": "V/s", "g*v/C": "V/s", "x**3": "1", "v**2": "V**2",
		"sqrt(v*v)": "V", "clip(v, 0, 30*mV)": "V", "v > 0": "1", "exp(v/(10*mV))": "1", "0*v + v": "V", "abs(v)": "V", "1/tau": "1/s", "v == 3*mV and not x > 1": "1",
		"min(v, 3*volt)": "V", "timestep(tau, 1*ms)": "1", "i + rand()*randn()": "1", "kg": "",
	} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Dimension(d)
		if want == "" {
			if err == nil || !strings.Contains(err.Error(), "nothing is named kg") {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		if err != nil || got.String() != want {
			t.Errorf("%s has the unit %v, %v; want %s", text, got, err, want)
		}
	}
}

// TestWrongDimensions: what does not fit is refused with the place and both units.
func TestWrongDimensions(t *testing.T) {
	d := dimensions(t)
	for text, want := range map[string]string{
		"v + tau":      "character 3: + of V and s: argument 2 has another unit",
		"1 + v > 2":    "character 3: + of 1 and V",
		"exp(v)":       "character 5: exp takes numbers without unit, not V",
		"v**x":         "character 4: what has the unit V is raised to a number, not to an expression",
		"2**v":         "an exponent has the unit V, want none",
		"drive(v)":     "drive is a function of time, and takes s, not V",
		"not v":        "not takes numbers without unit",
		"clip(v, 1)":   "clip takes 3 arguments, not 2",
		"rand(1)":      "rand takes 0 arguments, not 1",
		"expp(1)":      "there is no function expp; did you mean exp?",
		"sigmo*2":      "nothing is named sigmo; did you mean sigma?",
		"max(v, 1*ms)": "max of V and s",
		"v // tau":     "// of V and s",
	} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Dimension(d); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	e, _ := Parse("R*I - v")
	if err := e.Fits(d, "dv/dt", volt.Per(second)); err == nil || err.Error() != "dv/dt has the unit V, want the unit V/s" {
		t.Errorf("%v", err)
	}
	zero, _ := Parse("0")
	if err := zero.Fits(d, "v", volt); err != nil {
		t.Error(err)
	}
}

// TestParseUnit: scales of units, and what is none.
func TestParseUnit(t *testing.T) {
	for text, want := range map[string]float64{"1": 1, "mV": 1e-3, "nA": 1e-9, "mS/cm**2": 10, "uF/cm**2": 1e-2, "Mohm": 1e6, "kHz": 1e3, "umetre": 1e-6} {
		if u, err := ParseUnit(text); err != nil || math.Abs(u.Scale/want-1) > 1e-12 {
			t.Errorf("%s is %v, %v; want %v", text, u.Scale, err, want)
		}
	}
	for _, text := range []string{"bananas", "mV +", "mV + ms", ""} {
		if u, err := ParseUnit(text); err == nil {
			t.Errorf("%q is %v", text, u)
		}
	}
}

// TestInline: names are replaced wherever they stand, and a result without bound is refused.
func TestInline(t *testing.T) {
	must := func(text string) *Expression {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	e, err := must("a*(1 - x) + a*a").Inline(map[string]*Expression{"a": must("x + 2")})
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Compile(&Scope{Values: map[string]*Value{"x": {Data: []float64{1, 2}}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Eval(2, nil); got[0] != 9 || got[1] != 12 {
		t.Errorf("got %v", got)
	}
	e = must("x + x")
	for err = nil; err == nil; {
		e, err = must("y*y").Inline(map[string]*Expression{"y": e})
	}
	if !strings.Contains(err.Error(), "more than 16384 parts") {
		t.Error(err)
	}
}

// TestArithmetic: the loops of their own and the small powers give the bits of the plain definitions, for lists and for single numbers.
func TestArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		list := func(name string) []float64 {
			k := n
			if rapid.Bool().Draw(t, name+" is one number") {
				k = 1
			}
			return rapid.SliceOfN(rapid.Float64(), k, k).Draw(t, name)
		}
		a, b := list("a"), list("b")
		s := &Scope{Values: map[string]*Value{"a": {Data: a}, "b": {Data: b}}}
		for op, f := range binaries {
			p := compiledFor(t, "a "+op+" b", s)
			for i, got := range p.Eval(n, nil) {
				if want := f(at(a, i), at(b, i)); math.Float64bits(got) != math.Float64bits(want) && !(math.IsNaN(got) && math.IsNaN(want)) {
					t.Fatalf("%v %s %v = %v, want %v", at(a, i), op, at(b, i), got, want)
				}
			}
		}
		for k, text := range []string{"a**2", "a**3", "a**4"} {
			x := rapid.Float64Range(-1e60, 1e60).Draw(t, "x")
			p := compiledFor(t, text, &Scope{Values: map[string]*Value{"a": {Data: []float64{x}}}})
			if got, want := p.Eval(1, nil)[0], math.Pow(x, float64(k+2)); got != want && math.Abs(want) > 1e-290 {
				t.Fatalf("%v: %s = %v, want %v", x, text, got, want)
			}
		}
	})
}

// compiledFor parses and compiles.
func compiledFor(t interface{ Fatal(...any) }, text string, s *Scope) *Program {
	e, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPoisson: counts have the mean and the variance that they should; a mean that is none gives NaN.
func TestPoisson(t *testing.T) {
	state := uint64(1)
	u := func() float64 { // a generator that is good enough for this
		state = state*6364136223846793005 + 1442695040888963407
		return float64(state>>11) / (1 << 53)
	}
	p := compiledFor(t, "poisson(m)", &Scope{Values: map[string]*Value{"m": {Data: []float64{3.5}}}, Uniform: u})
	sum, squares, n := 0.0, 0.0, 20000
	for _, k := range p.Eval(n, nil) {
		sum, squares = sum+k, squares+k*k
	}
	mean := sum / float64(n)
	if v := squares/float64(n) - mean*mean; math.Abs(mean-3.5) > 0.07 || math.Abs(v-3.5) > 0.2 {
		t.Errorf("mean %v, variance %v", mean, v)
	}
	if got := poisson(u, -1); !math.IsNaN(got) {
		t.Errorf("a mean of −1 gives %v", got)
	}
}
