// Package describe reads descriptions of simulations, YAML as docs/simulate.md has it: which neurons, synapses, inputs, monitors and plots
// there are. It knows the form of a description, and where in the file each part stands; what expressions mean is not its
// business. Everything that is wrong with the form is found at once, with its line.
package describe

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"spikec/internal/diag"
)

// Description is a simulation as its author wrote it. Lists have the order of the file.
type Description struct {
	Path         string
	Source       []byte    // the file itself
	Wrong        *Findings // with the form
	Title        Text
	Engine       Text // steps or events
	Ties         Text // of events: fifo or batch
	Dt, Duration Text
	Seed         int
	Generator    Text // of random numbers: counter or numpy
	Parameters   []Named
	Timed        []Timed
	Populations  []Population
	Synapses     []Synapses
	Stimuli      [][]Text // of events: time, population, neuron, weight
	Monitors     []Monitor
	Plots        []Plot
	Sweep        *Sweep
	Training     *Training
}

// Timed is a function of time with values in rows, one every so often.
type Timed struct {
	Name  string
	Line  int
	Rows  [][]Text
	Every Text
}

// Population is a group of neurons, or a source of spikes.
type Population struct {
	Name       string
	Line       int
	Wrong      bool // its form is, so that nothing is known about its variables
	N          int
	Model      Text
	Regime     Text
	Equations  Text
	Threshold  Text
	Crossing   Text
	Reset      Text
	Refractory Text
	Method     Text
	Parameters []Named
	Init       []Named
	Every      []Named // statements by the time after which they come again
	Input      []Input
	Spikes     *Spikes
	Poisson    *Poisson
	Images     *Images
	Dt         Text    // its own step
	Linked     []Named // values of other populations
	Events     []Event
}

// Event is something besides a spike that happens to neurons.
type Event struct {
	Name     string
	Line     int
	When, Do Text
}

// Input drives a parameter of a population.
type Input struct {
	Variable string
	Form     string // constant, step, ramp, noise, pulses
	Line     int
	Where    string
	Values   map[string]Text
	Times    []Text
}

// Spikes is a source with given times.
type Spikes struct {
	Line    int
	Indices []Text
	Times   []Text
	Period  Text
	Repeats Text
}

// Images is a source that shows pictures of a data set by an input code.
type Images struct {
	Line                 int
	Data, Code           Text
	Pictures             []Text // their numbers, in the order in which they are shown
	Every, Length, Pause Text   // a step of the code, and for how long a picture is shown
	Parameter            int    // of the code; 0: its own
}

// Poisson is a source of random spikes.
type Poisson struct {
	Line         int
	Rate         Text
	Construction Text // bins, intervals, thinning
	Refractory   Text
	Recovery     Text
	Correlation  Text
	Burst        []Text
	Most, Bin    Text
}

// Synapses are connections between two populations.
type Synapses struct {
	Name       string
	Line       int
	From, To   Text
	Connect    Connect
	Kind       Text // delta, exponential, alpha
	Onto       Text
	Weight     Text
	Delay      Text
	DelayPost  Text
	Tau        Text
	Reversal   Text
	ShortTerm  []Named
	Rule       Text
	Plasticity []Named
	Parameters []Named
	Variables  []Named
	Equations  Text
	Method     Text
	Init       []Named
	OnPre      Text
	OnPost     Text
	Every      []Named
	Summed     []Named
}

// Connect says which pairs are connected.
type Connect struct {
	Wrong      bool   // its form is
	Form       string // all, one_to_one, random, to, range, pairs, small_world, file
	Line       int
	Where      string
	Condition  Text
	P          Text
	To         Text
	First, End Text
	Pairs      [][]Text
	Neighbours int
	File       Text
	Copies     int
}

// Monitor records something.
type Monitor struct {
	Name   string
	Line   int
	Kind   string // spikes, state, rate, weights
	Of     Text
	Record []Text
	Every  Text
	Smooth Text
}

// Plot draws something.
type Plot struct {
	Kind          string
	Line          int
	Where         string
	Of            []Text
	Title         Text
	File          Text
	XLabel        Text
	YLabel        Text
	Width, Height int
	Values        map[string]Text
}

// Sweep runs the simulation for several values of a parameter.
type Sweep struct {
	Name   string
	Line   int
	Where  string
	Values []Text
}

// Training is a task for a rule with a teacher.
type Training struct {
	Line   int
	Rule   Text
	Values []Named
}

// mostBytes is the largest description that is read.
const mostBytes = 4 << 20

// Read reads the description in a file.
func Read(path string) (*Description, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, &diag.Failure{List: diag.List{{ID: idFile, Severity: diag.Error, Subject: path, Message: diag.Unread(err), Remedy: "name a YAML file; spikec simulate --list shows bundled examples"}}}
	}
	return Parse(path, text)
}

