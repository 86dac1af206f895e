// Package tune chooses among candidates by trying them. It knows neither what a candidate is nor how one is measured:
// package build tells it both.
package tune

import (
	"errors"
	"fmt"
	"math"

	"spikec/internal/diag"
)

// Score says how good a candidate is.
type Score struct {
	Right      []bool // by image: decided as the reference decides it
	Operations int64  // synaptic operations on all images
}

// Agreed returns how many images are decided as the reference decides them.
func (s Score) Agreed() int64 {
	n := int64(0)
	for _, right := range s.Right {
		if right {
			n++
		}
	}
	return n
}

// comparison is what two candidates come to on the same images: how many only the one, and only the other, decides right.
type comparison struct{ won, lost int64 }

// compare compares s with t, which saw the same images.
func (s Score) compare(t Score) comparison {
	var c comparison
	for i, right := range s.Right {
		switch {
		case right && !t.Right[i]:
			c.won++
		case t.Right[i] && !right:
			c.lost++
		}
	}
	return c
}

// better reports whether more are won than lost by more than chance would have it: where neither candidate is better, the lead
// won − lost has a deviation of √(won + lost) (McNemar 1947), which it must be above. Images that both decide alike say nothing.
func (c comparison) better() bool {
	lead := c.won - c.lost
	return lead > 0 && lead*lead > c.won+c.lost
}

// against words why a candidate that so compares with another one, called name, is not better.
func (c comparison) against(name string) string {
	lead := c.won - c.lost
	switch {
	case lead < 0:
		return fmt.Sprintf("agrees on %d fewer than %s", -lead, name)
	case lead == 0:
		return "agrees on as many as " + name
	}
	return fmt.Sprintf("agrees on %d more than %s, which may be chance (up to %.1f)", lead, name, math.Sqrt(float64(c.won+c.lost)))
}

// Axis is one choice that may be made otherwise.
type Axis[C any] struct {
	Name, About string
	Vary        func(C) C
}

// Try is a candidate that was tried: choices C, and what A was made of them.
type Try[C, A any] struct {
	Name, About string
	Choices     C
	Score       Score
	Refused     *diag.Failure // there is no such candidate, and no score; nil otherwise
	Why         string        // it is not the best, in words; "" for the best, and for one that is refused
	// Made is what measuring made on the way. It is there for the best try so far only.
	Made A
}

// Descend tries start, named name, and then changes one choice after the other, in the order of the axes; what is clearly better
// than the best before it (Score) is kept, and the next change is made to that. It returns all tries in their order, and which is the
// best. It is one round of coordinate descent: a try an axis, not a try a combination.
//
// measure is given the choices and the best try so far, nil before there is one. Where its error is a *diag.Failure the
// candidate is out; where all are, the error is that of start. Any other error ends the search.
func Descend[C, A any](start C, name, about string, axes []Axis[C], measure func(name string, c C, best *Try[C, A]) (Score, A, error)) ([]Try[C, A], int, error) {
	tries := make([]Try[C, A], 0, len(axes)+1)
	best := -1
	try := func(name, about string, c C) error {
		var known *Try[C, A]
		if best >= 0 {
			known = &tries[best]
		}
		t := Try[C, A]{Name: name, About: about, Choices: c}
		score, made, err := measure(name, c, known)
		var refused *diag.Failure
		switch {
		case errors.As(err, &refused):
			t.Refused = refused
		case err != nil:
			return fmt.Errorf("candidate %s: %w", name, err)
		default:
			if t.Score = score; known != nil {
				if c := score.compare(known.Score); !c.better() {
					t.Why = c.against(known.Name)
				}
			}
		}
		tries = append(tries, t)
		if err != nil || t.Why != "" {
			return nil
		}
		if known != nil {
			var none A
			known.Made, known.Why = none, known.Score.compare(score).against(name) // what was made may be large
		}
		best = len(tries) - 1
		tries[best].Made = made
		return nil
	}
	if err := try(name, about, start); err != nil {
		return nil, 0, err
	}
	for _, a := range axes {
		from := start
		if best >= 0 {
			from = tries[best].Choices
		}
		if err := try(a.Name, a.About, a.Vary(from)); err != nil {
			return nil, 0, err
		}
	}
	if best < 0 {
		return nil, 0, tries[0].Refused
	}
	return tries, best, nil
}
