package convert

// localThreshold is local threshold balancing (Bu, Li and Yu 2024, Inference-scale complexity in ANN-SNN conversion for
// high-performance and low-power applications): from θ = 0,
//
//	θ ← θ + 2η · mean over all sums z of max(0, z − θ)        localIterations times
//
// gradient descent on the mean square of what a threshold cuts off, with the authors' step η = 1. It has no unit, so that
// factors have the unit of activations. Sums that are not above the threshold count in the mean. What it comes to is a high
// percentile, the higher the more is far above. Where most sums are positive and much alike the first step may go beyond the
// largest of them, and stays there.
//
// The authors take another batch of images in every iteration, and clip every layer at the threshold it has by then. Here
// each takes all calibration images, and the layers before are not clipped in pass normalise, or fire at the factors
// that they got in pass rate-refit.
func localThreshold(h *histogram, o Options) float64 {
	// above[b] is how many sums are in bin b and further up, total[b] what they add up to.
	above, total := make([]float64, len(h.count)+1), make([]float64, len(h.count)+1)
	for b := len(h.count) - 1; b >= 0; b-- {
		k := float64(h.count[b])
		above[b], total[b] = above[b+1]+k, total[b+1]+k*h.middle(b)
	}
	factor, first := 0.0, 0
	for range localIterations {
		for first < len(h.count) && h.middle(first) <= factor {
			first++
		}
		factor += 2 * localStep * (total[first] - factor*above[first]) / h.sums.n
	}
	return factor
}

const (
	localStep       = 1    // η
	localIterations = 4000 // the authors' program
)
