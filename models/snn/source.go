package snn

import "spikec/emulator/encoder"

// source plays the spikes of a population of Source neurons.
type source[N Number] struct {
	player    *encoder.Player
	codes     []uint8
	membranes []N // zero: what an observer is told
}

// newSource returns a source of so many neurons.
func newSource[N Number](c encoder.Coding, size int) *source[N] {
	p, err := encoder.NewPlayer(c)
	if err != nil {
		panic("snn: " + err.Error())
	}
	return &source[N]{player: p, codes: make([]uint8, size), membranes: make([]N, size)}
}

// play plays all steps of a picture: T, also where neurons are staged, and spikes of +1 only.
func (l *Loop[N]) play(i int, codes []N, picture int, observe Observer[N]) {
	p := &l.populations[i]
	for n, c := range codes {
		p.source.codes[n] = uint8(c)
	}
	p.source.player.Begin(p.source.codes, 0, picture)
	p.source.player.Play(p.spikes, p.stride, l.steps)
	for t := 0; observe != nil && t < l.steps; t++ {
		l.events = p.appendSpikes(l.events[:0], t)
		observe(i, t, l.events, p.source.membranes)
	}
}
