package image

// Table lists synapses one by one. Axons that reach neurons in the same pattern share a row: axon a has the
// synapses RowStart[Row[a]]..RowStart[Row[a]+1]-1, and synapse s reaches neuron Base[a] + Target[s].
type Table struct {
	Row      []int32 // a row an axon
	Base     []int32 // a neuron an axon
	RowStart []int32 // rows + 1 entries, ascending
	Target   []int32 // a synapse: neuron, counted from the axon's base
	Weight   []int32 // a synapse
}

// Kind returns "table".
func (s *Table) Kind() string { return "table" }

// Axons returns the number of axons.
func (s *Table) Axons() int { return len(s.Row) }

// Each yields the synapses of the axon's row.
func (s *Table) Each(axon int, yield func(int, int32)) {
	r, base := s.Row[axon], int(s.Base[axon])
	for i := s.RowStart[r]; i < s.RowStart[r+1]; i++ {
		yield(base+int(s.Target[i]), s.Weight[i])
	}
}
