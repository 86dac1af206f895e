// Package layout is the one definition of the two orders in which maps are stored: C,H,W, as files of networks have them,
// and H,W,C, with all channels of a place side by side, as loops over sparse spikes want them.
package layout

// ToCHW returns a map of shape C,H,W that is stored as H,W,C in the order C,H,W:
//
//	y[(c·H + h)·W + w] = x[(h·W + w)·C + c]
//
// x has C·H·W values.
func ToCHW[T any](x []T, shape [3]int) []T {
	channels, plane := shape[0], shape[1]*shape[2]
	y := make([]T, len(x))
	for p := range plane {
		for c := range channels {
			y[c*plane+p] = x[p*channels+c]
		}
	}
	return y
}
