package image

// Host returns what of the image is not on the chip: how pictures are coded and what the host computes of them, which neurons each
// core has, when its window opens and how many axons each of its synapse memories has, T, and the read-out. Registers,
// initial membranes and synapses of the chip's cores, and where their spikes go, are left out: a synapse memory is a table
// without synapses. It is an image with a stored form of its own, beside which the chip's own files say the rest.
func (m *Image) Host() *Image {
	h := *m
	h.Cores = make([]Core, len(m.Cores))
	for i := range m.Cores {
		c := m.Cores[i]
		c.Registers, c.InitialV = nil, nil
		if !c.Source {
			c.Routes = nil
		}
		blocks := c.Synapses
		c.Synapses = nil
		for _, b := range blocks {
			b.Synapses = noSynapses(b.Synapses.Axons())
			c.Synapses = append(c.Synapses, b)
		}
		h.Cores[i] = c
	}
	return &h
}

// noSynapses returns a memory of so many axons that reach no neuron.
func noSynapses(axons int) *Table {
	return &Table{Row: make([]int32, axons), Base: make([]int32, axons), RowStart: []int32{0, 0}}
}
