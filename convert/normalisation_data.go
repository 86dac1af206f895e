package convert

// percentile is the data-based normalisation (Diehl et al. 2015; Rueckauer et al. 2017): the factor is a percentile of the
// positive activations on the calibration images, 100 the largest one. All positions of all images count, in pass normalise
// and in pass rate-refit (allDrives).
func percentile(h *histogram, o Options) float64 { return h.quantile(o.Percentile) }
