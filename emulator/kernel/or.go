package kernel

// Or joins the spikes of steps; spikes has stride words a step:
//
//	for i := range dst { dst[i] = spikes[i] | spikes[stride+i] | … }, or 0 without steps
func Or(dst, spikes []uint64, stride, steps int) {
	if steps < 1 {
		clear(dst)
		return
	}
	active.or(dst, spikes, stride, steps)
}

// orGo is Or in plain Go; the other kernels are for at least one step.
func orGo(dst, spikes []uint64, stride, steps int) {
	clear(dst)
	for t := range steps {
		for i, w := range spikes[t*stride:][:len(dst)] {
			dst[i] |= w
		}
	}
}
