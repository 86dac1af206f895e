package bench

import (
	"runtime"
	"slices"

	"spikec/internal/diag"
	"spikec/internal/simd"
)

// Schema is the name and version of a result as JSON.
const Schema = "spikec/bench/v1"

// byWall says how several goroutines are timed.
const byWall = "wall clock"

// Result is the answer to a Request. Figures are for this machine, at this time.
type Result struct {
	Schema      string  `json:"schema"`
	About       string  `json:"about"`       // the network
	Processors  int     `json:"processors"`  // that Go may use
	LoadAverage float64 `json:"loadAverage"` // of the last minute, when the measurement ended; 0 = not known
	PeakMemory  int64   `json:"peakMemory"`  // bytes that the process has had in use; 0 = not known
	Images      int     `json:"images"`      // that there are; a row has as many of them as fit
	Verified    int     `json:"verified"`    // first images whose answers were compared with the reference engine
	Rows        []Row   `json:"rows"`
	// Diagnostics says what was asked for and cannot be had.
	Diagnostics diag.List `json:"diagnostics"`
}

// Row is one engine on one network.
type Row struct {
	Net             string  `json:"net"`
	Steps           int     `json:"steps"`
	Engine          string  `json:"engine"`
	Threads         int     `json:"threads"`         // goroutines that ran: no more than images
	ImagesPerSecond float64 `json:"imagesPerSecond"` // of the fastest repetition
	SOPsPerSecond   float64 `json:"synapticOperationsPerSecond"`
	CPU             string  `json:"cpu"`
	Instructions    string  `json:"instructions"` // level of vector instructions that the engine uses
	Clock           string  `json:"clock"`
	Images          int     `json:"images"` // a repetition
	Repetitions     int     `json:"repetitions"`
	Min             float64 `json:"minSeconds"`     // an image, in the fastest repetition
	Median          float64 `json:"medianSeconds"`  // an image
	MinWall         float64 `json:"minWallSeconds"` // an image, by the wall clock
	SOPs            float64 `json:"synapticOperationsPerImage"`
	Density         float64 `json:"density"` // spikes a neuron and step, all neurons
	Layers          []Layer `json:"layers"`
	AllocatedBytes  float64 `json:"allocatedBytesPerImage"`
	Hash            string  `json:"hash"`              // FNV-1a of the answers to all images of a repetition
	Refused         string  `json:"refused,omitempty"` // why the engine cannot run the network; then there are no figures
}

// Layer is how much the neurons of one core fire.
type Layer struct {
	Name    string  `json:"name"`
	Density float64 `json:"density"` // spikes a neuron and step
}

// newResult describes what is measured.
func newResult(net *network, v *verifier) *Result {
	return &Result{Schema: Schema, About: net.about, Processors: runtime.GOMAXPROCS(0), Images: len(net.pictures), Verified: len(v.answers), Rows: []Row{}}
}

// finish notes what is known at the end.
func (r *Result) finish() { r.LoadAverage, r.PeakMemory = loadAverage(), peakMemory() }

// row begins the row of an engine.
func (n *network) row(engine string, jobs int) Row {
	r := Row{Net: n.name, Steps: n.img.Steps, Engine: engine, Threads: jobs, CPU: cpuModel(), Instructions: instructions(engine), Clock: byWall, Layers: []Layer{}}
	if jobs == 1 {
		r.Clock = oneThread
	}
	return r
}

// instructions names the level of vector instructions that an engine uses: the reference engine has none.
func instructions(engine string) string {
	if engine == "reference" {
		return simd.Scalar.String()
	}
	return simd.Best().String()
}

// refuse is the row of an engine that cannot run the network.
func (r Row) refuse(err error) Row {
	r.Refused = err.Error()
	return r
}

// row sums up the repetitions.
func (m *runner) row() Row {
	r := m.net.row(m.engine.Name(), len(m.sessions))
	images := float64(len(m.pictures))
	r.Images, r.Repetitions, r.Hash = len(m.pictures), len(m.seconds), m.hash
	r.Min, r.Median = slices.Min(m.seconds)/images, median(m.seconds)/images
	r.MinWall = slices.Min(m.wall) / images
	r.SOPs = float64(m.work.SynapticOperations) / images
	r.ImagesPerSecond, r.SOPsPerSecond = 1/r.Min, r.SOPs/r.Min
	var spikes int64
	for i, n := range m.work.Spikes {
		c := &m.net.img.Cores[i]
		r.Layers = append(r.Layers, Layer{c.Population, float64(n) / images / float64(c.Neurons*m.net.img.Steps)})
		spikes += n
	}
	r.Density = float64(spikes) / float64(max(1, m.work.NeuronUpdates))
	r.AllocatedBytes = float64(m.allocated) / images / float64(len(m.seconds))
	return r
}

// median returns the middle one of some numbers, the higher one of two.
func median(x []float64) float64 { return slices.Sorted(slices.Values(x))[len(x)/2] }
