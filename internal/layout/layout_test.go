package layout

import (
	"slices"
	"testing"
)

func TestToCHW(t *testing.T) {
	got := ToCHW([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, [3]int{2, 3, 2})
	if want := []float32{1, 3, 5, 7, 9, 11, 2, 4, 6, 8, 10, 12}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
