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
	for _, c := range []struct {
		pool, w   *window.Window2d
		size, out int
		want      int
	}{
		{nil, &apart, 6, 2, 4},      // 0 1 3 4
		{nil, &padded, 5, 5, 5},     // and none beside the map
		{&pool, &apart, 12, 2, 8},   // sums 0 1 3 4 of two each
		{&pool, &padded, 11, 5, 10}, // the last place is in no sum
	} {
		if got := under(c.pool, c.w, 0, c.size, c.out); got != c.want {
			t.Errorf("%d places of %d, want %d", got, c.size, c.want)
		}
	}
}
