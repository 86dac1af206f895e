package kernel

// Fire32 takes whole-numbered membranes of 32 bits through a block of steps:
//
//	for t := range Steps {
//		for n := range 64 * Words {
//			v := V[n] + Sums[t*SumStride+n] << Shift
//			v = min(max(v, Low), High)
//			bit n of Spikes[t*SpikeStride:] = v >= Threshold[n]
//			if v >= Threshold[n] { v = v - Threshold[n], or 0 if Zero }
//			V[n] = v
//		}
//	}
//
// All words of spikes are written. Numbers are added, subtracted and shifted modulo 2^32.
type Fire32 struct {
	V, Threshold []int32
	Sums         []int32
	SumStride    int // numbers a step; 0 for the same sums at every step
	Spikes       []uint64
	SpikeStride  int // words a step
	Steps        int
	Words        int
	Low, High    int32
	Shift        int
	Zero         bool
}

// Run takes the membranes through the steps.
func (f *Fire32) Run() { f.run(active) }

func (f *Fire32) run(l *level) {
	if f.Steps > 0 && f.Words > 0 {
		l.fire32[index(f.Zero)](f)
	}
}

// fire32Go is Fire32.Run in plain Go.
func fire32Go(f *Fire32) {
	for t := range f.Steps {
		for i := range f.Words {
			vs, ts := (*[64]int32)(f.V[64*i:]), (*[64]int32)(f.Threshold[64*i:])
			xs := (*[64]int32)(f.Sums[t*f.SumStride+64*i:])
			out := uint64(0)
			for k := range vs {
				v := min(max(vs[k]+xs[k]<<f.Shift, f.Low), f.High)
				out >>= 1
				if v >= ts[k] {
					out |= 1 << 63
					if v -= ts[k]; f.Zero {
						v = 0
					}
				}
				vs[k] = v
			}
			f.Spikes[t*f.SpikeStride+i] = out
		}
	}
}

// FireReal takes real-valued membranes through a block of steps:
//
//	for t := range Steps {
//		for n := range 64 * Words {
//			v := V[n] + Sums[t*SumStride+n]
//			bit n of Spikes[t*SpikeStride:] = v >= Threshold
//			if v >= Threshold { v = v - Threshold, or 0 if Zero }
//			V[n] = v
//		}
//	}
//
// All words of spikes are written.
type FireReal struct {
	V           []float32
	Sums        []float32
	SumStride   int // numbers a step; 0 for the same sums at every step
	Spikes      []uint64
	SpikeStride int // words a step
	Steps       int
	Words       int
	Threshold   float32
	Zero        bool
}

// Run takes the membranes through the steps.
func (f *FireReal) Run() { f.run(active) }

func (f *FireReal) run(l *level) {
	if f.Steps > 0 && f.Words > 0 {
		l.fireReal[index(f.Zero)](f)
	}
}

// fireRealGo is FireReal.Run in plain Go.
func fireRealGo(f *FireReal) {
	for t := range f.Steps {
		for i := range f.Words {
			vs, xs := (*[64]float32)(f.V[64*i:]), (*[64]float32)(f.Sums[t*f.SumStride+64*i:])
			out := uint64(0)
			for k := range vs {
				v := vs[k] + xs[k]
				out >>= 1
				if v >= f.Threshold {
					out |= 1 << 63
					if v -= f.Threshold; f.Zero {
						v = 0
					}
				}
				vs[k] = v
			}
			f.Spikes[t*f.SpikeStride+i] = out
		}
	}
}
