package nir

import (
	"math"

	"spikec/internal/hdf5"
)

// text returns a scalar string, "" where v is none.
func text(v hdf5.Value) string {
	if s, ok := v.Data.([]string); ok && len(s) == 1 {
		return s[0]
	}
	return ""
}

// reals returns numbers of any type as float64, nil where v has none.
func reals(v hdf5.Value) []float64 {
	switch d := v.Data.(type) {
	case []float32:
		return widened(d)
	case []float64:
		return d
	case []int8:
		return widened(d)
	case []int16:
		return widened(d)
	case []int32:
		return widened(d)
	case []int64:
		return widened(d)
	case []uint8:
		return widened(d)
	case []uint16:
		return widened(d)
	case []uint32:
		return widened(d)
	case []uint64:
		return widened(d)
	}
	return nil
}

func widened[T float32 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](d []T) []float64 {
	v := make([]float64, len(d))
	for i, x := range d {
		v[i] = float64(x)
	}
	return v
}

// real returns one number.
func real(v hdf5.Value) (float64, bool) {
	d := reals(v)
	if len(d) != 1 {
		return 0, false
	}
	return d[0], true
}

// maxInteger is the largest integer that a parameter may be.
const maxInteger = 1 << 30

// integer returns one integer of −2^30..2^30.
func integer(v hdf5.Value) (int, bool) {
	x, ok := real(v)
	if !ok || x != math.Trunc(x) || math.Abs(x) > maxInteger {
		return 0, false
	}
	return int(x), true
}

// integers returns integers of −2^30..2^30.
func integers(v hdf5.Value) ([]int, bool) {
	d := reals(v)
	n := make([]int, len(d))
	for i, x := range d {
		if x != math.Trunc(x) || math.Abs(x) > maxInteger {
			return nil, false
		}
		n[i] = int(x)
	}
	return n, len(n) > 0
}

// two returns a number for each of two dimensions; one number stands for both.
func two(v hdf5.Value) ([2]int, bool) {
	n, ok := integers(v)
	switch {
	case !ok || len(n) > 2:
		return [2]int{}, false
	case len(n) == 1:
		return [2]int{n[0], n[0]}, true
	}
	return [2]int{n[0], n[1]}, true
}

// finite reports whether all numbers are numbers.
func finite(d []float64) bool {
	for _, x := range d {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}
