package simulate

import (
	"context"
	"math"
	"math/cmplx"

	"gonum.org/v1/gonum/dsp/fourier"
	"spikec/internal/mersenne"
	"spikec/models/neuron"
)

func init() { register("izhikevich_network", izhikevichNetwork) }

// mostDense bounds the neurons of a network in which all are connected.
const mostDense = 2048

// networkRuns is how many networks of its own a statistical recording is compared with.
const networkRuns = 6

// izhikevichNetwork compares a network spike by spike as far as the recording says that rounding does not matter, or means over seeds.
func izhikevichNetwork(ctx context.Context, c *recording) {
	excitatory, inhibitory, duration := c.in.at("Ne").int(1, mostDense), c.in.at("Ni").int(1, mostDense), c.in.at("T_ms").int(1, mostListed)
	c.work(excitatory+inhibitory, excitatory+inhibitory)
	c.work(excitatory+inhibitory, duration)
	if c.kind == "statistical" {
		if c.err == nil {
			networkStatistics(ctx, c, excitatory, inhibitory, duration)
		}
		return
	}
	noise := [2]float64{c.in.at("noise_excitatory").float(), c.in.at("noise_inhibitory").float()}
	v0 := c.in.at("v0").float()
	d := mersenne.New(c.in.at("seed").seed())
	exact, traced := c.out.at("exact_until_ms").int(0, duration), c.out.at("trace_neurons").ints(0, excitatory+inhibitory-1)
	c.work(len(traced), duration, 16)
	if c.err != nil {
		return
	}
	n := neuron.NewPulseNetwork(excitatory, inhibitory, noise, v0, d)
	bits := tolerance{}
	c.numbers("first draws of excitatory neurons", n.RE[:min(4, excitatory)], c.out.at("re_first_4"), bits)
	c.numbers("first draws of inhibitory neurons", n.RI[:min(4, inhibitory)], c.out.at("ri_first_4"), bits)
	var first, last []float64
	size := len(n.Cells)
	for j := range size {
		if j < 8 {
			first = append(first, n.Effect[j][0])
		}
		if j >= size-4 {
			last = append(last, n.Effect[j][size-1])
		}
	}
	c.numbers("first synapses", first, c.out.at("S_first_row_first_8"), bits)
	c.numbers("last synapses", last, c.out.at("S_last_row_last_4"), bits)
	var spikes, sure []spike
	traces := make([][]float64, len(traced))
	for t := 1; t <= duration; t++ {
		if ctx.Err() != nil {
			return
		}
		n.Step(d, func(i int) { spikes = append(spikes, spike{t, i}) })
		if t == exact {
			sure = spikes
		}
		for k, i := range traced {
			traces[k] = append(traces[k], n.V[i])
		}
		if len(spikes) > 1<<24 {
			c.fail("more than %d spikes", 1<<24)
			return
		}
	}
	c.count("spikes that rounding does not change", len(sure), c.out.at("spikes_until_exact_until_ms"))
	c.words("SHA-256 of these", hash(sure), c.out.at("raster_sha256_until_exact_until_ms"))
	c.number("all spikes", float64(len(spikes)), c.out.at("total_spikes"), tolerance{rel: 0.03})
	for k, want := range c.out.at("trace_v_end_of_ms").exactly(len(traced)) {
		list, _ := want.v.([]any)
		upTo := min(exact/2, len(list), duration)
		c.numbers("V of a neuron", traces[k][:upTo], node{c, want.path, list[:upTo]}, tolerance{abs: 1e-6})
	}
	if exact == duration {
		c.words("SHA-256 of the raster", hash(spikes), c.out.at("raster_sha256"))
		if c.out.has("v_final") {
			c.numbers("V at the end", n.V, c.out.at("v_final"), tolerance{abs: 1e-6})
			c.numbers("U at the end", n.U, c.out.at("u_final"), tolerance{abs: 1e-6})
		}
	}
}

// networkStatistics compares rates and the rhythm of networks of own seeds.
func networkStatistics(ctx context.Context, c *recording, excitatory, inhibitory, duration int) {
	var re, ri, total, slow []float64
	for run := range networkRuns {
		d := mersenne.New(uint32(ownSeed + run))
		n := neuron.NewPulseNetwork(excitatory, inhibitory, [2]float64{5, 2}, -65, d)
		perMs := make([]float64, duration)
		var e, i float64
		for t := range duration {
			if ctx.Err() != nil {
				return
			}
			n.Step(d, func(k int) {
				perMs[t]++
				if k < excitatory {
					e++
				} else {
					i++
				}
			})
		}
		seconds := float64(duration) / 1000
		re, ri = append(re, e/float64(excitatory)/seconds), append(ri, i/float64(inhibitory)/seconds)
		total, slow = append(total, e+i), append(slow, slowPower(perMs))
	}
	c.sample("rate of excitatory neurons", re, c.out.at("rate_excitatory_Hz"))
	c.sample("rate of inhibitory neurons", ri, c.out.at("rate_inhibitory_Hz"))
	c.sample("spikes", total, c.out.at("total_spikes"))
	c.sample("share of slow power", slow, c.out.at("fraction_of_5_60Hz_power_below_20Hz"))
}

// slowPower returns which share of the power of spikes per ms between 5 and 60 Hz is below 20 Hz.
func slowPower(perMs []float64) float64 {
	mean := 0.0
	for _, v := range perMs {
		mean += v / float64(len(perMs))
	}
	centred := make([]float64, len(perMs))
	for i, v := range perMs {
		centred[i] = v - mean
	}
	f := fourier.NewFFT(len(centred))
	slow, all := 0.0, 0.0
	for k, v := range f.Coefficients(nil, centred) {
		hz, power := f.Freq(k)*1000, math.Pow(cmplx.Abs(v), 2)
		if hz >= 5 && hz <= 60 {
			all += power
			if hz < 20 {
				slow += power
			}
		}
	}
	return slow / all
}
