package equation

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Dimension is what a quantity measures: the powers of length, mass, time and current that its unit has in the SI. The zero value has
// no unit.
type Dimension struct{ Length, Mass, Time, Current float64 }

// times returns the dimension of a product of powers, d¹·e^p.
func (d Dimension) times(e Dimension, p float64) Dimension {
	return Dimension{tidy(d.Length + p*e.Length), tidy(d.Mass + p*e.Mass), tidy(d.Time + p*e.Time), tidy(d.Current + p*e.Current)}
}

// tidy takes away the rounding of sums of powers such as 1/3.
func tidy(p float64) float64 { return math.Round(p*1e6) / 1e6 }

// Per returns the dimension of a quotient.
func (d Dimension) Per(e Dimension) Dimension { return d.times(e, -1) }

// The dimensions of units that have a name.
var (
	second  = Dimension{Time: 1}
	metre   = Dimension{Length: 1}
	amp     = Dimension{Current: 1}
	volt    = Dimension{2, 1, -3, -1}
	ohm     = Dimension{2, 1, -3, -2}
	siemens = Dimension{-2, -1, 3, 2}
	farad   = Dimension{-2, -1, 4, 2}
	coulomb = Dimension{Time: 1, Current: 1}
	hertz   = Dimension{Time: -1}
)

// Second is the dimension of times, Noise that of xi.
var (
	Second = second
	Noise  = Dimension{Time: -0.5}
)

// named are dimensions as messages show them.
var named = []struct {
	d    Dimension
	name string
}{{Dimension{}, "1"}, {second, "s"}, {hertz, "1/s"}, {volt, "V"}, {amp, "A"}, {ohm, "ohm"}, {siemens, "S"}, {farad, "F"}, {metre, "m"}, {coulomb, "C"},
	{volt.Per(second), "V/s"}, {amp.Per(second), "A/s"}, {siemens.Per(second), "S/s"}, {Noise, "s**-0.5"}, {amp.times(metre, -2), "A/m**2"},
	{siemens.times(metre, -2), "S/m**2"}, {farad.times(metre, -2), "F/m**2"}, {volt.times(Noise, 1), "V*s**-0.5"}, {volt.times(second, -1.5), "V*s**-1.5"},
	{Dimension{Time: -1.5}, "s**-1.5"}, {volt.times(volt, 1), "V**2"}, {second.times(second, 1), "s**2"}, {hertz.times(hertz, 1), "1/s**2"}}

// String is the unit of the dimension: "V/s", or powers of base units where it has no shorter name.
func (d Dimension) String() string {
	for _, n := range named {
		if n.d == d {
			return n.name
		}
	}
	var parts []string
	for i, p := range []float64{d.Length, d.Mass, d.Time, d.Current} {
		if p != 0 {
			parts = append(parts, fmt.Sprintf("%s**%v", []string{"m", "kg", "s", "A"}[i], p))
		}
	}
	return strings.Join(parts, "*")
}

// Unit words the dimension for sentences: "the unit V", or "no unit" of plain numbers.
func (d Dimension) Unit() string {
	if d == (Dimension{}) {
		return "no unit"
	}
	return "the unit " + d.String()
}

// Unit is a name for an amount of a dimension.
type Unit struct {
	Scale     float64 // in units of the SI
	Dimension Dimension
}

// units are all units by their names: base and derived units under the names that Brian 2 gives them, and with the usual prefixes.
var units = makeUnits()

func makeUnits() map[string]Unit {
	all := map[string]Unit{}
	prefixes := map[string]float64{"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15}
	for name, d := range map[string]Dimension{"second": second, "metre": metre, "meter": metre, "amp": amp, "ampere": amp, "volt": volt, "ohm": ohm, "siemens": siemens,
		"farad": farad, "coulomb": coulomb, "hertz": hertz} {
		for p, scale := range prefixes {
			all[p+name] = Unit{scale, d}
		}
	}
	for name, d := range map[string]Dimension{"s": second, "A": amp, "V": volt, "S": siemens, "F": farad, "C": coulomb, "Hz": hertz} {
		for p, scale := range prefixes {
			if p != "" || name == "Hz" {
				all[p+name] = Unit{scale, d}
			}
		}
	}
	for name, scale := range map[string]float64{"cm": 1e-2, "mm": 1e-3, "um": 1e-6, "nm": 1e-9} {
		all[name] = Unit{scale, metre}
	}
	all["radian"] = Unit{1, Dimension{}}
	return all
}

// Units returns all units by their names.
func Units() map[string]Unit { return maps.Clone(units) }

// ParseUnit reads a unit such as "volt", "mS/cm**2" or "1": an expression of units and numbers alone.
func ParseUnit(text string) (Unit, error) {
	e, err := Parse(text)
	if err != nil {
		return Unit{}, err
	}
	values, dimensions := map[string]*Value{}, map[string]Dimension{}
	for name, u := range units {
		values[name], dimensions[name] = &Value{Data: []float64{u.Scale}}, u.Dimension
	}
	for _, name := range e.Names() {
		if _, ok := units[name]; !ok {
			return Unit{}, fmt.Errorf("%q is no unit: units are such as 1, volt, mV, nA, ms, Hz, mS/cm**2", name)
		}
	}
	d, err := e.Dimension(&Dimensions{Names: dimensions})
	if err != nil {
		return Unit{}, err
	}
	p, err := e.Compile(&Scope{Values: values})
	if err != nil {
		return Unit{}, err
	}
	return Unit{p.Eval(1, nil)[0], d}, nil
}

// Names returns the names in an expression, ascending, each once.
func (e *Expression) Names() []string {
	found := map[string]bool{}
	e.root.walk(func(n *node) {
		if n.op == "name" {
			found[n.name] = true
		}
	})
	return slices.Sorted(maps.Keys(found))
}

// Calls reports whether an expression calls one of some functions.
func (e *Expression) Calls(functions ...string) bool {
	found := false
	e.root.walk(func(n *node) { found = found || n.op == "call" && slices.Contains(functions, n.name) })
	return found
}

// Inverse returns the dimension of 1/x.
func (d Dimension) Inverse() Dimension { return Dimension{}.Per(d) }

// Expression writes the dimension as an expression of volt, metre, second and amp, which ParseUnit reads.
func (d Dimension) Expression() string {
	// one volt for each power of mass leaves powers of length, time and current
	rest := d.times(volt, -d.Mass)
	var parts []string
	for _, x := range []struct {
		name string
		p    float64
	}{{"volt", d.Mass}, {"metre", rest.Length}, {"second", rest.Time}, {"amp", rest.Current}} {
		if x.p != 0 {
			parts = append(parts, fmt.Sprintf("%s**%v", x.name, x.p))
		}
	}
	if parts == nil {
		return "1"
	}
	return strings.Join(parts, "*")
}
