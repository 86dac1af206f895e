package main

import (
	"maps"
	"testing"
)

// TestMeasures reads the line of one benchmark among others.
func TestMeasures(t *testing.T) {
	const out = "goos: linux\nBenchmarkLeakyNot \t 5\t 7 ns/op\nBenchmarkLeaky-2   \t       5\t 186724753 ns/op\t        12.04 B/synapse\nPASS\n"
	got, err := measures(out, "BenchmarkLeaky")
	if want := map[string]float64{"ns/op": 186724753, "B/synapse": 12.04}; err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	if _, err := measures(out, "BenchmarkOther"); err == nil {
		t.Error("a benchmark that did not run gives no error")
	}
}
