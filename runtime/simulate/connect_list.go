package simulate

import (
	"bufio"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"spikec/models/equation"
	"spikec/models/network"
	"spikec/runtime/simulate/describe"
)

// listed reads pairs from the description or a file: i, j and, optionally, a factor of the weight. Without factors there are no weights.
func (b *builder) listed(c describe.Connect, here describe.Text) (pairs []network.Pair, weights []float64, ok bool) {
	var rows [][]float64
	if c.Form == "file" {
		rows, ok = b.filed(c.File)
	} else {
		rows, ok = b.stated(c, here)
	}
	for k, v := range rows {
		pairs = append(pairs, network.Pair{I: int(v[0]), J: int(v[1])})
		if len(v) == 3 && weights == nil {
			weights = slices.Repeat([]float64{1}, k)
		}
		if weights != nil {
			weights = append(weights, factor(v))
		}
	}
	return pairs, weights, ok
}

// factor is that of the weight in a row of a list of pairs.
func factor(row []float64) float64 {
	if len(row) == 3 {
		return row[2]
	}
	return 1
}

// numbered is the remedy for pairs that are none.
const numbered = "number neurons from 0, and give factors that are finite"

// isPair reports whether a row begins with two numbers that neurons may have, and goes on with finite ones.
func isPair(row []float64) bool {
	for k, x := range row {
		if math.IsNaN(x) || math.IsInf(x, 0) || k < 2 && (x < 0 || x != math.Trunc(x) || x > math.MaxInt32) {
			return false
		}
	}
	return true
}

// stated are the rows of a list in the description.
func (b *builder) stated(c describe.Connect, here describe.Text) (rows [][]float64, ok bool) {
	for k, row := range c.Pairs {
		v, ok := b.of(row, "a pair", equation.Dimension{})
		if !ok {
			return nil, false
		}
		if len(v) != 2 && len(v) != 3 {
			b.wrong(idConnection, here, "write [source, target] or [source, target, factor of the weight]", "pair %d has %d numbers", k, len(v))
			return nil, false
		}
		if !isPair(v) {
			b.wrong(idConnection, here, numbered, "pair %d is %v", k, v)
			return nil, false
		}
		rows = append(rows, v)
	}
	return rows, true
}

// filed are the rows of a file, whose name is relative to that of the description.
func (b *builder) filed(name describe.Text) (rows [][]float64, ok bool) {
	path := name.Text
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(b.d.Path), path)
	}
	f, err := os.Open(path)
	if err != nil {
		b.wrong(idConnection, name, "name a file relative to the description, with lines source,target or source,target,factor", "%v", err)
		return nil, false
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, ",")
		var v []float64
		for _, s := range fields {
			x, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
			if err != nil {
				break
			}
			v = append(v, x)
		}
		switch {
		case n == 1 && len(v) == 0: // a line with the names of the columns
			continue
		case len(v) != len(fields) || len(v) < 2 || len(v) > 3:
			b.wrong(idConnection, name, "write lines source,target or source,target,factor", "line %d of %s is %q", n, path, line)
			return nil, false
		case !isPair(v):
			b.wrong(idConnection, name, numbered, "line %d of %s is %q", n, path, line)
			return nil, false
		case len(rows) >= network.MostSynapses:
			b.wrong(idConnection, name, "", "%s has more than %d synapses", path, network.MostSynapses)
			return nil, false
		}
		rows = append(rows, v)
	}
	if err := lines.Err(); err != nil {
		b.wrong(idConnection, name, "", "%v", err)
		return nil, false
	}
	return rows, true
}
