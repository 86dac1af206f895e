package place

import (
	"testing"

	"spikec/internal/window"
)

// TestUnder counts by hand what lies under windows.
func TestUnder(t *testing.T) {
	apart := window.Square(2, 3)
	padded := window.Square(3, 1)
	padded.PadBegin, padded.PadEnd = [2]int{1, 1}, [2]int{1, 1}
	pool := window.Square(2, 2)
	flat, row := pool, apart
	flat.Kernel, row.Kernel = [2]int{1, 2}, [2]int{1, 2}
	for _, c := range []struct {
		pool, w *window.Window2d
		d, out  int
		in      [2]int
		want    int
	}{
		{nil, &apart, 0, 2, [2]int{6, 6}, 4},      // 0 1 3 4
		{nil, &padded, 0, 5, [2]int{5, 5}, 5},     // and none beside the map
		{&pool, &apart, 0, 2, [2]int{12, 12}, 8},  // sums 0 1 3 4 of two each
		{&pool, &padded, 0, 5, [2]int{11, 4}, 10}, // the last place is in no sum
		{&flat, &row, 0, 1, [2]int{1, 12}, 1},     // a map of one row, which a window of two columns fits
		{&flat, &row, 1, 2, [2]int{1, 12}, 8},
	} {
		if got := under(c.pool, c.w, c.d, c.in, c.out); got != c.want {
			t.Errorf("%d places of %d, want %d", got, c.in[c.d], c.want)
		}
	}
}
