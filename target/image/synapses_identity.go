package image

// Identity connects axon a with neuron a by weight 1.
type Identity struct {
	N int `json:"n"` // axons, and neurons
}

// Kind returns "identity".
func (s *Identity) Kind() string { return "identity" }

// Axons returns N.
func (s *Identity) Axons() int { return s.N }

// Each yields the one synapse of the axon.
func (s *Identity) Each(axon int, yield func(int, int32)) { yield(axon, 1) }
