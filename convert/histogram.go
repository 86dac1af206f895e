package convert

// bins is the resolution of a histogram: what it tells is exact within 1/bins of the largest value.
const bins = 4096

// histogram is the distribution of the positive values of a channel, or of a layer, in equal bins up to the largest one.
type histogram struct {
	largest float64 // 0 where no value is positive
	count   []uint32
	sums    moments // of the pre-activations behind the values, where they were measured
}

func newHistogram(largest float64) histogram {
	return histogram{largest: max(0, largest), count: make([]uint32, bins)}
}

// add counts x, which is not above the largest.
func (h *histogram) add(x float64) {
	if x > 0 {
		h.count[min(bins-1, int(x/h.largest*bins))]++
	}
}

// merge counts what other counted, each bin by its middle; other's largest is not above h's.
func (h *histogram) merge(other histogram) {
	h.sums.merge(other.sums)
	if other.largest == 0 {
		return
	}
	for b, k := range other.count {
		h.count[min(bins-1, int(other.middle(b)/h.largest*bins))] += k
	}
}

// together returns the distribution of all values of hs.
func together(hs []histogram) histogram {
	largest := 0.0
	for _, h := range hs {
		largest = max(largest, h.largest)
	}
	all := newHistogram(largest)
	for _, h := range hs {
		all.merge(h)
	}
	return all
}

// middle returns the value in the middle of bin b.
func (h *histogram) middle(b int) float64 { return (float64(b) + 0.5) * h.largest / bins }

// quantile returns the upper edge of the bin that holds the percentile; 0 for an empty histogram.
func (h *histogram) quantile(percentile float64) float64 {
	var total, seen uint64
	for _, k := range h.count {
		total += uint64(k)
	}
	if total == 0 {
		return 0
	}
	for b, k := range h.count {
		seen += uint64(k)
		if 100*float64(seen) >= percentile*float64(total) {
			return h.largest * float64(b+1) / bins
		}
	}
	return h.largest
}
