package convert

import (
	"context"
	"slices"

	"spikec/internal/gemm"
	"spikec/internal/parallel"
	"spikec/models/snn"
)

// rateRefit fits the layers once more, now to what their inputs deliver as spikes in T steps, and builds the network as it
// goes: it fits layer l (the regression of pass refit) with u the rates λ·N/T that the spiking layers before it have on the
// calibration images, finds the layer's scale factors from the drives w·u that follow (scaleFactors), and lowers it. These are
// the drives at every position on all images (allDrives); those of the rows that the layer was fitted to, a sample of them,
// where a normalisation is content with that (Normalisation.sampled). What
// the layers before lose in T steps, by rounding, by clipping and by spikes that come too early to be taken back, is so made
// good as far as a linear map can, and so is what the target's rounding does to their weights (Options.Round), and what its neurons do
// with spikes in an order (Options.Counters) (conversion
// reference §4.2; layer-wise calibration: Li et al. 2021).
//
// The weights then belong to T: at many more steps they are worse than those of pass refit.
func rateRefit(ctx context.Context, s *State) error {
	if s.Images.N == 0 {
		s.noImages()
		return nil
	}
	s.Tailored = s.Graph
	b := newBuilder(s)
	kept := newTrains(s.Images.N)
	prepare := func() (meters, error) { return newMeters(b, kept, s.Options.Jobs) }
	fitted := func(f *fit, l layer, from start) error {
		if f != nil && !s.given() {
			by := normalisationOf(s.Options)
			var drives fitDrives
			var err error
			if by.sampled {
				drives, err = f.drives(ctx)
			} else {
				drives, err = allDrives(ctx, s, l, from)
			}
			if err != nil {
				return err
			}
			factors, err := scaleFactors(ctx, s, l, by, evidence{channels: drives.channels, currents: currents{b: b, kept: kept}})
			if err != nil {
				return err
			}
			s.Scales[l.node] = factors
			if l.node == s.Graph.Output {
				s.LargestOutput = drives.largest
			}
		} else if scale := passedOn(s, l); scale != nil {
			s.Scales[l.node] = scale
		}
		if err := b.layer(l); err != nil {
			return err
		}
		if err := raiseScales(s, b, l); err != nil || s.Options.Round == nil || l.node == s.Graph.Output {
			return err
		}
		return s.Options.Round(b.net, b.population[l.node])
	}
	return fitLayers(ctx, s, fitting{prepare: prepare, fitted: fitted})
}

// raiseScales lets the target raise the scale factors of a layer whose neurons fire, unless the user has given them, or it passes on
// what another one sends.
func raiseScales(s *State, b *builder, l layer) error {
	p := b.population[l.node]
	if s.Options.Raise == nil || s.given() || passedOn(s, l) != nil || b.net.Populations[p].Neuron != snn.IF {
		return nil
	}
	factors, err := s.Options.Raise(b.net, p, l.node == s.Graph.Output)
	if err != nil {
		return err
	}
	scale := slices.Clone(s.Scales[l.node])
	for c := range scale {
		scale[c] *= factors[c]
	}
	s.Scales[l.node] = scale
	return nil
}

// fitDrives are what a fitted layer's sums come to.
type fitDrives struct {
	channels []histogram // of positive drives, a channel
	largest  float64     // |drive|
}

// drives computes the sums of the fitted weights on all rows. A drive above the rectifier's limit counts as the limit.
func (f *fit) drives(ctx context.Context) (fitDrives, error) {
	d := fitDrives{channels: make([]histogram, f.out)}
	sums, err := f.sums(ctx)
	if err != nil {
		return d, err
	}
	for i, y := range sums {
		h, drive := &d.channels[i%f.out], min(float64(y), f.layer.limit)
		h.largest = max(h.largest, drive)
		d.largest = max(d.largest, drive, -drive)
	}
	for c := range d.channels {
		d.channels[c] = newHistogram(d.channels[c].largest)
	}
	for i, y := range sums {
		d.channels[i%f.out].add(min(float64(y), f.layer.limit))
		d.channels[i%f.out].sums.add(float64(y))
	}
	return d, nil
}

// sums returns w·u + b and what skip connections add, rows × output channels.
func (f *fit) sums(ctx context.Context) ([]float32, error) {
	rows, per, one := len(f.u)/f.columns, f.out/f.blocks, f.constant()
	y := make([]float32, rows*f.out)
	workers := make([]ridgeWorker, parallel.Jobs(f.jobs))
	for b := range f.blocks {
		columns := f.columnsOf(b)
		cols := len(columns)
		if f.bias {
			cols++
		}
		w := gemm.Dense(f.weights(b, cols, one), per, cols) // the fitted ones
		err := parallel.For(ctx, (rows+chunk-1)/chunk, len(workers), func(k, i int) error {
			my, first := &workers[k], i*chunk
			if my.rows == nil {
				my.rows, my.sums = make([]float64, chunk*cols), make([]float64, chunk*per)
			}
			n := min(chunk, rows-first)
			u, t := gemm.Dense(my.rows[:n*cols], n, cols), gemm.Dense(my.sums[:n*per], n, per)
			for i := range n {
				line := u.Data[i*cols : (i+1)*cols]
				for j, c := range columns {
					line[j] = float64(f.u[(first+i)*f.columns+c])
				}
				if f.bias {
					line[cols-1] = float64(float32(one)) // as the regression has it
				}
			}
			clear(t.Data)
			my.gemm.Add(t, u, w.Transposed())
			for i := range n {
				for o := range per {
					at := (first+i)*f.out + b*per + o
					y[at] = float32(t.Data[i*per+o]) + f.fixedSum[at]
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return y, nil
}
