package main

import (
	"fmt"
	"slices"
	"strings"

	"spikec/runtime/ladder"
	"spikec/runtime/sweep"
)

// conditions says what was measured with what.
func conditions(r *sweep.Result, about string) string {
	seen := map[int64]bool{}
	var trained []string
	for i := range r.Cells {
		if s := r.Cells[i].Stage(ladder.ANN); s.N > 0 && !seen[s.N] {
			seen[s.N] = true
			trained = append(trained, fmt.Sprintf("%.2f %% on %d images", 100*s.Accuracy, s.N))
		}
	}
	return fmt.Sprintf("%s. The ONNX network reaches %s. Calibrated with %d training images, seed %d. SHA-256 of the network %.12s…, of the %d test images %.12s…. Measured by %s.\n",
		about, strings.Join(trained, ", "), r.Calibration.N, *r.Calibration.Seed, r.Model.SHA256, r.Data.N, r.Data.SHA256, r.Tool)
}

// column is a column of a table: what it says about the cell of a number of steps that matches.
type column struct {
	title string
	match func(c *sweep.Cell) bool
	text  func(c *sweep.Cell) string
}

// gridTable is the table of one set of rules: steps by bits.
func gridTable(r *sweep.Result, rule string) string {
	at := func(b int) func(*sweep.Cell) bool {
		return func(c *sweep.Cell) bool { return c.Rules == rule && c.Bits == b }
	}
	columns := []column{{"float spikes", at(allBits), float}}
	for _, b := range bits {
		columns = append(columns, column{fmt.Sprintf("%d bits, n = %d", b, images(r, at(b))), at(b), files})
	}
	columns = append(columns, column{fmt.Sprintf("M SOP, %d bits", allBits), at(allBits), operations})
	return fmt.Sprintf("\n**%s, rules %s**\n\n", target, rule) + table(r, columns)
}

// chipTable is the table of several chips.
func chipTable(r *sweep.Result) string {
	var ids []string
	var columns []column
	for i := range r.Cells {
		id := r.Cells[i].Target
		if slices.Contains(ids, id) {
			continue
		}
		ids = append(ids, id)
		on := func(c *sweep.Cell) bool { return c.Target == id }
		columns = append(columns, column{id + ", float spikes", on, float}, column{fmt.Sprintf("%s, %d bits, n = %d", id, allBits, images(r, on)), on, files})
	}
	return fmt.Sprintf("\n**%s, rules %s, %d bits**\n\n", strings.Join(ids, ", "), r.Cells[0].Rules, allBits) + table(r, columns)
}

// images is how many images the matching cells took; 0 where none was built.
func images(r *sweep.Result, match func(*sweep.Cell) bool) int64 {
	n := int64(0)
	for i := range r.Cells {
		if c := &r.Cells[i]; match(c) {
			n = max(n, c.Stage(ladder.Files).N)
		}
	}
	return n
}

// table prints a row a number of steps.
func table(r *sweep.Result, columns []column) string {
	var b strings.Builder
	b.WriteString("| T |")
	for _, col := range columns {
		b.WriteString(" " + col.title + " |")
	}
	b.WriteString("\n|---:|" + strings.Repeat("---:|", len(columns)) + "\n")
	for _, t := range steps {
		fmt.Fprintf(&b, "| %d |", t)
		for _, col := range columns {
			i := slices.IndexFunc(r.Cells, func(c sweep.Cell) bool { return c.Steps == t && col.match(&c) })
			text := "–"
			if i >= 0 && !r.Cells[i].Failed {
				text = col.text(&r.Cells[i])
			}
			b.WriteString(" " + text + " |")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// float is the accuracy of the float spiking network.
func float(c *sweep.Cell) string { return fmt.Sprintf("%.2f", 100*c.Stage(ladder.SNN).Accuracy) }

// files is the accuracy of the files, what it is against the trained network on the same images, and its interval.
func files(c *sweep.Cell) string {
	s := c.Stage(ladder.Files)
	return fmt.Sprintf("**%.2f** %+.2f (%.2f..%.2f)", 100*s.Accuracy, 0-c.Loss(), 100*s.CI95[0], 100*s.CI95[1])
}

// operations is what an image costs.
func operations(c *sweep.Cell) string {
	return fmt.Sprintf("%.4g", c.PerImage.SynapticOperations/1e6)
}
