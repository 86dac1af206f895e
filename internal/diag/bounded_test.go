package diag

import (
	"errors"
	"fmt"
	"testing"
)

func TestBounded(t *testing.T) {
	b := Bounded{Most: 2}
	if err := b.Err("T-0", "all"); err != nil {
		t.Errorf("nothing wrong: %v", err)
	}
	for i := range 5 {
		b.Errorf("T-1", fmt.Sprint("part ", i), "is wrong")
	}
	for range 2 { // asked again, it says the same
		var f *Failure
		if err := b.Err("T-2", "all"); !errors.As(err, &f) || len(f.List) != 3 {
			t.Fatalf("got %v", err)
		}
		if got, want := f.List[1].String(), "error T-1 part 1: is wrong"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got, want := f.List[2].String(), "error T-2 all: 3 more problems are not listed"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
