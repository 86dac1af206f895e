package dataset

import (
	"fmt"
	"strconv"
	"strings"
)

func init() {
	register(Source{
		Scheme: "crop",
		Forms:  []string{"crop:HxW:SPEC"},
		About:  "the H rows and W columns around the centre of the images of SPEC; of an odd rest, one more is left out at the end",
		wrap: func(arg string) (string, func(*Set) error, error) {
			size, inner, ok := strings.Cut(arg, ":")
			rows, columns, cross := strings.Cut(size, "x")
			h, noRows := strconv.Atoi(rows)
			w, noColumns := strconv.Atoi(columns)
			if !ok || !cross || noRows != nil || noColumns != nil || h < 1 || w < 1 {
				return "", nil, fmt.Errorf("%q is no size and spec", arg)
			}
			return inner, func(s *Set) error { return s.crop(h, w) }, nil
		},
	})
}

// crop replaces the images by the h×w around their centres: rows (H−h)/2.., columns (W−w)/2.., rounded down.
func (s *Set) crop(h, w int) error {
	if h > s.Shape[1] || w > s.Shape[2] {
		return fmt.Errorf("images of %dx%d have no %dx%d around their centre", s.Shape[1], s.Shape[2], h, w)
	}
	top, left := (s.Shape[1]-h)/2, (s.Shape[2]-w)/2
	from := s.Shape
	s.Shape = [3]int{from[0], h, w}
	s.Pixels, s.Values = cropped(s.Pixels, from, s.Shape, top, left), cropped(s.Values, from, s.Shape, top, left)
	s.Name += fmt.Sprintf(", cropped to %dx%d", h, w)
	return nil
}

// cropped takes the rows and columns of every plane; nil stays nil.
func cropped[T uint8 | float32](x []T, from, to [3]int, top, left int) []T {
	if x == nil {
		return nil
	}
	plane := from[1] * from[2]
	var out []T
	for p := 0; p < len(x); p += plane {
		for r := range to[1] {
			row := p + (top+r)*from[2] + left
			out = append(out, x[row:row+to[2]]...)
		}
	}
	return out
}
