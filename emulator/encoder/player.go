package encoder

import "fmt"

// WordBits is how many neurons share a word of spikes.
const WordBits = 64

// Player plays the trains of one population, picture after picture. It is not safe for concurrent use; players of one
// coding give the same spikes.
type Player struct {
	coding  Coding
	encoder *encoder
	trains  []playing // of the neurons that may still fire
	step    int       // the next one
}

// playing is a train with its place among the bits.
type playing struct {
	train
	bit int
}

// NewPlayer returns a player, or what is wrong with the coding.
func NewPlayer(c Coding) (*Player, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("encoder: %w", err)
	}
	return &Player{coding: c, encoder: encoders[c.Name]}, nil
}

// Begin starts a picture, picture being its index among the pictures of its set. codes[i] is the code of neuron first + i
// of the picture, in H,W,C order, whose spikes become bit i.
func (p *Player) Begin(codes []uint8, first, picture int) {
	p.trains, p.step = p.trains[:0], 0
	for i, c := range codes {
		if c == 0 {
			continue
		}
		t := playing{bit: i, train: train{code: c, parameter: p.coding.Parameter}}
		if p.encoder.random {
			t.draws = newDraws(p.coding.Seed, uint64(picture), uint64(first+i))
		}
		if p.encoder.begin != nil {
			p.encoder.begin(&t.train)
		}
		p.trains = append(p.trains, t)
	}
}

// Play writes the spikes of the next steps: of bit i in step s of them bit i mod 64 of spikes[s·stride + i/64]. It writes
// stride words a step, which hold all bits.
func (p *Player) Play(spikes []uint64, stride, steps int) {
	clear(spikes[:stride*steps])
	end := p.step + steps
	for k := range p.trains {
		t := &p.trains[k]
		word, bit := t.bit/WordBits-p.step*stride, uint64(1)<<(t.bit%WordBits)
		for {
			s := p.encoder.next(&t.train, end)
			if s >= end {
				break
			}
			spikes[s*stride+word] |= bit
			t.from = s + 1
		}
		t.from = end
	}
	p.step = end
}
