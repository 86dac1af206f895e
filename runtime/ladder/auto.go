package ladder

// Auto says how the choices that the user left open were made: candidates were fitted to a part of the calibration images,
// run on the others, and compared with the decisions of the trained network; labels had no part in it.
type Auto struct {
	Seed   uint64 `json:"seed"`   // of the order of the calibration images, of which the first were fitted to
	Fitted int    `json:"fitted"` // images that candidates were fitted to
	N      int64  `json:"n"`      // images, behind those, that they were compared on
	Stage  string `json:"stage"`  // that they were compared at: image or snn
	// Flags are what gives the chosen candidate without trying.
	Flags      string      `json:"flags"`
	Candidates []Candidate `json:"candidates"` // in the order in which they were tried
}

// Candidate is one that was tried.
type Candidate struct {
	Name  string `json:"name"`  // the choice that is not that of the best candidate before it
	About string `json:"about"` // why that may be better
	Flags string `json:"flags"` // all of its choices
	// Agreement is Agreed/N: the share of images decided as the trained network does; nil where the candidate was refused.
	Agreement *float64 `json:"agreement,omitempty"`
	Agreed    int64    `json:"agreed"`
	// SynapticOperations is the mean an image.
	SynapticOperations float64 `json:"synapticOperations"`
	Refused            string  `json:"refused,omitempty"` // why there is no such candidate
	Why                string  `json:"why,omitempty"`     // it was not chosen, in words, though there is one
	Chosen             bool    `json:"chosen,omitempty"`
}
