package window

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// random draws a window; maps of 1..9 rows and columns are drawn beside it by the callers.
func random(t *rapid.T) Window2d {
	two := func(name string, lo, hi int) [2]int {
		return [2]int{rapid.IntRange(lo, hi).Draw(t, name+" rows"), rapid.IntRange(lo, hi).Draw(t, name+" columns")}
	}
	return Window2d{Kernel: two("kernel", 1, 4), Stride: two("stride", 1, 4), Dilation: two("dilation", 1, 3),
		PadBegin: two("pads before", 0, 3), PadEnd: two("pads behind", 0, 3)}
}

// TestOutput compares Output with the definition: it counts the windows whose taps all lie in the padded map.
func TestOutput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := random(t)
		in := [2]int{rapid.IntRange(1, 9).Draw(t, "rows"), rapid.IntRange(1, 9).Draw(t, "columns")}
		var want [2]int
		for d := range 2 {
			for w.Source(d, want[d], w.Kernel[d]-1) < in[d]+w.PadEnd[d] {
				want[d]++
			}
		}
		got, err := w.Output(in)
		if want[0] == 0 || want[1] == 0 {
			if err == nil || !strings.Contains(err.Error(), "does not fit") {
				t.Fatalf("%+v on %v: got %v, %v, want an error", w, in, got, err)
			}
			return
		}
		if err != nil || got != want {
			t.Fatalf("%+v on %v: got %v, %v, want %v", w, in, got, err, want)
		}
	})
}

func TestSource(t *testing.T) {
	// Rows: stride 2, dilation 3, one pad: output 2 starts at 2·2−1 = 3, its taps read 3, 6. Columns: no pad.
	w := Window2d{Kernel: [2]int{2, 3}, Stride: [2]int{2, 1}, Dilation: [2]int{3, 1}, PadBegin: [2]int{1, 0}, PadEnd: [2]int{0, 4}}
	for _, c := range []struct{ d, o, k, want int }{{0, 0, 0, -1}, {0, 0, 1, 2}, {0, 2, 0, 3}, {0, 2, 1, 6}, {1, 4, 2, 6}} {
		if got := w.Source(c.d, c.o, c.k); got != c.want {
			t.Errorf("Source(%d, %d, %d) = %d, want %d", c.d, c.o, c.k, got, c.want)
		}
	}
	if !w.Padded() || Square(3, 1).Padded() {
		t.Error("Padded does not tell pads")
	}
	w.PadBegin = [2]int{}
	if !w.Padded() {
		t.Error("pads behind are pads")
	}
}

func TestValidate(t *testing.T) {
	if err := Square(1, 1).Validate(); err != nil {
		t.Error(err)
	}
	for what, change := range map[string]func(*Window2d){
		"kernel":   func(w *Window2d) { w.Kernel[1] = 0 },
		"stride":   func(w *Window2d) { w.Stride[0] = 0 },
		"dilation": func(w *Window2d) { w.Dilation[1] = -1 },
		"padding":  func(w *Window2d) { w.PadEnd[0] = -1 },
		"size":     func(w *Window2d) { w.PadBegin[0] = Max + 1 },
	} {
		w := Square(2, 2)
		change(&w)
		if err := w.Validate(); err == nil || !strings.HasPrefix(err.Error(), what) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}
