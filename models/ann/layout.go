package ann

// ChannelsFirst returns an image that is stored as H,W,C in the order of shape, which is C,H,W:
//
//	y[(c·H + h)·W + w] = x[(h·W + w)·C + c]
func ChannelsFirst(x []float32, shape Shape) []float32 {
	channels, plane := shape[0], shape[1]*shape[2]
	y := make([]float32, len(x))
	for p := range plane {
		for c := range channels {
			y[c*plane+p] = x[p*channels+c]
		}
	}
	return y
}
