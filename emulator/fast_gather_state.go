package emulator

import "spikec/emulator/kernel"

// newState returns the state of one session.
func (g *gather) newState(s *fastSession, lists *eventLists) methodState {
	st := &gatherState{gather: g, input: g.axons.newState(s, g.synapses), lists: lists, list: g.list, plan: g.plan}
	st.list.EntryStride = len(g.list.Pieces)*g.list.Channels + kernel.EntrySlack
	st.list.RankStride = g.list.Positions + 1
	st.list.Prefix = make([]int32, g.axons.words+1)
	st.plan.EntryStride, st.plan.RankStride = st.list.EntryStride, st.list.RankStride
	lists.grow(stepsAtOnce*st.list.EntryStride, stepsAtOnce*st.list.RankStride, g.longest()+kernel.EntrySlack)
	if g.scatter != nil {
		lists.growLanes(stepsAtOnce * g.scatter.words)
	}
	return st
}

// eventLists is room for the events of a block of steps. The cores of a session share it, for they run one after the
// other.
type eventLists struct {
	entries, scratch []uint16
	ranks            []int32
	lanes            []uint64 // what was scattered; zero between uses
}

// grow makes room for at least so many.
func (l *eventLists) grow(entries, ranks, scratch int) {
	if entries > len(l.entries) {
		l.entries = make([]uint16, entries)
	}
	if ranks > len(l.ranks) {
		l.ranks = make([]int32, ranks)
	}
	if scratch > len(l.scratch) {
		l.scratch = make([]uint16, scratch)
	}
}

// growLanes makes room for at least so many words of lanes.
func (l *eventLists) growLanes(words int) {
	if words > len(l.lanes) {
		l.lanes = make([]uint64, words)
	}
}

// gatherState is the method at work.
type gatherState struct {
	*gather
	input axonState
	lists *eventLists
	list  kernel.List
	plan  kernel.Gather

	scattered bool // in this block of steps
}

// take lists the events, or scatters them where they are few.
func (g *gatherState) take(t, n int) {
	g.list.Spikes, g.list.SpikeStride = g.input.take(t, n)
	if g.scattered = g.isSparse(n); g.scattered {
		for k := range n {
			g.scatter.add(g.lists.lanes[k*g.scatter.words:], g.list.Spikes[k*g.list.SpikeStride:][:g.axons.words])
		}
		return
	}
	g.list.Entries, g.list.Ranks = g.lists.entries, g.lists.ranks
	g.plan.Entries, g.plan.Ranks, g.plan.Scratch = g.lists.entries, g.lists.ranks, g.lists.scratch
	g.list.Steps, g.plan.Steps = n, n
	g.list.Run()
}

// isSparse reports whether so few axons spike in n steps that scattering costs less.
func (g *gatherState) isSparse(n int) bool {
	if g.scatter == nil {
		return false
	}
	events := 0
	for k := range n {
		events += kernel.Ones(g.list.Spikes[k*g.list.SpikeStride:][:g.axons.words])
	}
	return events*g.scatter.oneIn < n*len(g.synapses)
}

// addScattered adds what was scattered to the stretch.
func (g *gatherState) addScattered(x *sums) {
	x.fill()
	for k := range x.steps {
		lanes := g.lists.lanes[k*g.scatter.words:][x.from*kernel.Block16 : x.to*kernel.Block16]
		kernel.AddLanes(x.narrow[k*x.stride/laneUnit:], lanes)
		clear(lanes)
	}
}

// add gathers the positions of the stretch.
func (g *gatherState) add(x *sums) {
	if g.scattered {
		g.addScattered(x)
		return
	}
	p := &g.plan
	p.Padded = g.padded
	p.From, p.To = g.in(x, len(p.First)-1)
	p.Sums, p.Wide, p.SumStride = x.narrow, x.wide, x.stride
	p.Init, p.WideInit, p.InitStride = x.initNarrow, x.initWide, x.initStride
	p.Run()
	x.set()
}

// operations returns the synaptic operations.
func (g *gatherState) operations(from, to int) int64 { return g.input.operations(from, to) }
