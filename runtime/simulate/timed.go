package simulate

import (
	"slices"

	"spikec/models/equation"
)

// functions makes the functions of time.
func (b *builder) functions() {
	for _, f := range b.d.Timed {
		where := at(f.Line, "timed."+f.Name)
		if b.taken(f.Name, where) {
			continue
		}
		var all []float64
		var dim equation.Dimension
		columns, ok, known := 0, true, false
		for k, row := range f.Rows {
			v, d, fine := b.numbers(row)
			if ok = ok && fine; !ok {
				break
			}
			if len(f.Rows) > 1 && k > 0 && len(v) != columns {
				b.wrong(idRange, where, "give all rows the same length", "row %d has %d values, and row 0 has %d", k, len(v), columns)
				ok = false
				break
			}
			if d != (equation.Dimension{}) || slices.ContainsFunc(v, func(x float64) bool { return x != 0 }) { // else numbers of every unit
				if known && d != dim {
					b.wrong(idUnit, where, "give all rows the same unit", "row %d has the unit %v, and others have %v", k, d, dim)
					ok = false
					break
				}
				dim, known = d, true
			}
			columns = len(v)
			all = append(all, v...)
		}
		if len(f.Rows) > 0 && len(f.Rows[0]) == 1 { // one value a row, or one list that stands for many
			columns = 1
		}
		every := b.orElse(f.Every, "every", equation.Second, 0)
		if !ok || !f.Every.Given() || len(all) == 0 {
			b.fails(f.Name)
			continue
		}
		if err := b.net.Timed(f.Name, all, columns, every); err != nil {
			b.wrong(idRange, where, "give values, and a time above 0 from one to the next", "%v", err)
			b.fails(f.Name)
			continue
		}
		b.timed[f.Name] = dim
	}
}
