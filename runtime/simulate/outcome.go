package simulate

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"spikec/internal/diag"
	"spikec/models/equation"
	"spikec/runtime/dataset/npz"
	"spikec/runtime/output"
	"spikec/runtime/simulate/figure"
)

// Schema is the version of the result document.
const Schema = "spikec/simulate/v1"

// Result is the result document.
type Result struct {
	Schema      string       `json:"schema"`
	Tool        string       `json:"tool,omitempty"` // that simulated
	Title       string       `json:"title,omitempty"`
	Engine      string       `json:"engine"`
	StepMS      float64      `json:"stepMs,omitempty"` // of the engine in steps
	DurationMS  float64      `json:"durationMs,omitempty"`
	Seed        int          `json:"seed"`
	Generator   string       `json:"generator,omitempty"` // numpy; the other one is not named
	Populations []Population `json:"populations,omitempty"`
	Synapses    []Synapses   `json:"synapses,omitempty"`
	Monitors    []Monitor    `json:"monitors,omitempty"`
	Sweep       *Sweep       `json:"sweep,omitempty"`
	Training    *Training    `json:"training,omitempty"`
	Plots       []Plot       `json:"plots,omitempty"`
	Diagnostics diag.List    `json:"diagnostics"`
}

// Population is what a group of neurons did.
type Population struct {
	Name    string  `json:"name"`
	Neurons int     `json:"neurons"`
	Spikes  int     `json:"spikes"`
	RateHz  float64 `json:"rateHz"` // of a neuron, in the mean
}

// Spread is the mean, the least and the most of a list.
type Spread struct {
	Mean float64 `json:"mean"`
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
}

// Synapses are connections, with their weights at the end.
type Synapses struct {
	Name     string  `json:"name"`
	From     string  `json:"from"`
	To       string  `json:"to"`
	Synapses int     `json:"synapses"`
	Bytes    int64   `json:"bytes,omitempty"`
	Weights  *Spread `json:"weights,omitempty"`
	Unit     string  `json:"unit,omitempty"` // of the weights
}

// Monitor says what was recorded, and in which file.
type Monitor struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Of   string `json:"of"`
	Unit string `json:"unit,omitempty"` // of the values, in the SI; times are in s
	Rows int    `json:"rows"`
	File string `json:"file"`
}

// Sweep holds the rate of each population for each value of a parameter.
type Sweep struct {
	Parameter string      `json:"parameter"`
	Unit      string      `json:"unit"`
	Values    []float64   `json:"values"`
	Rates     []SweepRate `json:"rates"`
	File      string      `json:"file"`
}

// SweepRate are the rates of a population in Hz, one a value.
type SweepRate struct {
	Population string    `json:"population"`
	RateHz     []float64 `json:"rateHz"`
}

// Plot names the files of a plot, and says what it shows.
type Plot struct {
	Kind        string `json:"kind"`
	Title       string `json:"title"`
	Description string `json:"description"`
	SVG         string `json:"svg"`
	PNG         string `json:"png"`
}

// table is numbers in columns, for a CSV file and an archive.
type table struct {
	name    string
	columns []string
	rows    int
	at      func(row, column int) float64
	arrays  []*npz.Array
}

// Outcome is a result with all that was recorded.
type Outcome struct {
	Result      *Result
	description []byte // as it was read
	tables      []table
	figures     []figure.Figure
	names       []string // of the figures' files, without ending
}

// outcome sums up a run in steps.
func (b *builder) outcome() (*Outcome, error) {
	o := &Outcome{Result: b.result("steps")}
	o.Result.StepMS = 1e3 * b.dt
	for _, g := range b.order {
		o.Result.Populations = append(o.Result.Populations, Population{g.name, g.n, g.spikes, float64(g.spikes) / float64(g.n) / b.duration})
	}
	for _, y := range b.synapses {
		w, _ := y.s.Values("w")
		o.Result.Synapses = append(o.Result.Synapses, Synapses{y.name, y.from.name, y.to.name, y.s.Size(), y.s.Bytes(), spread(w), y.unit()})
	}
	for _, m := range b.monitors {
		o.record(m)
	}
	if b.swept != nil {
		o.Result.Sweep = b.swept
		o.tables = append(o.tables, b.sweptTable)
	}
	return o, b.draw(o)
}

// result begins the document.
func (b *builder) result(engine string) *Result {
	r := &Result{Schema: Schema, Title: b.d.Title.Text, Engine: engine, DurationMS: 1e3 * b.duration, Seed: b.d.Seed, Diagnostics: diag.List{}}
	if b.d.Generator.Text == "numpy" {
		r.Generator = "numpy"
	}
	return r
}

// record adds the table of a monitor.
func (o *Outcome) record(m *monitor) {
	t := table{name: m.name, rows: len(m.times)}
	switch m.kind {
	case "spikes":
		t.columns = []string{"t", "neuron"}
		t.at = func(r, c int) float64 {
			if c == 0 {
				return m.times[r]
			}
			return float64(m.neurons[r])
		}
		index := make([]int64, len(m.neurons))
		for k, v := range m.neurons {
			index[k] = int64(v)
		}
		t.arrays = []*npz.Array{npz.Float64s(m.name+".t", m.times, len(m.times)), npz.Int64s(m.name+".neuron", index, len(index))}
	case "rate":
		t.columns = []string{"t", "rate"}
		t.at = func(r, c int) float64 {
			if c == 0 {
				return m.times[r]
			}
			return m.values[r]
		}
		t.arrays = []*npz.Array{npz.Float64s(m.name+".t", m.times, len(m.times)), npz.Float64s(m.name+".rate", m.values, len(m.values))}
	default:
		t.columns = []string{"t"}
		elements := make([]int64, len(m.elements))
		for k, e := range m.elements {
			elements[k] = int64(e)
			t.columns = append(t.columns, strconv.Itoa(e))
		}
		t.at = func(r, c int) float64 {
			if c == 0 {
				return m.times[r]
			}
			return m.values[r*len(m.elements)+c-1]
		}
		t.arrays = []*npz.Array{npz.Float64s(m.name+".t", m.times, len(m.times)), npz.Int64s(m.name+".record", elements, len(elements)),
			npz.Float64s(m.name+".values", m.values, len(m.times), len(m.elements))}
	}
	unit := m.unit.String()
	if m.kind == "spikes" {
		unit = ""
	}
	o.Result.Monitors = append(o.Result.Monitors, Monitor{m.name, m.kind, m.of, unit, t.rows, m.name + ".csv"})
	o.tables = append(o.tables, t)
}

