package ladder

import (
	"reflect"
	"testing"
)

func TestNewLatency(t *testing.T) {
	steps := []int32{9, 2, 2, 4, 2, 4, 2, 4, 2, 8}
	want := &Latency{Of: "exact", Mean: 3.9, Median: 2, P90: 8, P99: 9, Max: 9, Histogram: []AtStep{{2, 5}, {4, 3}, {8, 1}, {9, 1}}}
	if got := NewLatency("exact", steps); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if steps[0] != 9 {
		t.Error("the steps were put in another order")
	}
	one := &Latency{Of: "first-spike", Mean: 7, Median: 7, P90: 7, P99: 7, Max: 7, Histogram: []AtStep{{7, 1}}}
	if got := NewLatency("first-spike", []int32{7}); !reflect.DeepEqual(got, one) {
		t.Errorf("got %+v, want %+v", got, one)
	}
}
