package emulator

import (
	"fmt"
	"math"
	"slices"

	"spikec/emulator/columns"
	"spikec/emulator/kernel"
	"spikec/target/image"
)

// fastDrive computes a drive. A convolution or matrix is computed by kernel.Currents, everything else by the host's plain
// loop.
type fastDrive struct {
	host    *driveHost
	current interval // of what is added to a neuron
	plan    kernel.Currents
	rows    int // of the padded picture; 0: the host's plain loop is used
	cols    int
	pad     [2]int
}

// newFastDrive compiles a drive.
func newFastDrive(img *image.Image, d *image.Drive) (*fastDrive, error) {
	f := &fastDrive{host: newDriveHost(img, d)}
	sum, err := bounds([]image.Block{{Synapses: d.Synapses}}, f.host.size, func(int) int64 { return math.MaxUint8 })
	if err != nil {
		return nil, err
	}
	f.current = interval{roundShift(sum.lo, d.Shift), roundShift(sum.hi, d.Shift)}
	if !f.current.within(interval{math.MinInt32, math.MaxInt32}) {
		return nil, fmt.Errorf("currents of %d..%d, which need more than 32 bits", f.current.lo, f.current.hi)
	}
	half := int64(1) << d.Shift >> 1
	if !sum.plus(interval{half, half}).within(interval{math.MinInt32, math.MaxInt32}) {
		return f, nil
	}
	switch s := d.Synapses.(type) {
	case *image.Conv2d:
		f.conv2d(s)
	case *image.Dense:
		f.dense(s)
	}
	f.plan.Shift, f.plan.Round = int(d.Shift), int(half)
	return f, nil
}

// conv2d plans a convolution whose windows have rows of neighbours.
func (f *fastDrive) conv2d(s *image.Conv2d) {
	w := s.Window
	if s.Groups != 1 || s.Pool != nil || w.Dilation[1] != 1 || s.First != 0 || s.Neurons != f.host.size || !fits(s.Weight) {
		return
	}
	f.pad = w.PadBegin
	f.rows = (s.Out[1]-1)*w.Stride[0] + (w.Kernel[0]-1)*w.Dilation[0] + 1
	f.cols = (s.Out[2]-1)*w.Stride[1] + w.Kernel[1]
	row := f.cols * s.In[0]
	f.plan = kernel.Currents{RowStride: row * w.Dilation[0], RowStep: row * w.Stride[0], ColumnStep: w.Stride[1] * s.In[0],
		KernelRows: w.Kernel[0], Width: s.Out[2], Height: s.Out[1]}
	f.pack(w.Kernel[1]*s.In[0], s.Out[0], s.Weight)
}

// dense plans a matrix: a window over the whole picture.
func (f *fastDrive) dense(s *image.Dense) {
	if !fits(s.Weight) {
		return
	}
	f.rows, f.cols = f.host.shape[1], f.host.shape[2]
	f.plan = kernel.Currents{KernelRows: 1, Width: 1, Height: 1}
	f.pack(s.Inputs, s.Neurons, s.Weight)
}

// fits reports whether weights are of 16 bits.
func fits(weight []int32) bool {
	return slices.Min(weight) >= math.MinInt16 && slices.Max(weight) <= math.MaxInt16
}

// pack lays out the weights of kernel rows of n codes by pairs of codes.
func (f *fastDrive) pack(n, columns int, weight []int32) {
	p := &f.plan
	p.Pairs, p.Stride = (n+1)/2, columns
	p.Columns = (columns + kernel.ColumnBlock - 1) / kernel.ColumnBlock * kernel.ColumnBlock
	p.Weights = make([]int16, p.KernelRows*p.Pairs*p.Columns*2)
	for i, w := range weight {
		u, j, c := i/columns/n, i/columns%n, i%columns
		p.Weights[((u*p.Pairs+j/2)*p.Columns+c)*2+j%2] = int16(w)
	}
}

// driveState is what one session needs for a drive.
type driveState struct {
	current []int32 // neuron of the population → current of the picture
	wide    []int64 // of the host's plain loop
	codes   []int16 // the padded picture, H,W,C
	plan    kernel.Currents
}

// newState allocates for one session.
func (f *fastDrive) newState() *driveState {
	s := &driveState{current: make([]int32, f.host.size+kernel.ColumnBlock), plan: f.plan}
	if f.rows == 0 {
		s.wide = make([]int64, f.host.size)
		return s
	}
	s.codes = make([]int16, f.rows*f.cols*f.host.shape[0]+2)
	s.plan.Codes, s.plan.Out = s.codes, s.current
	return s
}

// compute writes the currents of the picture to the state.
func (f *fastDrive) compute(codes []uint8, s *driveState) {
	if f.rows == 0 {
		f.host.compute(codes, s.wide)
		for n, x := range s.wide {
			s.current[n] = int32(x)
		}
		return
	}
	C, H, W := f.host.shape[0], f.host.shape[1], f.host.shape[2]
	width := max(0, min(W, f.cols-f.pad[1])) // of the part that windows see
	for c := range C {
		for y := range min(H, f.rows-f.pad[0]) {
			at := ((y+f.pad[0])*f.cols+f.pad[1])*C + c
			for x, v := range codes[(c*H+y)*W:][:width] {
				s.codes[at+x*C] = int16(v)
			}
		}
	}
	s.plan.Run()
}

// coreDrives is what is added to the registers of one core in a picture.
type coreDrives struct {
	sums    map[string][]int32   // register → what is added for each neuron
	parts   map[string][][]int32 // of registers whose sums are no stretch of one drive's currents
	members []int32              // which of the currents are the core's; nil: parts have these alone
}

// newCoreDrives returns the state for one session.
func (s *fastSession) newCoreDrives(core int) coreDrives {
	c := s.engine.cores[core]
	d := coreDrives{map[string][]int32{}, map[string][][]int32{}, c.Members}
	for k, f := range s.engine.drives {
		if slices.Contains(f.host.drive.Cores, core) {
			name := f.host.drive.Register
			part := s.drives[k].current
			if c.Members == nil {
				part = part[c.First : c.First+c.Neurons]
			}
			d.parts[name] = append(d.parts[name], part)
		}
	}
	for name, parts := range d.parts {
		if d.sums[name] = make([]int32, c.Neurons); len(parts) == 1 && c.Members == nil {
			d.sums[name] = parts[0]
			delete(d.parts, name)
		}
	}
	return d
}

// sum returns what is added to each register in this picture.
func (d *coreDrives) sum() map[string][]int32 {
	for name, parts := range d.parts {
		clear(d.sums[name])
		for _, p := range parts {
			if d.members == nil {
				columns.Add(d.sums[name], d.sums[name], p)
				continue
			}
			for n, k := range d.members {
				d.sums[name][n] += p[k]
			}
		}
	}
	return d.sums
}

// roundShift returns (x + 2^(k−1)) >> k, or x if k is 0.
func roundShift(x int64, k uint) int64 {
	if k == 0 {
		return x
	}
	return (x + 1<<(k-1)) >> k
}