// csv writes the table as comma-separated values, numbers so that they are read back as the same.
func (t *table) csv(w io.Writer) error {
	c := csv.NewWriter(w)
	if err := c.Write(t.columns); err != nil {
		return err
	}
	record := make([]string, len(t.columns))
	for r := range t.rows {
		for k := range record {
			record[k] = strconv.FormatFloat(t.at(r, k), 'g', -1, 64)
		}
		if err := c.Write(record); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// The files of a simulation beside those that its result names.
const (
	resultFile      = "result.json"      // the result document
	DescriptionFile = "description.yaml" // the description, byte by byte
	arraysFile      = "results.npz"      // all numbers
)

// ReportFile is the page that spikec report makes of a simulation, in its folder: no part of the simulation, and the one file that
// may be there beside it. A simulation that takes its place removes it.
const ReportFile = "report.html"

// Writable reports what keeps Write from writing to a folder.
func Writable(dir string) error {
	f, err := output.NewFolder(dir, replaceable)
	if err == nil {
		f.Discard()
	}
	return err
}

// Write writes the folder of a simulation: result.json, the description, a CSV file a monitor, all numbers as results.npz, and the plots. It is complete or not
// there; a folder that is in its place is replaced if it is empty or one of another simulation.
func (o *Outcome) Write(dir string) error {
	f, err := output.NewFolder(dir, replaceable)
	if err != nil {
		return err
	}
	defer f.Discard()
	var arrays []*npz.Array
	for _, t := range o.tables {
		var b bytes.Buffer
		if err := t.csv(&b); err != nil {
			return err
		}
		if err := f.Write(t.name+".csv", b.Bytes()); err != nil {
			return err
		}
		arrays = append(arrays, t.arrays...)
	}
	var b bytes.Buffer
	if err := npz.Write(&b, arrays...); err != nil {
		return err
	}
	if err := f.Write(arraysFile, b.Bytes()); err != nil {
		return err
	}
	for k := range o.figures {
		svg, err := o.figures[k].SVG()
		if err != nil {
			return fmt.Errorf("plot %s: %w", o.names[k], err)
		}
		png, err := o.figures[k].PNG()
		if err != nil {
			return fmt.Errorf("plot %s: %w", o.names[k], err)
		}
		if err := f.Write(o.names[k]+".svg", svg); err != nil {
			return err
		}
		if err := f.Write(o.names[k]+".png", png); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(o.Result, "", "  ")
	if err != nil {
		return err
	}
	if err := f.Write(resultFile, append(text, '\n')); err != nil {
		return err
	}
	if err := f.Write(DescriptionFile, o.description); err != nil {
		return err
	}
	return f.Commit()
}

// mostResult is the largest result document that is read. [bytes]
const mostResult = 64 << 20

// replaceable returns nil for a folder that holds a simulation and nothing else.
func replaceable(dir string) error {
	data, err := readFile(dir, resultFile, mostResult)
	if err != nil {
		return errors.New("it is no simulation of spikec, as it has no " + resultFile)
	}
	var r Result
	if err := json.Unmarshal(data, &r); err != nil || r.Schema != Schema {
		return errors.New("its " + resultFile + " is not that of a simulation")
	}
	strange, err := r.strangers(dir)
	if err == nil && len(strange) > 0 {
		err = fmt.Errorf("%s in it is not part of the simulation", strange[0])
	}
	return err
}

// files are the names of all files of a simulation, in a stable order.
func (r *Result) files() []string {
	names := []string{resultFile, DescriptionFile, arraysFile}
	for _, m := range r.Monitors {
		names = append(names, m.File)
	}
	if r.Sweep != nil {
		names = append(names, r.Sweep.File)
	}
	if r.Training != nil {
		names = append(names, r.Training.File)
	}
	for _, p := range r.Plots {
		names = append(names, p.SVG, p.PNG)
	}
	return names
}

// strangers are the files in the folder of a simulation that are no part of it.
func (r *Result) strangers(dir string) ([]string, error) {
	own := map[string]bool{ReportFile: true}
	for _, name := range r.files() {
		own[name] = true
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !own[e.Name()] {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// milli returns seconds as ms, without the noise of the last bits.
func milli(t float64) float64 { return math.Round(t*1e9) / 1e6 }

// shown is a value in the unit that plots show for a dimension, and its name.
func shown(d equation.Dimension) (factor float64, unit string) { return scaled(d.String()) }

// scaled is shown for a unit of the SI by its name.
func scaled(name string) (factor float64, unit string) {
	switch name {
	case "V":
		return 1e3, "mV"
	case "A":
		return 1e9, "nA"
	case "s":
		return 1e3, "ms"
	case "S":
		return 1e9, "nS"
	case "1", "":
		return 1, ""
	case "1/s":
		return 1, "Hz"
	case "A/m**2":
		return 100, "µA/cm²"
	}
	return 1, name
}
