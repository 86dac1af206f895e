package page

import (
	"cmp"
	"fmt"
	"slices"

	"spikec/runtime/build"
	"spikec/runtime/ladder"
	"spikec/runtime/report"
	"spikec/target/image"
)

// mapColumns is how many cores stand side by side on a map; maxCores is how many a table has at most.
const (
	mapColumns = 32
	maxCores   = 300
)

// use is what a core takes, and of how much.
type use struct {
	core                         int
	neurons, axonsIn, axonsOut   int64
	bits                         int64
	fullest                      float64 // the largest share of a limit, or without limits of the largest core
	what                         string  // that it is a share of
	spikes, sent, received, busy float64
}

// uses counts what every core of the chip takes.
func uses(l *build.Look) []use {
	var list []use
	for i := range l.Image.Cores {
		c := &l.Image.Cores[i]
		if c.Source {
			continue // the host's
		}
		u := use{core: i, neurons: int64(c.Neurons), axonsIn: int64(c.Axons()), bits: int64(image.SynapseBits(c, l.Profile))}
		for _, r := range c.Routes {
			u.axonsOut += int64(r.Count)
		}
		if l.Samples != nil {
			k := &l.Samples.Cores[i]
			u.spikes, u.sent, u.received = k.Spikes, k.Sent, k.Received
			u.busy = u.sent + u.received
		}
		list = append(list, u)
	}
	limits := &l.Profile.Capacity
	most := int64(1)
	for _, u := range list {
		most = max(most, u.neurons)
	}
	for i := range list {
		u := &list[i]
		for _, x := range []struct {
			what  string
			value int64
			limit *int
		}{{"neurons", u.neurons, limits.Neurons}, {"input axons", u.axonsIn, limits.AxonsIn}, {"output axons", u.axonsOut, limits.AxonsOut}, {"synapse memory", u.bits, limits.SynapseBits}} {
			if x.limit != nil && *x.limit > 0 {
				if s := float64(x.value) / float64(*x.limit); s > u.fullest || u.what == "" {
					u.fullest, u.what = s, x.what
				}
			}
		}
		if u.what == "" {
			u.fullest, u.what = float64(u.neurons)/float64(most), "neurons of the largest core"
		}
	}
	return list
}

// placement shows the cores, how full they are, and what they send each other.
func placement(l *build.Look) section {
	s := section{ID: "cores", Title: "Cores and traffic"}
	list := uses(l)
	rows, fullness, traffic := coreMap(l, list)
	saved := [][]string{{"core", "layer", "share", "of", "spikes", "sent", "received"}}
	top := use{}
	for _, u := range list {
		saved = append(saved, []string{fmt.Sprint(u.core), l.Image.Cores[u.core].Population, exact(u.fullest), u.what, exact(u.spikes), exact(u.sent), exact(u.received)})
		if u.fullest > top.fullest {
			top = u
		}
	}
	words := fmt.Sprintf("%d cores, a row for each layer. The fullest, core %d, takes %.0f %% of its %s.", len(list), top.core, 100*top.fullest, top.what)
	plots := []*figure{tiles("How full cores are", words, "cores", rows, fullness, saved, "Colour: the largest share of a limit that a core has; without limits, of the neurons of the largest core.")}
	if l.Samples != nil {
		busiest := busiest(list)
		words := fmt.Sprintf("The busiest, core %d, sends %s and gets %s spikes an image.", busiest.core, report.Amount(busiest.sent), report.Amount(busiest.received))
		plots = append(plots, tiles("How busy cores are", words, "cores-traffic", rows, traffic, saved, "Colour: spikes that a core sends and gets an image, against the busiest one. "+words))
	}
	s.add(block{Plots: plots})
	if t := utilisation(l.Ladder); t != nil {
		s.add(block{Table: t})
	}
	s.add(coreTable(l, list))
	if l.Samples != nil && len(l.Samples.Traffic) > 0 {
		t := newTable(fmt.Sprintf("Spikes between layers, mean of the first %d images: one for each core that a spike goes to", l.Samples.N), "traffic", "from", "to", "#spikes an image")
		for _, x := range l.Samples.Traffic {
			t.row(x.From, x.To, number(x.Spikes, "%.1f"))
		}
		s.add(block{Table: t})
	}
	if t := l.Ladder.Resources.Traffic; t != nil {
		facts := []fact{{Name: "packets between cores an image", Value: report.Amount(t.Packets), Note: fmt.Sprintf("mean of the first %d images", t.N)},
			{Name: "packets from the host an image", Value: report.Amount(t.HostPackets)}}
		if t.Grid != nil {
			facts = append(facts, fact{Name: "hops of a packet", Value: fmt.Sprintf("%.2f", t.Hops/max(1, t.Packets)), Note: fmt.Sprintf("on a grid of %d × %d", t.Grid[0], t.Grid[1])})
		}
		s.add(block{Facts: facts})
	}
	return s
}

