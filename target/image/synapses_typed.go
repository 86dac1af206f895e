package image

// Typed is a crossbar of connections whose weights are chosen by the type of the axon: axon a reaches neuron n, where the two
// are connected, by Weight[n·Types + Type[a]]. A connection of weight zero is no synapse.
type Typed struct {
	Neurons   int
	Types     int     // of axons, 0..Types-1
	Type      []int32 // an axon
	Weight    []int32 // Neurons × Types: the weights of one neuron lie side by side
	Connected []int32 // an axon has ⌈Neurons/32⌉ words, of which bit n%32 of word n/32 is the connection to neuron n
}

// NewTyped returns a crossbar without connections, all axons of type 0 and all weights 0.
func NewTyped(axons, neurons, types int) *Typed {
	s := &Typed{Neurons: neurons, Types: types, Type: make([]int32, axons), Weight: make([]int32, neurons*types)}
	s.Connected = make([]int32, axons*s.words())
	return s
}

// words returns how many words of connections an axon has.
func (s *Typed) words() int { return (s.Neurons + 31) / 32 }

// Connect connects an axon and a neuron.
func (s *Typed) Connect(axon, neuron int) {
	s.Connected[axon*s.words()+neuron/32] |= 1 << (neuron % 32)
}

// IsConnected reports whether an axon and a neuron are connected.
func (s *Typed) IsConnected(axon, neuron int) bool {
	return s.Connected[axon*s.words()+neuron/32]>>(neuron%32)&1 != 0
}

// Kind returns "typed".
func (s *Typed) Kind() string { return "typed" }

// Axons returns the number of axons.
func (s *Typed) Axons() int { return len(s.Type) }

// Each yields the connections of the axon with the weights that its type chooses.
func (s *Typed) Each(axon int, yield func(int, int32)) {
	for n := range s.Neurons {
		if s.IsConnected(axon, n) {
			yield(n, s.Weight[n*s.Types+int(s.Type[axon])])
		}
	}
}
