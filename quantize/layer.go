package quantize

import (
	"gonum.org/v1/gonum/mat"

	"spikec/models/snn"
)

// layer is one population on its way to integers. Its weights are rows, one an output channel: all projections, one
// after the other.
type layer struct {
	net         *snn.Network
	format      Format
	output      bool
	jobs        int
	pop         *snn.Population
	projections []int       // all incoming
	rows        [][]float64 // by channel; weights of spiking sources, fitted projections first
	fitted      int         // how many columns of a row the moments cover
	moments     []*mat.SymDense
	passes      bool        // spikes are passed on, see isOne
	rounders    []*gptq     // by block of moments, made when they are needed
	repeat      []float64   // for each column, how many spikes may meet it in one step
	drive       [][]float64 // by channel; weights of the input
	codes       []float64   // for each weight of the input, the largest sum of codes that may meet it
	unit        []float64   // weight units that 1 is worth; by channel
	rounded     [][]int32
	host        [][]int32
	shift       uint
}

func newLayer(net *snn.Network, population int, f Format, output bool, jobs int) *layer {
	l := &layer{net: net, format: f, output: output, jobs: jobs, pop: &net.Populations[population], projections: net.Incoming(population)}
	out := l.pop.Shape[0]
	l.rows, l.drive = make([][]float64, out), make([][]float64, out)
	for _, fitted := range []bool{true, false} {
		for _, i := range l.projections {
			p := &net.Projections[i]
			if p.Identity == fitted {
				continue
			}
			l.append(p, out)
		}
		if fitted {
			l.fitted = len(l.rows[0])
		}
	}
	l.passes = l.isOne()
	l.moments = l.spiking(l.pop.Moments)
	l.rounders = make([]*gptq, len(l.moments))
	return l
}

// quantise chooses units and rounds.
func (l *layer) quantise() {
	l.chooseUnits()
	l.round()
	l.shrink()
}

// spiking returns the moments without the columns of projections whose source is the input: the host computes those.
func (l *layer) spiking(moments []*mat.SymDense) []*mat.SymDense {
	var keep []int
	all := 0
	for _, i := range l.projections {
		p := &l.net.Projections[i]
		if p.Identity {
			continue
		}
		fan := len(p.Weight) / len(l.rows)
		for k := range fan {
			if p.Source != 0 {
				keep = append(keep, all+k)
			}
		}
		all += fan
	}
	if len(keep) == all || len(keep) == 0 {
		return moments
	}
	var some []*mat.SymDense
	for _, m := range moments {
		s := mat.NewSymDense(len(keep), nil)
		for i, a := range keep {
			for j := i; j < len(keep); j++ {
				s.SetSym(i, j, m.At(a, keep[j]))
			}
		}
		some = append(some, s)
	}
	return some
}

// append adds the weights of p to the rows, or to the drive.
func (l *layer) append(p *snn.Projection, out int) {
	fan := len(p.Weight) / out
	to := l.rows
	if p.Source == 0 {
		to = l.drive
	}
	for o := range out {
		for _, w := range p.Weight[o*fan : (o+1)*fan] {
			to[o] = append(to[o], float64(w))
		}
	}
	times := 1.0
	if p.Pool != nil {
		times = float64(p.Pool.Kernel[0] * p.Pool.Kernel[1])
	}
	for range fan {
		if p.Source == 0 {
			l.codes = append(l.codes, 255*times)
		} else {
			l.repeat = append(l.repeat, times)
		}
	}
}
