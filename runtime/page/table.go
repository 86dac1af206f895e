package page

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"html/template"
	"strconv"

	"spikec/runtime/report"
)

// table is a table that the reader can sort by every column, and save.
type table struct {
	Caption string
	Columns []column
	Rows    [][]cell // the first cell of a row names it
	file    string   // its name as a file, without extension
}

// column is the heading of one.
type column struct {
	Name   string
	Title  string // more words
	Number bool
}

// cell is what stands somewhere.
type cell struct {
	Text string
	// Sort is what the column is sorted by: a number, or where it is empty the text.
	Sort string
	// Heat colours the cell, 0..1; nil: it does not.
	Heat *float64
	Bad  bool
	// Number and Long say how it is set: by its column, and by its length.
	Number, Long bool
}

// newTable makes a table without rows; names of columns of numbers begin with #.
func newTable(caption, file string, columns ...string) *table {
	t := &table{Caption: caption, file: file}
	for _, name := range columns {
		c := column{Name: name}
		if c.Number = name[0] == '#'; c.Number {
			c.Name = name[1:]
		}
		t.Columns = append(t.Columns, c)
	}
	return t
}

// row adds a row: cells, or what plain and number make cells of.
func (t *table) row(values ...any) {
	var cells []cell
	for _, v := range values {
		switch v := v.(type) {
		case cell:
			cells = append(cells, v)
		case string:
			cells = append(cells, cell{Text: v})
		case int:
			cells = append(cells, number(float64(v), "%.0f"))
		case int64:
			cells = append(cells, number(float64(v), "%.0f"))
		default:
			cells = append(cells, cell{Text: fmt.Sprint(v)})
		}
	}
	for i := range cells {
		cells[i].Number, cells[i].Long = t.Columns[i].Number, len(cells[i].Text) > longText
	}
	t.Rows = append(t.Rows, cells)
}

// longText is from how many bytes on a cell may have several lines.
const longText = 40

// amount is a cell of a large number.
func amount(x float64) cell { return cell{Text: report.Amount(x), Sort: exact(x)} }

// number is a cell of a number.
func number(x float64, format string) cell {
	return cell{Text: fmt.Sprintf(format, x), Sort: exact(x)}
}

// percent is a cell of a share.
func percent(share float64) cell {
	return cell{Text: fmt.Sprintf("%.2f %%", 100*share), Sort: exact(share)}
}

// maybe is a cell of a number that may be missing.
func maybe(x *float64, f func(float64) cell) cell {
	if x == nil {
		return none
	}
	return f(*x)
}

// none is a cell of what there is not.
var none = cell{Text: "–"}

// exact prints a number with as few digits as it takes to read it back.
func exact(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// Save is the table as a file of comma-separated values, with numbers as they are.
func (t *table) Save() save {
	var heading []string
	for _, c := range t.Columns {
		heading = append(heading, c.Name)
	}
	lines := [][]string{heading}
	for _, r := range t.Rows {
		var line []string
		for _, c := range r {
			if c.Sort != "" {
				line = append(line, c.Sort)
			} else {
				line = append(line, c.Text)
			}
		}
		lines = append(lines, line)
	}
	return newSave(t.file, lines)
}

// save is a file within the page.
type save struct {
	Name string
	URL  template.URL
}

// newSave makes a file of lines, as RFC 4180 has them.
func newSave(name string, lines [][]string) save {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll(lines) // a buffer takes all
	return save{name + ".csv", dataURL("text/csv;charset=utf-8", b.Bytes())}
}

// dataURL is a file within the page.
func dataURL(kind string, data []byte) template.URL {
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data))
}
