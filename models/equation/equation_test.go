package equation

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// value evaluates an expression of x = 3, y = −2 and of a list z = 1, 2, 3.
func value(t testing.TB, text string) []float64 {
	t.Helper()
	e, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(&Scope{Values: map[string]*Value{"x": {Data: []float64{3}}, "y": {Data: []float64{-2}}, "z": {Data: []float64{1, 2, 3}}},
		Functions: map[string]func(t, index float64) float64{"twice": func(a, k float64) float64 { return 2*a + k }}})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(c.Eval(3, nil))
}

// TestValues: operators bind and round as Python's.
func TestValues(t *testing.T) {
	for text, want := range map[string]float64{
		"1+2*3": 7, "(1+2)*3": 9, "2**3**2": 512, "-2**2": -4, "2**-1": 0.5, "x - -y": 1, "7//2": 3, "-7//2": -4, "-7 % 3": 2, "10 - 4 - 3": 3, "8/2/2": 2,
		"1.5e1 + .5": 15.5, "x > 2 and y < 0": 1, "x > 2 and not y < 0": 0, "not x > 2 or y == -2": 1, "(x > 2) + (y > 2)": 1, "x != 3": 0,
		"clip(x, 0, 1)": 1, "exprel(0)": 1, "abs(y)": 2, "sign(y)*int(2.7)": -2, "exp(log(x))": 3, "twice(x)": 6, "+x": 3, "1e3": 1000, "x >= 3": 1,
		"arctan(tan(0.5))": 0.5, "expm1(log1p(0.25))": 0.25, "floor(-0.5) + ceil(-0.5)": -1,
	} {
		if got := value(t, text); math.Abs(got[0]-want) > 1e-12 {
			t.Errorf("%s = %v, want %v", text, got[0], want)
		}
	}
	if got := value(t, "z*x + y"); !slices.Equal(got, []float64{1, 4, 7}) {
		t.Errorf("a list gives %v", got)
	}
}

