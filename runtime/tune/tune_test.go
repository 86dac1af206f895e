package tune

import (
	"errors"
	"slices"
	"testing"

	"spikec/internal/diag"
)

// choices are three words of one letter each.
type choices [3]string

// axes change the letters to capitals, one after the other.
var axes = []Axis[choices]{
	{"A", "first", func(c choices) choices { c[0] = "A"; return c }},
	{"B", "second", func(c choices) choices { c[1] = "B"; return c }},
	{"C", "third", func(c choices) choices { c[2] = "C"; return c }},
}

// refused is the error about a candidate that there is not.
func refused(subject string) error {
	return (diag.List{{ID: "SPK-TEST-001", Severity: diag.Error, Subject: subject}}).Err()
}

// score is that of a candidate which decides images from..to-1 of 100 right.
func score(from, to int, operations int64) Score {
	s := Score{Right: make([]bool, 100), Operations: operations}
	for i := from; i < to; i++ {
		s.Right[i] = true
	}
	return s
}

// TestDescend: every change is made to the best so far, what is not clearly better is not kept, and what is refused is out.
func TestDescend(t *testing.T) {
	for _, c := range []struct {
		name   string
		scores map[choices]Score
		tries  []choices
		best   int
	}{
		{"all better", map[choices]Score{{"a", "b", "c"}: score(0, 10, 9), {"A", "b", "c"}: score(0, 30, 9), {"A", "B", "c"}: score(0, 50, 9), {"A", "B", "C"}: score(0, 70, 9)},
			[]choices{{"a", "b", "c"}, {"A", "b", "c"}, {"A", "B", "c"}, {"A", "B", "C"}}, 3},
		{"none better", map[choices]Score{{"a", "b", "c"}: score(0, 3, 9), {"A", "b", "c"}: score(0, 2, 1), {"a", "B", "c"}: score(0, 3, 9), {"a", "b", "C"}: score(0, 3, 10)},
			[]choices{{"a", "b", "c"}, {"A", "b", "c"}, {"a", "B", "c"}, {"a", "b", "C"}}, 0},
		// A is right on 9 more and wrong on 6: a lead of 3 is below the root of 15. B is right on 10 more and wrong on 6: 4 is that of 16.
		// C is right on 10 more and wrong on 5.
		{"by chance", map[choices]Score{{"a", "b", "c"}: score(0, 80, 9), {"A", "b", "c"}: score(6, 89, 1), {"a", "B", "c"}: score(6, 90, 9), {"a", "b", "C"}: score(5, 90, 1)},
			[]choices{{"a", "b", "c"}, {"A", "b", "c"}, {"a", "B", "c"}, {"a", "b", "C"}}, 3},
		// Both fail on many images, and on the same ones: two won and none lost are enough.
		{"fail alike", map[choices]Score{{"a", "b", "c"}: score(0, 50, 9), {"A", "b", "c"}: score(0, 51, 1), {"a", "B", "c"}: score(0, 52, 9), {"a", "B", "C"}: score(0, 52, 1)},
			[]choices{{"a", "b", "c"}, {"A", "b", "c"}, {"a", "B", "c"}, {"a", "B", "C"}}, 2},
		{"refused at first", map[choices]Score{{"a", "B", "c"}: score(0, 0, 9), {"a", "B", "C"}: score(0, 20, 9)},
			[]choices{{"a", "b", "c"}, {"A", "b", "c"}, {"a", "B", "c"}, {"a", "B", "C"}}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			tries, best, err := Descend(choices{"a", "b", "c"}, "start", "as it is", axes, func(_ string, x choices, _ *Try[choices, string]) (Score, string, error) {
				if s, ok := c.scores[x]; ok {
					return s, x[0] + x[1] + x[2], nil
				}
				return Score{}, "", refused(x[0])
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []choices
			for i, x := range tries {
				got = append(got, x.Choices)
				want, ok := c.scores[x.Choices]
				if (x.Why == "") != (i == best || !ok) {
					t.Errorf("try %d: %q", i, x.Why)
				}
				if !slices.Equal(x.Score.Right, want.Right) || x.Score.Operations != want.Operations || (x.Refused == nil) != ok || (x.Made != "") != (i == best) {
					t.Errorf("try %d is %+v, want %+v", i, x, want)
				}
			}
			if !slices.Equal(got, c.tries) || best != c.best || tries[0].Name != "start" || tries[2].About != "second" {
				t.Errorf("got %v, best %d; want %v, best %d", got, best, c.tries, c.best)
			}
		})
	}
}

func TestWhy(t *testing.T) {
	known := score(0, 90, 1)
	for _, c := range []struct {
		from, to int
		want     string
	}{
		{0, 80, "agrees on 10 fewer than it"}, {0, 90, "agrees on as many as it"}, {3, 93, "agrees on as many as it"},
		{4, 97, "agrees on 3 more than it, which may be chance (up to 3.3)"},
	} {
		x := score(c.from, c.to, 1)
		if got := x.compare(known).against("it"); got != c.want || x.Agreed() != int64(c.to-c.from) {
			t.Errorf("%d..%d: got %q, %d right, want %q", c.from, c.to, got, x.Agreed(), c.want)
		}
	}
}

// TestDiscordant: what decides is how many images only one of two candidates is right on, whatever both fail on. With 40 of them
// the least lead that is enough is 8, as leads are even then; with 41 it is 7.
func TestDiscordant(t *testing.T) {
	for _, c := range []struct {
		won, lost int64
		better    bool
	}{{0, 0, false}, {1, 0, false}, {2, 0, true}, {2, 1, false}, {23, 17, false}, {24, 16, true}, {24, 17, true}, {16, 24, false}} {
		if got := (comparison{c.won, c.lost}).better(); got != c.better {
			t.Errorf("%d won, %d lost: better %t", c.won, c.lost, got)
		}
	}
}

// TestMeasureKnowsTheBest: what the best so far made is at hand.
func TestMeasureKnowsTheBest(t *testing.T) {
	var seen []string
	scores := []Score{score(0, 10, 1), score(0, 30, 1), score(0, 10, 1), score(0, 60, 1)}
	_, best, err := Descend(choices{}, "start", "", axes, func(name string, _ choices, best *Try[choices, string]) (Score, string, error) {
		made := ""
		if best != nil {
			made = best.Made
		}
		seen = append(seen, made)
		return scores[len(seen)-1], name, nil
	})
	if want := []string{"", "start", "A", "A"}; err != nil || best != 3 || !slices.Equal(seen, want) {
		t.Errorf("got %q, best %d, %v; want %q", seen, best, err, want)
	}
}

// TestErrors: where nothing can be had the reason is the first one's, and an error that is no refusal ends the search.
func TestErrors(t *testing.T) {
	_, _, err := Descend(choices{"a"}, "start", "", axes, func(_ string, x choices, _ *Try[choices, int]) (Score, int, error) {
		return Score{}, 0, refused(x[0])
	})
	if f := new(diag.Failure); !errors.As(err, &f) || f.List[0].Subject != "a" {
		t.Errorf("got %v", err)
	}
	broken, tried := errors.New("broken"), 0
	_, _, err = Descend(choices{}, "start", "", axes, func(name string, _ choices, _ *Try[choices, int]) (Score, int, error) {
		if tried++; name == "B" {
			return Score{}, 0, broken
		}
		return Score{}, 0, nil
	})
	if !errors.Is(err, broken) || tried != 3 {
		t.Errorf("got %v after %d tries", err, tried)
	}
}
