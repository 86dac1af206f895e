package chip

import (
	"go/token"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// values are the variables of the tests.
var values = map[string]int64{"a": 7, "bias": -3, "u": 100, "bias_mant": 5, "bias_exp": 6, "du": 4095, "vth": 1000, "big": 70, "neg": -9}

// compileSlots maps the names of values to places in a vector, and returns both.
func compileSlots() (func(string) (int, bool), []int64) {
	names := slices.Sorted(maps.Keys(values))
	vars := make([]int64, len(names))
	for i, n := range names {
		vars[i] = values[n]
	}
	return func(name string) (int, bool) { return slices.BinarySearch(names, name) }, vars
}

func TestExpr(t *testing.T) {
	slot, vars := compileSlots()
	for _, c := range []struct {
		text  string
		want  int64
		names string
	}{
		{"a + bias", 4, "a bias"},
		{"u + (bias_mant << bias_exp)", 420, "u bias_mant bias_exp"},
		{"4096-(du+1)", 0, "du"},
		{"vth << 6", 64000, "vth"},
		{"12", 12, ""},
		{"-8388607", -8388607, ""},
		{"0x10", 16, ""},
		{"-a*2 - -u", 86, "a u"},
		{"((a))", 7, "a"},
		{"neg >> 1", -5, "neg"},              // floor(−4.5)
		{"a << big", math.MinInt64, "a big"}, // 70 counts as 63; 7·2^63 wraps
		{"a << neg", 7, "a neg"},             // −9 counts as 0
		{"neg >> big", -1, "neg big"},
	} {
		e, err := ParseExpr(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		f, err := e.Compile(slot)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := f(vars); got != c.want {
			t.Errorf("%s = %d, want %d", c.text, got, c.want)
		}
		if got := strings.Join(e.Names(), " "); got != c.names {
			t.Errorf("%s: names %q, want %q", c.text, got, c.names)
		}
		if v, ok := e.Constant(); ok != (c.names == "") || ok && v != c.want {
			t.Errorf("%s: constant %d, %v", c.text, v, ok)
		}
		if e.String() != c.text {
			t.Errorf("%s prints as %s", c.text, e)
		}
	}
}

func TestExprRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                              `"" is not an expression`,
		"a +":                           `"a +" is not an expression`,
		"subtract pos, or reset":        `"subtract pos, or reset" is not an expression`,
		"a / 2":                         `expression "a / 2": operator /, want + - * << >>`,
		"a + b << 2":                    `expression "a + b << 2": a shift beside another operator needs parentheses`,
		"1 << a << 2":                   `expression "1 << a << 2": a shift beside another operator needs parentheses`,
		"a << 64":                       `expression "a << 64": shift by 64, want 0..63`,
		"1.5":                           `expression "1.5": 1.5 is not an integer of 64 bits`,
		"99999999999999999999":          `expression "99999999999999999999": 99999999999999999999 is not an integer of 64 bits`,
		"!a":                            `expression "!a": operator !, want + - * << >>`,
		"f(a)":                          `expression "f(a)": only integers, names, + - * << >> and parentheses may be used`,
		"func() { for {} }":             `expression "func() { for {} }": only integers, names, + - * << >> and parentheses may be used`,
		"größe":                         `expression "größe": "größe" is not a name`,
		"_":                             `expression "_": "_" is not a name`,
		"a > 0":                         `expression "a > 0": operator >, want + - * << >>`,
		strings.Repeat("(", 1001):       "expression of 1001 bytes, want at most 1000",
		strings.Repeat("- ", 499) + "a": "",
	} {
		_, err := ParseExpr(text)
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", text, err)
			}
		} else if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	var zero Expr
	if _, err := zero.Compile(nil); err == nil {
		t.Error("the zero value compiles")
	}
	e, _ := ParseExpr("a + missing")
	if _, err := e.Compile(func(n string) (int, bool) { return 0, n == "a" }); err == nil || err.Error() != `unknown name "missing"` {
		t.Errorf("unknown name: %v", err)
	}
}

func TestCondition(t *testing.T) {
	slot, vars := compileSlots()
	for text, want := range map[string]bool{
		"a > 0": true, "a >= 7": true, "a < bias": false, "a <= 7": true, "a == bias + 10": true, "a != 7": false,
	} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		f, err := c.Compile(slot)
		if err != nil {
			t.Fatal(err)
		}
		if f(vars) != want || c.String() != text {
			t.Errorf("%s is %v", c, !want)
		}
	}
	c, _ := ParseCondition("a + u > a")
	if got := strings.Join(c.Names(), " "); got != "a u" {
		t.Errorf("names %s", got)
	}
	for _, text := range []string{"", "a", "a + b", "a > b > c", "a > f(1)", "a && b"} {
		if _, err := ParseCondition(text); err == nil {
			t.Errorf("%q accepted", text)
		}
	}
}

// Folding over functions of a vector is Compile, and over text it shows the order of operators.
func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"7":                           "7",
		"-x":                          "(0-x)",
		"a - b - 3":                   "((a-b)-3)",
		"u + (bias_mant << bias_exp)": "(u+(bias_mant<<bias_exp))",
		"(4096 - (du + 1)) * (v>>2)":  "((4096-(du+1))*(v>>2))",
	} {
		e, err := ParseExpr(text)
		if err != nil {
			t.Fatal(err)
		}
		got := Fold(e, func(n int64) string { return strconv.FormatInt(n, 10) }, func(s string) string { return s },
			func(op token.Token, x, y string) string { return "(" + x + op.String() + y + ")" })
		if got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}
