package simulate

import (
	"context"
	"fmt"

	"spikec/models/event"
	"spikec/models/plasticity"
)

func init() {
	register("event_queue", eventQueue)
	register("event_network", eventNetwork)
	register("event_stdp", eventSTDP)
}

// eventQueue compares the answers of a queue, operation by operation.
func eventQueue(_ context.Context, c *recording) {
	operations := c.in.at("operations").list()
	var q event.Queue[float64]
	for i, want := range c.out.at("answers").exactly(len(operations)) {
		op := operations[i].list()
		if len(op) == 0 {
			c.fail("%s is empty", operations[i].name())
		}
		if c.done() {
			return
		}
		var got []any
		answer := func(t, id float64, ok bool) []any {
			if !ok {
				return []any{"none"}
			}
			return []any{"event", t, id}
		}
		switch name := op[0].text(); name {
		case "push":
			op = operations[i].exactly(3)
			q.Push(op[1].float(), op[2].float())
			got = []any{"len", float64(q.Len())}
		case "pop":
			got = answer(q.Pop())
		case "peek":
			got = answer(q.Peek())
		case "empty":
			got = []any{"empty", q.Len() == 0}
		default:
			c.fail("operation %q: push, pop, peek and empty are known", name)
		}
		c.compared++
		if g, w := fmt.Sprint(got), fmt.Sprint(want.v); g != w {
			c.differ("operation %d: %s, recorded %s", i, g, w)
		}
	}
}

// readNetwork reads a network of the event engine, and for how long it runs.
func readNetwork(c *recording) (*event.Network, float64) {
	size := c.in.at("neurons").int(1, mostNeurons)
	n := &event.Network{Drive: make([]float64, size), Cell: event.Cell{Rest: c.in.at("resting_potential_mV").float(), Threshold: c.in.at("threshold_mV").float(),
		Reset: c.in.at("reset_potential_mV").float(), Tau: c.in.at("tau_m_ms").positive(), Refractory: c.in.at("refractory_period_ms").float()}}
	if c.in.has("drive_mV") {
		n.Drive = c.in.at("drive_mV").floatsOf(size)
	}
	for _, s := range c.in.at("synapses").list() {
		f := s.exactly(4)
		n.Synapses = append(n.Synapses, event.Synapse{Source: f[0].int(0, size-1), Target: f[1].int(0, size-1), Weight: f[2].float(), Delay: f[3].float()})
	}
	for _, s := range c.in.at("stimuli").list() {
		f := s.exactly(3)
		n.Stimuli = append(n.Stimuli, event.Stimulus{Time: f[0].float(), Target: f[1].int(0, size-1), Weight: f[2].float()})
	}
	return n, c.in.at("simulation_time_ms").positive()
}

// runNetwork runs it, and fails the recording where that cannot be done.
func runNetwork(ctx context.Context, c *recording, n *event.Network, end float64) *event.Result {
	if c.err != nil {
		return nil
	}
	r, err := n.Run(ctx, end)
	if err != nil {
		c.fail("%v", err)
		return nil
	}
	return r
}

// inOrder compares the spikes of a network with lists of times and of neurons.
func inOrder(c *recording, what string, spikes []event.Spike, out node) {
	var times []float64
	var neurons []int
	for _, s := range spikes {
		times, neurons = append(times, s.Time), append(neurons, s.Neuron)
	}
	c.whole(what+"neurons of the spikes", neurons, out.at("spike_neurons"))
	c.numbers(what+"times of the spikes", times, out.at("spike_times_ms"), tolerance{abs: 1e-9})
}

// mostDeliveries is how many deliveries a recording lists.
const mostDeliveries = 60

// eventNetwork compares both ways to treat equal times; a recording of the tutorial's own loop is another thing.
func eventNetwork(ctx context.Context, c *recording) {
	if c.in.has("initial_event") {
		tutorialLoop(c)
		return
	}
	n, end := readNetwork(c)
	for _, mode := range []string{"fifo", "batch"} {
		out := c.out.at(mode)
		var first [][]float64
		n.Batch = mode == "batch"
		n.Delivered = func(t float64, i int, v float64) {
			if len(first) < mostDeliveries {
				first = append(first, []float64{t, float64(i), v})
			}
		}
		r := runNetwork(ctx, c, n, end)
		if r == nil {
			return
		}
		inOrder(c, mode+", ", r.Spikes, out)
		counts := make([]int, len(n.Drive))
		for _, s := range r.Spikes {
			counts[s.Neuron]++
		}
		c.whole(mode+", counts", counts, out.at("counts"))
		c.numbers(mode+", V at the end", r.Final, out.at("V_final_mV"), tolerance{abs: 1e-9})
		c.count(mode+", deliveries", r.Deliveries, out.at("deliveries"))
		c.count(mode+", deliveries that were ignored", r.Ignored, out.at("deliveries_ignored_in_refractory"))
		c.table(mode+", first deliveries", first, out.at("first_60_deliveries_time_neuron_V"), tolerance{abs: 1e-9})
	}
}

// tutorialRest is the potential of the neurons in the tutorial's loop, where they start and rest.
const tutorialRest = -70.0

// tutorialLoop is an event loop that delivers a spike only to neurons that are among their own sources. With one synapse from one
// neuron to another nobody is, so that no event follows the first, and all stay at rest.
func tutorialLoop(c *recording) {
	size := c.in.at("neurons").int(1, mostNeurons)
	s := c.quantities(c.in.at("synapse"), `^(NUMBER) -> (NUMBER), weight (NUMBER), delay (NUMBER) ms$`, 4)
	if s[0] == s[1] {
		c.fail("the tutorial's loop with a synapse from a neuron to itself is not defined")
		return
	}
	none := node{c, ".outputs", []any{}}
	for i := 1; i <= size; i++ {
		c.numbers(fmt.Sprintf("spikes of neuron %d", i), nil, c.out.at(fmt.Sprintf("neuron%d_spikes", i)), tolerance{})
		c.number(fmt.Sprintf("V of neuron %d", i), tutorialRest, c.out.at(fmt.Sprintf("neuron%d_V", i)), tolerance{})
	}
	for _, printed := range c.out.at("spikes_printed").list() {
		c.numbers("spikes that are printed", none.floats(), printed, tolerance{})
	}
}

// eventSTDP compares a network whose synapses learn.
func eventSTDP(ctx context.Context, c *recording) {
	n, end := readNetwork(c)
	n.Rule = plasticity.NewTraces(len(n.Synapses), c.in.at("tau_pre_ms").positive(), c.in.at("tau_post_ms").positive(), c.in.at("A_pre_mV").float(),
		c.in.at("A_post_mV").float(), c.in.at("w_max_mV").float())
	if r := runNetwork(ctx, c, n, end); r != nil {
		inOrder(c, "", r.Spikes, c.out)
		c.numbers("weights at the end", r.Weights, c.out.at("weights_final_mV"), tolerance{abs: 1e-9})
	}
}