// readFile reads a file of mostBytes at most.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err == nil && len(text) > mostBytes {
		err = fmt.Errorf("has more than %d bytes", mostBytes)
	}
	return text, err
}

// Parse reads a description; path is its name in diagnostics. The error is that of a text that holds none; what else is wrong with the
// form is in the description, so that what it means can be checked all the same.
func Parse(path string, text []byte) (*Description, error) {
	r := &reader{found: &Findings{path: path}}
	d := &Description{Path: path, Source: text, Seed: 1, Wrong: r.found}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		r.found.Wrong(idYAML, 0, "", "look at brackets, quotes and indents there and in the lines above", "%s", strings.TrimPrefix(err.Error(), "yaml: "))
		return nil, r.found.Err()
	}
	if len(doc.Content) == 0 {
		doc.Content = []*yaml.Node{{Line: 1}}
	}
	there := false
	r.known(doc.Content[0], "", "simulate: and below it what is to be simulated", map[string]func(entry){"simulate": func(e entry) {
		there = true
		r.description(d, e)
	}})
	if there {
		return d, nil
	}
	if r.found.Len() == 0 {
		r.need(doc.Content[0], "", map[string]bool{"simulate": false})
	}
	return nil, r.found.Err()
}

// description reads what is below simulate.
func (r *reader) description(d *Description, top entry) {
	r.known(top.value, "", "keys such as duration, populations and monitors", map[string]func(entry){
		"title":       r.into(&d.Title),
		"engine":      r.word(&d.Engine, "steps", "events", "event"),
		"ties":        r.word(&d.Ties, "fifo", "batch"),
		"dt":          r.into(&d.Dt),
		"duration":    r.into(&d.Duration),
		"seed":        r.whole(&d.Seed, 0, 1<<32-1),
		"generator":   r.word(&d.Generator, "counter", "numpy"),
		"parameters":  r.named(&d.Parameters),
		"timed":       func(e entry) { r.timed(d, e) },
		"populations": func(e entry) { r.populations(d, e) },
		"synapses":    func(e entry) { r.synapses(d, e) },
		"stimuli":     r.rows(&d.Stimuli),
		"monitors":    func(e entry) { r.monitors(d, e) },
		"plots":       func(e entry) { r.plots(d, e) },
		"sweep":       func(e entry) { r.sweep(d, e) },
		"train":       func(e entry) { r.training(d, e) },
	})
	if d.Training == nil {
		r.need(top.at, "", map[string]bool{"duration": d.Duration.Given(), "populations": len(d.Populations) > 0})
	}
}

// word is what names are made of.
var word = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// each calls f for the named parts of a mapping.
func (r *reader) each(e entry, example string, f func(entry)) {
	for _, x := range r.entries(e.value, e.where, example) {
		if !word.MatchString(x.key) {
			r.wrong(idValue, x.at, e.where, "use letters, digits and _", "%q is no name", x.key)
			continue
		}
		f(x)
	}
}

func (r *reader) timed(d *Description, e entry) {
	r.each(e, "functions by their names, such as drive: {values: [0*nA, 2*nA], every: 10*ms}", func(x entry) {
		t := Timed{Name: x.key, Line: x.at.Line}
		var values []Text
		r.known(x.value, x.where, "{values: [0*nA, 2*nA], every: 10*ms}", map[string]func(entry){
			"values": r.texts(&values), "rows": r.rows(&t.Rows), "every": r.into(&t.Every)})
		for _, v := range values {
			t.Rows = append(t.Rows, []Text{v})
		}
		r.need(x.at, x.where, map[string]bool{"values": len(t.Rows) > 0, "every": t.Every.Given()})
		d.Timed = append(d.Timed, t)
	})
}

func (r *reader) sweep(d *Description, e entry) {
	entries := r.entries(e.value, e.where, "a parameter with its values, such as {I: linspace(0*nA, 4*nA, 21)}")
	for i, x := range entries {
		if i > 0 {
			r.wrong(idValue, x.at, e.where, "sweep over one parameter at a time", "a second parameter")
			continue
		}
		d.Sweep = &Sweep{Name: x.key, Line: x.at.Line, Where: x.where}
		r.texts(&d.Sweep.Values)(x)
	}
}

func (r *reader) training(d *Description, e entry) {
	d.Training = &Training{Line: e.at.Line}
	for _, x := range r.entries(e.value, e.where, "{rule: tempotron, …}") {
		if x.key == "rule" {
			d.Training.Rule = r.text(x)
		} else if t := r.text(x); t.Given() {
			d.Training.Values = append(d.Training.Values, Named{x.key, t})
		}
	}
	r.need(e.at, e.where, map[string]bool{"rule": d.Training.Rule.Given()})
}
