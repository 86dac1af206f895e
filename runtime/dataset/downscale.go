package dataset

import (
	"fmt"
	"strconv"
	"strings"
)

func init() {
	register(Source{
		Scheme: "downscale",
		Forms:  []string{"downscale:K:SPEC"},
		About:  "the images of SPEC, each KxK pixels as one: their mean, of stored pixels rounded half up",
		wrap: func(arg string) (string, func(*Set) error, error) {
			factor, inner, ok := strings.Cut(arg, ":")
			k, err := strconv.Atoi(factor)
			if !ok || err != nil || k < 1 || k > maxFactor {
				return "", nil, fmt.Errorf("%q is no factor of 1..%d and spec", arg, maxFactor)
			}
			return inner, func(s *Set) error { return s.downscale(k) }, nil
		},
	})
}

// maxFactor bounds the factor of downscale: the sum of so many pixels squared is exact.
const maxFactor = 1 << 10

// downscale replaces the images by smaller ones: each k×k pixels by their mean. Of pixels, of which the sum is S, that is
// ⌊(2·S + k²)/(2·k²)⌋; of values, the sum in float64, row by row, over k², as float32.
func (s *Set) downscale(k int) error {
	if s.Shape[1]%k != 0 || s.Shape[2]%k != 0 {
		return fmt.Errorf("images of %dx%d are no whole number of %dx%d pixels; crop them first, crop:HxW:SPEC", s.Shape[1], s.Shape[2], k, k)
	}
	from := s.Shape
	s.Shape = [3]int{from[0], from[1] / k, from[2] / k}
	s.Pixels = downscaled(s.Pixels, from, k, func(sum float64) uint8 { return uint8((2*int(sum) + k*k) / (2 * k * k)) })
	s.Values = downscaled(s.Values, from, k, func(sum float64) float32 { return float32(sum / float64(k*k)) })
	s.Name += fmt.Sprintf(", scaled down by %d", k)
	return nil
}

// downscaled returns what mean makes of the sums of k×k elements of every plane; nil stays nil.
func downscaled[T uint8 | float32](x []T, from [3]int, k int, mean func(sum float64) T) []T {
	if x == nil {
		return nil
	}
	out := make([]T, 0, len(x)/(k*k))
	for first := 0; first < len(x); first += k * from[2] { // k rows become one
		for column := 0; column < from[2]; column += k {
			sum := 0.0
			for r := range k {
				for c := range k {
					sum += float64(x[first+r*from[2]+column+c])
				}
			}
			out = append(out, mean(sum))
		}
	}
	return out
}
