package equation

import (
	"fmt"
	"maps"
	"slices"

	"spikec/internal/spelling"
)

// Dimensions says what the names and functions of an expression measure.
type Dimensions struct {
	Names map[string]Dimension
	// Functions are those beyond the usual ones: functions of time and, with a second argument, of an index.
	Functions map[string]Dimension
}

// measured is the dimension of a part. The number 0 has every one.
type measured struct {
	Dimension
	zero bool
}

// same are operations whose arguments measure the same, without meaning for others.
var same = map[string]bool{"+": true, "-": true, "%": true, "//": true, "<": true, ">": true, "<=": true, ">=": true, "==": true, "!=": true}

// Dimension returns what an expression measures. Names and functions that are unknown, and sums, comparisons and arguments whose
// units do not fit, are errors of type *Syntax that name the place.
func (e *Expression) Dimension(d *Dimensions) (Dimension, error) {
	m, err := e.dimension(e.root, d)
	return m.Dimension, err
}

// Fits returns an error where an expression does not measure what it should; the number 0 always does.
func (e *Expression) Fits(d *Dimensions, what string, want Dimension) error {
	m, err := e.dimension(e.root, d)
	if err == nil && !m.zero && m.Dimension != want {
		err = fmt.Errorf("%s has %s, want %s", what, m.Unit(), want.Unit())
	}
	return err
}

// wrong is an error at a part.
func (e *Expression) wrong(n *node, format string, args ...any) error {
	return &Syntax{Text: e.text, At: min(n.at, len(e.text)), Message: fmt.Sprintf(format, args...)}
}

// dimension is Dimension for a part.
func (e *Expression) dimension(n *node, d *Dimensions) (measured, error) {
	var args []measured
	for _, a := range n.args {
		m, err := e.dimension(a, d)
		if err != nil {
			return measured{}, err
		}
		args = append(args, m)
	}
	plain := func(what string) (measured, error) {
		for i, a := range args {
			if !a.zero && a.Dimension != (Dimension{}) {
				return measured{}, e.wrong(n.args[i], "%s takes numbers without unit, not %v", what, a.Dimension)
			}
		}
		return measured{}, nil
	}
	equal := func(what string) (measured, error) {
		common := args[0]
		for i, a := range args[1:] {
			switch {
			case common.zero:
				common = a
			case !a.zero && a.Dimension != common.Dimension:
				return measured{}, e.wrong(n, "%s of %v and %v: argument %d has another unit", what, common.Dimension, a.Dimension, i+2)
			}
		}
		return common, nil
	}
	switch n.op {
	case "number":
		return measured{zero: n.value == 0}, nil
	case "name":
		m, ok := d.Names[n.name]
		if !ok {
			return measured{}, e.wrong(n, "nothing is named %s%s", n.name, meant(n.name, slices.Collect(maps.Keys(d.Names))))
		}
		return measured{Dimension: m}, nil
	case "neg":
		return args[0], nil
	case "not", "and", "or":
		return plain(n.op)
	case "*", "/":
		p := 1.0
		if n.op == "/" {
			p = -1
		}
		return measured{Dimension: args[0].times(args[1].Dimension, p), zero: args[0].zero}, nil
	case "**":
		return e.power(n, args)
	case "call":
		return e.callDimension(n, d, args, plain, equal)
	}
	if !same[n.op] {
		return measured{}, e.wrong(n, "%s is not defined", n.op)
	}
	common, err := equal(n.op)
	switch n.op {
	case "+", "-", "%":
		common.zero = common.zero && n.op != "%" && args[0].zero && args[1].zero
		return common, err
	}
	return measured{}, err
}

// power is the dimension of a**b: where a has a unit, b is a number.
func (e *Expression) power(n *node, args []measured) (measured, error) {
	if !args[1].zero && args[1].Dimension != (Dimension{}) {
		return measured{}, e.wrong(n.args[1], "an exponent has %s, want none", args[1].Unit())
	}
	if args[0].Dimension == (Dimension{}) {
		return measured{}, nil
	}
	p, ok := constant(n.args[1])
	if !ok {
		return measured{}, e.wrong(n.args[1], "what has the unit %v is raised to a number, not to an expression", args[0].Dimension)
	}
	return measured{Dimension: Dimension{}.times(args[0].Dimension, p)}, nil
}

// constant returns the value of a part that is made of numbers alone.
func constant(n *node) (float64, bool) {
	var in []float64
	for _, a := range n.args {
		v, ok := constant(a)
		if !ok {
			return 0, false
		}
		in = append(in, v)
	}
	switch {
	case n.op == "number":
		return n.value, true
	case n.op == "neg":
		return -in[0], true
	case len(in) == 2 && binaries[n.op] != nil:
		return binaries[n.op](in[0], in[1]), true
	}
	return 0, false
}

// callDimension is the dimension of a function's value.
func (e *Expression) callDimension(n *node, d *Dimensions, args []measured, plain, equal func(string) (measured, error)) (measured, error) {
	count := func(least, most int) error {
		if len(args) < least || len(args) > most {
			return e.wrong(n, "%s takes %s, not %d", n.name, arguments(least, most), len(args))
		}
		return nil
	}
	if f, ok := d.Functions[n.name]; ok {
		if err := count(1, 2); err != nil {
			return measured{}, err
		}
		if !args[0].zero && args[0].Dimension != second {
			return measured{}, e.wrong(n.args[0], "%s is a function of time, and takes s, not %v", n.name, args[0].Dimension)
		}
		return measured{Dimension: f}, nil
	}
	switch n.name {
	case "rand", "randn":
		return measured{}, count(0, 0)
	case "clip":
		if err := count(3, 3); err != nil {
			return measured{}, err
		}
		return equal(n.name)
	case "min", "max":
		if err := count(2, 2); err != nil {
			return measured{}, err
		}
		return equal(n.name)
	case "timestep":
		if err := count(2, 2); err != nil {
			return measured{}, err
		}
		_, err := equal(n.name)
		return measured{}, err
	case "abs", "sign", "sqrt":
		if err := count(1, 1); err != nil {
			return measured{}, err
		}
		switch n.name {
		case "sign":
			return measured{}, nil
		case "sqrt":
			return measured{Dimension: Dimension{}.times(args[0].Dimension, 0.5), zero: args[0].zero}, nil
		}
		return args[0], nil
	}
	if functions[n.name] == nil && n.name != "poisson" {
		known := append(slices.Collect(maps.Keys(functions)), slices.Collect(maps.Keys(d.Functions))...)
		return measured{}, e.wrong(n, "there is no function %s%s", n.name, meant(n.name, append(known, "rand", "randn", "clip", "min", "max", "timestep", "poisson")))
	}
	if err := count(1, 1); err != nil {
		return measured{}, err
	}
	return plain(n.name)
}

// arguments words how many arguments a function takes.
func arguments(least, most int) string {
	switch {
	case least != most:
		return fmt.Sprintf("%d or %d arguments", least, most)
	case least == 1:
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", least)
}

// meant is the part of a message that names the nearest name.
func meant(name string, names []string) string {
	slices.Sort(names)
	if near := spelling.Nearest(name, names); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
