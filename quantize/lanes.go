package quantize

// Several currents share one 64-bit number: with L lanes of b = 64/L bits it holds Σ_k c_k·2^(b·k) modulo 2^64, for
// signed c_k. Sums and multiples of such numbers are the numbers of the sums and multiples, whatever overflows on the
// way, and the c_k can be read back if each of them fits b bits in the end. Bounds prove that they do.

// lanesOf returns how many currents of population i one number may hold: 4 or 2 where no step's sum can leave 16 or
// 32 bits and the channels can be grouped, else 1.
func (n *Network) lanesOf(i int) int {
	p := &n.Populations[i]
	least := 1
	for _, lanes := range []int{2, 4} {
		fits := p.Shape[0] > 0
		for j := range n.Projections {
			q := &n.Projections[j]
			if q.Target == i {
				fits = fits && p.Shape[0]/q.Groups%lanes == 0 && (lanes == 2 || q.Source != 0)
			}
		}
		if fits && n.largestSum(i) < 1<<(64/lanes-1) {
			least = lanes
		}
	}
	return least
}

// largestSum bounds the current of one step, and the drive before it is shifted, of population i.
func (n *Network) largestSum(i int) int64 {
	largest := int64(0)
	p := &n.Populations[i]
	for o := range p.Shape[0] {
		sum := int64(0)
		for j := range n.Projections {
			q := &n.Projections[j]
			if q.Target != i {
				continue
			}
			times := int64(1)
			if q.Source == 0 {
				times = 255
			}
			if q.Pool != nil {
				times *= int64(q.Pool.Kernel[0] * q.Pool.Kernel[1])
			}
			fan := len(q.Weight) / p.Shape[0]
			for _, w := range q.Weight[o*fan : (o+1)*fan] {
				sum += times * int64(max(w, -w))
			}
		}
		largest = max(largest, sum)
	}
	return largest
}

// pack puts the weights of every lanes successive output channels (fan weights each) into one number.
func pack(w []int32, fan, lanes int) []uint64 {
	packed := make([]uint64, len(w)/lanes)
	bits := 64 / lanes
	for i, x := range w {
		o, k := i/fan, i%fan
		packed[o/lanes*fan+k] += uint64(int64(x)) << (bits * (o % lanes))
	}
	return packed
}

// unpack reads the currents back.
func unpack(dst []int32, packed []uint64, lanes int) {
	switch lanes {
	case 4:
		for i, p := range packed {
			d := dst[4*i : 4*i+4 : 4*i+4]
			for k := range d {
				c := int16(p)
				d[k] = int32(c)
				p = (p - uint64(int64(c))) >> 16
			}
		}
	case 2:
		for i, p := range packed {
			c := int32(p)
			dst[2*i] = c
			dst[2*i+1] = int32((p - uint64(int64(c))) >> 32)
		}
	default:
		for i, p := range packed {
			dst[i] = int32(p)
		}
	}
}