// utilisation lists how much of its cores each layer takes; nil where that is not known.
func utilisation(l *ladder.Ladder) *table {
	t := newTable("What layers take of their cores", "utilisation", "layer", "#cores", "#neurons", "#of neurons", "#of input axons", "#of output axons", "#of synapse memory", "bound by")
	for i := range l.Layers {
		if p := &l.Layers[i]; p.Use != nil {
			t.row(p.Name, len(p.Cores), p.Neurons, percent(p.Use.Neurons), percent(p.Use.Axons), percent(p.Use.AxonsOut), percent(p.Use.SynapseMemory), p.Use.Bound)
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

// busiest is the core with most traffic.
func busiest(list []use) use {
	if len(list) == 0 {
		return use{}
	}
	return slices.MaxFunc(list, func(a, b use) int { return cmp.Compare(a.busy, b.busy) })
}

// coreMap places cores on a map, layer below layer.
func coreMap(l *build.Look, list []use) (rows []string, fullness, traffic []tile) {
	most := max(busiest(list).busy, 1e-9)
	column, before := 0, ""
	for i, u := range list {
		name := l.Image.Cores[u.core].Population
		switch {
		case i == 0 || name != before:
			rows, column = append(rows, name), 0
		case column == mapColumns:
			rows, column = append(rows, ""), 0
		}
		before = name
		t := tile{column: column, row: len(rows) - 1, label: fmt.Sprint(u.core), value: min(1, u.fullest)}
		fullness = append(fullness, t)
		t.value = u.busy / most
		traffic = append(traffic, t)
		column++
	}
	return rows, fullness, traffic
}

// coreTable lists the cores.
func coreTable(l *build.Look, list []use) block {
	caption := "Cores"
	if len(list) > maxCores {
		caption = fmt.Sprintf("The %d fullest of %d cores", maxCores, len(list))
		list = slices.Clone(list)
		slices.SortStableFunc(list, func(a, b use) int { return cmp.Compare(b.fullest, a.fullest) })
		list = list[:maxCores]
	}
	t := newTable(caption, "cores-table", "#core", "layer", "#neurons", "#input axons", "#output axons", "#synapse memory [bit]", "#fullest", "of", "#spikes", "#sent", "#received")
	for i, title := range []string{"", "", "", "", "", "", "largest share of a limit", "", "of all images, mean", "spikes to other cores an image", "spikes from other cores an image"} {
		t.Columns[i].Title = title
	}
	for _, u := range list {
		row := []any{cell{Text: fmt.Sprint(u.core), Sort: fmt.Sprint(u.core)}, l.Image.Cores[u.core].Population, u.neurons, u.axonsIn, u.axonsOut, u.bits, percent(u.fullest), u.what}
		if l.Samples != nil {
			row = append(row, number(u.spikes, "%.1f"), number(u.sent, "%.1f"), number(u.received, "%.1f"))
		} else {
			row = append(row, none, none, none)
		}
		t.row(row...)
	}
	return block{Table: t}
}

// resources compares what the network takes with what there is.
func resources(l *build.Look) section {
	s := section{ID: "resources", Title: "Resources against limits"}
	r, limits := &l.Resources, &l.Profile.Capacity
	t := newTable("What the network takes of the chip", "resources", "what", "#taken", "#there is", "#share")
	for _, x := range []struct {
		what  string
		taken int64
		limit *int
	}{{"cores", int64(r.Cores), limits.Cores}, {"neurons of a core, the most", int64(r.MaxNeurons), limits.Neurons}, {"input axons of a core, the most", int64(r.MaxAxonsIn), limits.AxonsIn},
		{"output axons of a core, the most", int64(r.MaxAxonsOut), limits.AxonsOut}, {"synapse memory of a core, the most [bit]", r.MaxSynapseBits, limits.SynapseBits},
		{"neurons in all", int64(r.Neurons), nil}, {"synapses in all", r.Synapses, nil}, {"stored weights in all [byte]", r.WeightBytes, nil},
		{"synapse memory in all [bit]", r.SynapseBits, nil}, {"weights on the host", l.Ladder.Resources.HostWeights, nil},
		{"bits of a weight", int64(l.Ladder.Resources.WeightBits), nil}, {"bits of a membrane", int64(l.Ladder.Resources.StateBits), nil}} {
		if x.limit == nil {
			t.row(x.what, x.taken, cell{Text: "no limit"}, none)
			continue
		}
		c := percent(float64(x.taken) / float64(max(1, *x.limit)))
		c.Bad = x.taken > int64(*x.limit)
		t.row(x.what, x.taken, *x.limit, c)
	}
	s.add(block{Table: t})
	return s
}
