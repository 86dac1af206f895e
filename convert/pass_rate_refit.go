package convert

import (
	"context"

	"spikec/internal/gemm"
)

// rateRefit fits the layers once more, now to what their inputs deliver as spikes in T steps, and builds the network as it
// goes: it fits layer l (the regression of pass refit) with u the rates λ·N/T that the spiking layers before it have on the
// calibration images, finds the layer's scale factors from the drives w·u that follow (scaleFactors), and lowers it. What
// the layers before lose in T steps, by rounding, by clipping and by spikes that come too early to be taken back, is so made
// good as far as a linear map can, and so is what the target's rounding does to their weights (Options.Round) (conversion
// reference §4.2; layer-wise calibration: Li et al. 2021).
//
// The weights then belong to T: at many more steps they are worse than those of pass refit.
func rateRefit(ctx context.Context, s *State) error {
	if s.Images.N == 0 {
		s.noImages("or --disable refit,rate-refit")
		return nil
	}
	s.Tailored = s.Graph
	b := newBuilder(s)
	kept := newTrains(s.Images.N)
	prepare := func() (meters, error) { return newMeters(b, kept, s.Options.Jobs) }
	fitted := func(f *fit, l layer) error {
		if f != nil && s.Options.Known == nil {
			drives := f.drives()
			factors, err := scaleFactors(ctx, s, l, evidence{channels: drives.channels, currents: currents{b: b, kept: kept}})
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
		if err := b.layer(l); err != nil || s.Options.Round == nil || l.node == s.Graph.Output {
			return err
		}
		return s.Options.Round(b.net, b.population[l.node])
	}
	return fitLayers(ctx, s, fitting{prepare: prepare, fitted: fitted})
}

// fitDrives are what the fitted layer's sums come to on the rows.
type fitDrives struct {
	channels []histogram // of positive drives, a channel
	largest  float64     // |drive|
}

// drives computes the sums of the fitted weights on all rows.
func (f *fit) drives() fitDrives {
	d := fitDrives{channels: make([]histogram, f.out)}
	sums := f.sums()
	for i, y := range sums {
		h := &d.channels[i%f.out]
		h.largest = max(h.largest, float64(y))
		d.largest = max(d.largest, float64(y), -float64(y))
	}
	for c := range d.channels {
		d.channels[c] = newHistogram(d.channels[c].largest)
	}
	for i, y := range sums {
		d.channels[i%f.out].add(float64(y))
		d.channels[i%f.out].sums.add(float64(y))
	}
	return d
}

// sums returns w·u + b and what skip connections add, rows × output channels.
func (f *fit) sums() []float32 {
	rows, per := len(f.u)/f.columns, f.out/f.blocks
	y := make([]float32, rows*f.out)
	var ws gemm.Workspace[float64]
	for b := range f.blocks {
		r := f.block(b)
		w := gemm.Dense(r.w0, per, r.cols) // the weights that the block holds now are the fitted ones
		buf, sums := make([]float64, chunk*r.cols), make([]float64, chunk*per)
		r.eachChunk(buf, r.cols, func(first int, u gemm.Matrix[float64]) {
			t := gemm.Dense(sums[:u.Rows*per], u.Rows, per)
			clear(t.Data)
			ws.Add(t, u, w.Transposed())
			for i := range u.Rows {
				for o := range per {
					y[(first+i)*f.out+b*per+o] = float32(t.Data[i*per+o]) + r.fixed[(first+i)*per+o]
				}
			}
		})
	}
	return y
}
