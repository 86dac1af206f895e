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

// TestDescend: every change is made to the best so far, what is not clearly better is not kept, and what is refused is out.
func TestDescend(t *testing.T) {
	for _, c := range []struct {
		name   string
		scores map[choices]Score
		tries  []choices
		best   int
	}{
		{"all better", map[choices]Score{{"a", "b", "c"}: {10, 100, 9}, {"A", "b", "c"}: {30, 100, 9}, {"A", "B", "c"}: {50, 100, 9}, {"A", "B", "C"}: {70, 100, 9}},
			[]choices{{"a", "b", "c"}, {"A", "b", "c"}, {"A", "B", "c"}, {"A", "B", "C"}}, 3},
		{"none better", map[choices]Score{{"a", "b", "c"}: {3, 100, 9}, {"A", "b", "c"}: {2, 100, 1}, {"a", "B", "c"}: {3, 100, 9}, {"a", "b", "C"}: {3, 100, 10}},
			[]choices{{"a", "b", "c"}, {"A", "b", "c"}, {"a", "B", "c"}, {"a", "b", "C"}}, 0},
		// 90 and 94 fail on 10 and 6 images: a lead of 4 is not above the root of 16, and one of 5 is above that of 15.
		{"by chance", map[choices]Score{{"a", "b", "c"}: {90, 100, 9}, {"A", "b", "c"}: {94, 100, 1}, {"a", "B", "c"}: {95, 100, 9}, {"a", "B", "C"}: {95, 100, 1}},
			[]choices{{"a", "b", "c"}, {"A", "b", "c"}, {"a", "B", "c"}, {"a", "B", "C"}}, 2},
		{"refused at first", map[choices]Score{{"a", "B", "c"}: {0, 100, 9}, {"a", "B", "C"}: {20, 100, 9}},
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
				if x.Score != want || (x.Refused == nil) != ok || (x.Made != "") != (i == best) {
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
	best := Score{Agreed: 90, Images: 100}
	for agreed, want := range map[int64]string{80: "agrees on 10 fewer than it", 90: "agrees on as many as it", 93: "agrees on 3 more than it, which may be chance (up to 4.1)"} {
		if got := (Score{Agreed: agreed, Images: 100}).against(best, "it"); got != want {
			t.Errorf("%d: got %q, want %q", agreed, got, want)
		}
	}
}

// TestMeasureKnowsTheBest: what the best so far made is at hand.
func TestMeasureKnowsTheBest(t *testing.T) {
	var seen []string
	scores := []Score{{10, 100, 1}, {30, 100, 1}, {10, 100, 1}, {60, 100, 1}}
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
