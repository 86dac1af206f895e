package network

import "spikec/models/equation"

// Event is something besides a spike that happens to neurons of a population: they fulfil a condition. Synapses may lead from it.
type Event struct {
	p         *Population
	condition *equation.Program
	do        []*action
	which     []int32
	now       []int
}

// AddEvent adds an event. Its condition is tested after the threshold, for refractory neurons too; its statements are executed after resets
// for the neurons to which it happens.
func (p *Population) AddEvent(condition, statements string) (*Event, error) {
	e := &Event{p: p}
	var err error
	if e.condition, err = compiled(condition, p.net.scope(p.values), p.inner); err != nil {
		return nil, err
	}
	if e.do, err = p.actions(statements); err != nil {
		return nil, err
	}
	p.events = append(p.events, e)
	return e, nil
}

// find finds to whom it happens.
func (e *Event) find() {
	e.which, e.now = e.which[:0], e.now[:0]
	if !e.p.due() {
		return
	}
	values := e.condition.At(equation.All(e.p.N))
	if len(values) == 1 && e.p.N > 1 {
		if values[0] != 0 {
			for k := range e.p.N {
				e.which = append(e.which, int32(k))
			}
		}
	} else {
		e.which = nonzero(e.which, values, e.p.words)
	}
	for _, k := range e.which {
		e.now = append(e.now, int(k))
	}
}

func (e *Event) size() int { return e.p.N }

// Now is to whom it happens in this step, ascending.
func (e *Event) Now() []int { return e.now }
