package ladder

// Diagnosis says, layer by layer, how well the rates of the spiking network stand for the activations of the trained one, on
// the first calibration images. Package diagnose makes it.
type Diagnosis struct {
	N int `json:"n"` // images
	// Tailored is the share of images on which the network that obeys the rules, still without time, decides as the trained
	// network does.
	Tailored float64 `json:"tailored"`
	// First names the first layer after which the agreement is measurably gone: more than one image in a hundred is decided
	// otherwise; "" where there is none.
	First string `json:"first"`
	// Worst names the layer after which the agreement falls most, and Drop is by how much; "" and 0 where it falls nowhere.
	Worst string  `json:"worst"`
	Drop  float64 `json:"drop"`
	// Cause is what costs most of the agreement: one of the causes below; "" where nothing measurable is lost. But for the rules
	// it is the largest cost of the layer Worst.
	Cause string `json:"cause"`
	// Origin is where it begins; nil where the cause is not CauseDrive.
	Origin *Origin `json:"origin,omitempty"`
	// Next is what to try against it, in words.
	Next   string           `json:"next,omitempty"`
	Layers []LayerDiagnosis `json:"layers"`
}

// The causes that cost agreement.
const (
	CauseRules        = "rules"        // what the rules and the fit of the weights leave: no matter of time
	CauseClipping     = "clipping"     // drives beyond one spike a step
	CauseQuantisation = "quantisation" // T steps have T+1 rates
	CauseUnevenness   = "unevenness"   // spikes that came too early to be taken back, or too late
	CauseDrive        = "drive"        // what was different before the layer's own neurons
)

// Origin is the first layer that has a larger cost of its own than what was different before it; where there is none, the first
// layer.
type Origin struct {
	Layer string `json:"layer"`
	Cause string `json:"cause"` // its largest cost: clipping, quantisation or unevenness
}

// LayerDiagnosis compares a layer's rates φ = λ·N/T, of N spikes in T steps, with the activations a of the trained network,
// over all neurons and images.
type LayerDiagnosis struct {
	Name string `json:"name"`
	// Fires is false for an output that integrates alone: its φ is its mean drive, and what counts spikes is 0.
	Fires bool `json:"fires"`
	Fidelity
	// WorstChannel is the one with the lowest correlation; nil where no channel has one.
	WorstChannel *Channel `json:"worstChannel,omitempty"`
	Rate         float64  `json:"rate"` // spikes a neuron and step
	// Dead is the share of neurons, and DeadChannels the number of channels, without a spike on all images.
	Dead         float64 `json:"dead"`
	DeadChannels int     `json:"deadChannels"`
	// Saturated is the share of neurons and images with a spike in every step.
	Saturated float64 `json:"saturated"`
	// OverActive is the share of neurons and images that end with a membrane of two thresholds or more, Uneven of those
	// that do not fire as often as an even input of the same mean makes them. A reset to zero forgets: then OverActive is 0.
	OverActive float64 `json:"overActive"`
	Uneven     float64 `json:"uneven"`
	// Costs are the shares of what makes φ differ from a.
	Costs Costs `json:"costs"`
	// Agreement is the share of images on which the trained network, given this layer's rates and those of the layers before
	// it, decides as it does by itself; of the last layer, on which the spiking network does.
	Agreement float64 `json:"agreement"`
}

// Fidelity is how well rates follow activations. Fields are nil where they are not defined: nothing varies, or all is 0.
type Fidelity struct {
	Correlation *float64 `json:"correlation,omitempty"` // Pearson's, of φ and a; 0 where a varies and φ does not
	Slope       *float64 `json:"slope,omitempty"`       // of φ over a, least squares with an intercept
	NMSE        *float64 `json:"nmse,omitempty"`        // Σ(φ−a)² / Σa²
}

// Channel is the fidelity of one channel.
type Channel struct {
	Channel int `json:"channel"`
	Fidelity
}

// Costs split φ − a, with z the mean drive that the layer gets and q the rate of the staircase that an even input of that
// mean gives:
//
//	φ − a = (φ − q) + (q − min(max(z,0),λ)) + (min(max(z,0),λ) − max(z,0)) + (max(z,0) − a)
//
// Each is the share of its squares in the squares of all four, over neurons and images; all are 0 where nothing differs.
type Costs struct {
	Unevenness   float64 `json:"unevenness"`
	Quantisation float64 `json:"quantisation"`
	Clipping     float64 `json:"clipping"`
	// Drive is of what was different before: the rates of the layers before, and the fit of the weights.
	Drive float64 `json:"drive"`
}
