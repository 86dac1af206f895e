package evaluate

import (
	"fmt"

	"spikec/models/ann"
)

// graph is a network without time.
type graph struct {
	g      *ann.Graph
	inputs func(i int, dst []float32)
}

// NewGraph classifies by the largest output of g (ties: the lower class); inputs fills in what g takes of image i.
func NewGraph(g *ann.Graph, inputs func(i int, dst []float32)) Classifier { return &graph{g, inputs} }

// Info describes the one decision.
func (c *graph) Info() Info {
	return Info{Classes: c.g.Nodes[c.g.Output].Shape.Size(), Steps: []int{0}}
}

// NewWorker returns a worker with an executor of its own.
func (c *graph) NewWorker() Worker {
	return &graphWorker{c, ann.NewExecutor(c.g), make([]float32, c.g.Nodes[0].Shape.Size())}
}

type graphWorker struct {
	*graph
	exec *ann.Executor
	x    []float32
}

// Answer runs the graph. Outputs that are no numbers are an error: no class is the largest then.
func (w *graphWorker) Answer(i int, a *Answer) error {
	w.inputs(i, w.x)
	y, err := w.exec.Run(w.x)
	if err != nil {
		return err
	}
	best := 0
	for k, v := range y {
		if v != v {
			return fmt.Errorf("evaluate: output %d of network %s is not a number", k, w.g.Name)
		}
		if v > y[best] {
			best = k
		}
	}
	a.Decisions[0] = int32(best)
	return nil
}
