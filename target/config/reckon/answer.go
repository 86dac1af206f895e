package reckon

import "slices"

// Answer is what the chip makes of its outputs in one sample: it counts winners, and sends bytes at the end.
type Answer struct {
	last      int // index of the outputs
	counts    bool
	labelOnly bool
	wins      [Outputs]int
}

// Answer returns the answer of a sample that begins.
func (c *Chip) Answer() *Answer {
	return &Answer{last: int(c.Get(NumOut)), counts: c.Get(Regression) == 0, labelOnly: c.Get(SendLabelOnly) == 1}
}

// Tick counts the winner after the leak of a tick, if the pin INFER_ACC is high and REGRESSION is 0. Outputs are in o, the
// lowest of equal ones wins. Source: srnn.v, state SDONE.
func (a *Answer) Tick(o []int64, inferAcc bool) {
	if inferAcc && a.counts {
		a.wins[largest(o[:a.last+1])]++
	}
}

// Send returns the bytes on the output bus at the end of the sample: with SEND_LABEL_ONLY the output that won most often, the
// lowest of equal ones, else all outputs, the lower byte first.
func (a *Answer) Send(o []int64) []byte {
	if a.labelOnly {
		return []byte{byte(largest(a.wins[:a.last+1]))}
	}
	var out []byte
	for _, v := range o[:a.last+1] {
		out = append(out, byte(v), byte(v>>8))
	}
	return out
}

// largest returns the index of the first of the largest numbers.
func largest[T int | int64](list []T) int { return slices.Index(list, slices.Max(list)) }
