package convert

import "math"

// Layer is a layer of a finished conversion: where its values are in the trained network and in the student, and which
// population it has become.
type Layer struct {
	Name string // of the node
	Node int    // of Result.Teacher and Result.Student: the rectifier, or the output
	Pre  int    // the node whose value is the pre-activation; Node itself where there is no rectifier
	// Limit is the upper limit of the rectifier; +Inf: none.
	Limit float64
	// Population of the network that stands for the layer.
	Population int
}

// layerList lists the layers of a conversion that was lowered.
func (s *State) layerList() []Layer {
	var list []Layer
	if s.Network == nil {
		return nil
	}
	for _, l := range s.studentLayers() {
		list = append(list, Layer{Name: s.Graph.Nodes[l.node].Name, Node: l.node, Pre: l.pre, Limit: l.limit, Population: s.population[l.node]})
	}
	return list
}

// Staircase returns how often a neuron of the network fires in T steps at a constant drive of z thresholds a step, if its
// input arrives evenly (spikes): 0..T.
func (o Options) Staircase(z float64) float64 { return max(0, spikes(math.Max(z, 0), o)) }
