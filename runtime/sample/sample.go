// Package sample looks at a few images on their way through a build: the spikes and membranes of every layer, the spikes that
// cores send each other, rates beside the activations of the trained network, the decision step by step. It comes after the
// emulation of all images, whose confusions it lists. Its document is what a report shows beside the ladder, so that a report
// needs neither the data nor the trained network.
package sample

// Schema is the name and version of a Document's JSON form.
const Schema = "spikec/report/v1"

// How much is looked at. The cost of a build hardly depends on it; the size of the document does.
const (
	MaxMeasured  = 8   // images: the first ones
	MaxShown     = 4   // images each: the first ones that were decided rightly, and wrongly
	MaxPoints    = 400 // of a layer, of rates against activations; and MostPoints of all layers
	MostPoints   = 8000
	MaxRasters   = 8  // layers whose spikes are kept: the first, the last, and others at even distances
	MaxNeurons   = 20 // of a layer, whose spikes are kept; fewer, where these have more than MaxSpikes
	MaxSpikes    = 500
	MaxSteps     = 128 // whose spikes are kept; and of so many steps scores are
	MaxClasses   = 5   // whose scores are kept, beside the label's
	maxHistogram = 64  // bins
	maxMembranes = 2048
	maxSide      = 64 // pixels of a picture
)

// Document is what was seen. All of it is a function of the request: it does not depend on how many goroutines there were.
type Document struct {
	Schema string `json:"schema"`
	// Command is the command line that the build was made by, in words; empty where it was no command line.
	Command    []string    `json:"command,omitempty"`
	Classes    int         `json:"classes"`
	ClassNames []string    `json:"classNames,omitempty"` // where the data have names
	Confusion  []Confusion `json:"confusion"`            // of all images; by label, then decision; those that occur
	N          int         `json:"n"`                    // the first so many images are what Layers, Traffic and messages are measured on
	Layers     []Layer     `json:"layers"`               // the populations of the network but its input, in order
	Cores      []Core      `json:"cores"`                // as the image numbers them
	Traffic    []Traffic   `json:"traffic"`
	Images     []Image     `json:"images"` // those decided rightly, then those decided wrongly
}

// Confusion is how often images of a label were decided as a class.
type Confusion struct {
	Label    int   `json:"label"`
	Decision int   `json:"decision"`
	Images   int64 `json:"images"`
}

// Layer is what was seen of a population.
type Layer struct {
	Name    string    `json:"name"`
	Weights []Weights `json:"weights"` // of each projection into it
	// Membranes are after each step, of some neurons; nil where nothing is known of their unit.
	Membranes *Histogram `json:"membranes,omitempty"` // [thresholds]
	// Rates are nil for populations that stand for no layer of the trained network.
	Rates *Rates `json:"rates,omitempty"`
}

// Weights are those of a projection.
type Weights struct {
	From string `json:"from"`
	Host bool   `json:"host,omitempty"` // the host keeps them, for its drive
	Histogram
}

// Histogram counts numbers before and after quantisation in bins of one width, the first of which begins at Low. The first
// and the last one hold what is beyond them too.
type Histogram struct {
	Low    float64 `json:"low"`
	Width  float64 `json:"width"`
	Before []int64 `json:"before"` // as real numbers
	After  []int64 `json:"after"`  // as the chip's integers
}

// Rates are pairs of a neuron and an image, chosen evenly among those with an activation or a spike: what the neuron stands
// for on the chip, λ·N/T, or of an output that integrates alone its membrane over T, beside the trained network's activation.
type Rates struct {
	Fires       bool      `json:"fires"`
	Active      float64   `json:"active"` // share of the pairs that have an activation or a spike
	Activations []float32 `json:"activations"`
	Rates       []float32 `json:"rates"`
}

// Core is what a core did an image.
type Core struct {
	Spikes   float64 `json:"spikes"`   // mean of all images
	Sent     float64 `json:"sent"`     // spikes to each core that they go to, mean of N images
	Received float64 `json:"received"` // the same from the other side
}

// Traffic is the mean number of spikes that the cores of one layer send those of another an image: one for each core that a
// spike goes to.
type Traffic struct {
	From   string  `json:"from"`
	To     string  `json:"to"`
	Spikes float64 `json:"spikes"`
}

// Image is one image on its way.
type Image struct {
	Index    int      `json:"index"` // in the data
	Label    int      `json:"label"`
	Trained  int      `json:"trained"`  // decision of the trained network
	Decision int      `json:"decision"` // of the last stage
	Picture  *Picture `json:"picture,omitempty"`
	Scores   Scores   `json:"scores"`
	Rasters  []Raster `json:"rasters"` // of MaxRasters layers, those without spikes left out
}

// Picture is what an image looks like; nil for data without places.
type Picture struct {
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	Channels int    `json:"channels"` // 1 or 3
	Pixels   []byte `json:"pixels"`   // rows of pixels of channels
}

// Scores are what the read-out compares, step by step: spikes or membranes of the classes that are ahead in the end, and of
// the label.
type Scores struct {
	Unit      string    `json:"unit"` // Spikes or WeightUnits
	Steps     []int     `json:"steps"`
	Classes   []int     `json:"classes"`
	Values    [][]int32 `json:"values"`    // class × step
	Decisions []int     `json:"decisions"` // by step
}

// The units of scores.
const (
	Spikes      = "spikes"
	WeightUnits = "weight units"
)

// Raster is when some neurons of a layer fired, in the first Steps steps of its T: those that fired at all, or so many of them
// at even distances.
type Raster struct {
	Layer   string  `json:"layer"`
	Fired   int     `json:"fired"` // neurons that fired
	Neurons []int   `json:"neurons"`
	Steps   int     `json:"steps"`
	Spikes  [][]int `json:"spikes"` // by neuron; steps from 1 on, −t for a spike of −1 in step t
}