// TestErrors: what is no expression is refused with the place.
func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "character 1: something is missing",
		"1 +":                             "character 4: something is missing",
		"(1":                              "character 3: want )",
		"1 2":                             `character 3: "2" is not expected here`,
		"a < b < c":                       "character 7: comparisons cannot be chained",
		"f(x) < b < c":                    "character 10: comparisons cannot be chained",
		"x $ y":                           "character 3: '$' has no meaning here",
		"clip(x, 1":                       "character 10: want , or )",
		"1.2.3":                           `character 4: ".3" is not expected here`,
		".":                               `character 1: "." is no number`,
		strings.Repeat("(", 300):          "too deeply nested",
		strings.Repeat("-", 300):          "too deeply nested",
		strings.Repeat("1**", 300) + "1":  "too deeply nested",
		strings.Repeat("a+", 20000) + "a": "at most 16384 are read",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
	for text, want := range map[string]string{
		"v + 1":     "character 1: nothing is named v",
		"1 + f(x)":  "character 5: there is no function f",
		"exp(x, x)": "exp takes 1 arguments, not 2",
		"clip(x)":   "clip takes 3 arguments, not 1",
		"rand()":    "there are no random numbers here",
	} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Compile(&Scope{Values: map[string]*Value{"x": {}}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// TestRandomOrder: two draws in one expression draw all of the first, then all of the second.
func TestRandomOrder(t *testing.T) {
	e, err := Parse("rand() + 10*rand()")
	if err != nil {
		t.Fatal(err)
	}
	n := 0.0
	c, err := e.Compile(&Scope{Uniform: func() float64 { n++; return n }})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Eval(3, nil); !slices.Equal(got, []float64{41, 52, 63}) {
		t.Errorf("drew %v", got)
	}
}

// TestSome: elements that are named are gathered, through an index as well.
func TestSome(t *testing.T) {
	e, err := Parse("a + b")
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(&Scope{Values: map[string]*Value{"a": {Data: []float64{1, 2, 3}}, "b": {Data: []float64{10, 20}, Index: []int32{1, 0, 1}}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Eval(2, []int{2, 1}); !slices.Equal(got, []float64{23, 12}) {
		t.Errorf("got %v", got)
	}
	if got := c.Eval(3, nil); !slices.Equal(got, []float64{21, 12, 23}) {
		t.Errorf("got %v", got)
	}
}

// TestLinear: what is found to be linear is: factors and rest give the expression again, at any values; what is not linear is refused.
func TestLinear(t *testing.T) {
	for _, text := range []string{"(I - v)/tau", "(-v + g*(E - v))/tau", "mu*(1-v)/tau + s*v*tau**-0.5", "-(v + -w)*2 - w/3", "exp(I)*v - sqrt(tau)", "0*v + w"} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		names := []string{"v", "w"}
		f, rest, ok := e.Linear(names)
		if !ok {
			t.Errorf("%s is not linear", text)
			continue
		}
		rapid.Check(t, func(t *rapid.T) {
			values := map[string]*Value{}
			for _, n := range []string{"I", "v", "w", "tau", "g", "E", "mu", "s"} {
				values[n] = &Value{Data: []float64{rapid.Float64Range(0.1, 3).Draw(t, n)}}
			}
			eval := func(e *Expression) float64 {
				c, err := e.Compile(&Scope{Values: values})
				if err != nil {
					t.Fatal(err)
				}
				return c.Eval(1, nil)[0]
			}
			want, got := eval(e), eval(rest)
			for i, n := range names {
				got += eval(f[i]) * values[n].Data[0]
			}
			if math.Abs(got-want) > 1e-9*(1+math.Abs(want)) {
				t.Fatalf("%s: %v, want %v", e, got, want)
			}
		})
	}
	for _, text := range []string{"v*v", "-v**2", "exp(v)", "1/v", "v*w", "v > 1", "v**2", "clip(v, 0, 1)", "2 + v % 3"} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, ok := e.Linear([]string{"v", "w"}); ok {
			t.Errorf("%s is taken as linear", text)
		}
	}
}

// TestLines reads the three kinds of lines, and refuses others.
func TestLines(t *testing.T) {
	l, err := ParseLine("dv/dt = (v0 - v)/tau + sigma*xi*tau**-0.5 : 1 (unless refractory)")
	if err != nil || l.Kind != Differential || l.Name != "v" || l.Unit != "1" || !l.Has("unless refractory") {
		t.Errorf("%+v, %v", l, err)
	}
	l, err = ParseLine("am = 1/exprel(x)/ms : Hz")
	if err != nil || l.Kind != Subexpression || l.Name != "am" || l.Unit != "Hz" {
		t.Errorf("%+v, %v", l, err)
	}
	l, err = ParseLine("v0 : volt (constant, shared)")
	if err != nil || l.Kind != Parameter || l.Unit != "volt" || !l.Has("shared") || l.Has("linked") {
		t.Errorf("%+v, %v", l, err)
	}
	for _, text := range []string{"dv/dt = -v/tau", "dv/dt = : 1", "v + 1 : 1", "", ":", "dv/dt = (1 : 1", "v == 1 : 1"} {
		if l, err := ParseLine(text); err == nil {
			t.Errorf("%q was read as %+v", text, l)
		}
	}
}

// TestStatements reads and applies statements.
func TestStatements(t *testing.T) {
	list, err := ParseStatements("v = 1; w += 2\nu -= 3\nx *= 4; y /= 5")
	if err != nil || len(list) != 5 {
		t.Fatal(list, err)
	}
	for i, want := range []float64{7, 17, 3, 70, 10. / 7} {
		if got := list[i].Apply(10, 7); got != want {
			t.Errorf("statement %d gives %v, want %v", i, got, want)
		}
	}
	for _, text := range []string{"v", "v == 1", "= 1", "v = ", "v + 1 = 2", "v =+"} {
		if list, err := ParseStatements(text); err == nil {
			t.Errorf("%q was read as %v", text, list)
		}
	}
}

// FuzzParse: no text makes the parser or what it gives panic.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"a+b*c", "clip(rand(), -1, 2**-x)", "not (a < b) and c", "((", "1e", "µ + 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text)
		if err != nil {
			return
		}
		e.Linear([]string{"a"})
		s := &Scope{Values: map[string]*Value{"a": {Data: []float64{1}}, "b": {Data: []float64{2}}, "c": {Data: []float64{3}}}, Uniform: func() float64 { return 0.5 }}
		if c, err := e.Compile(s); err == nil {
			c.Eval(2, nil)
		}
	})
}

// TestWritten: what an expression is written as has its values.
func TestWritten(t *testing.T) {
	for _, text := range []string{"1 - 2 - 3", "-2**2", "2**-1", "2**3**2", "not 1 < 2 or 3 > 2 and 1", "clip(-x, 0, 1e-05) + x % 3", "--x", "-x*(x + 1)//2 - exp(-x/1e300)", "1.5e+20 == x"} {
		for _, x := range []float64{-2.5, 0.25, 7} {
			s := &Scope{Values: map[string]*Value{"x": {Data: []float64{x}}}}
			first, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			second, err := Parse(first.Written())
			if err != nil {
				t.Fatalf("%s is written as %s: %v", text, first.Written(), err)
			}
			a, err1 := first.Compile(s)
			b, err2 := second.Compile(s)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			if u, v := a.Eval(1, nil)[0], b.Eval(1, nil)[0]; u != v {
				t.Errorf("%s with x = %v is %v, and %v as it is written: %s", text, x, u, v, first.Written())
			}
		}
	}
}
