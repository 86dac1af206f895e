package image

import (
	"spikec/internal/diag"
	"spikec/target/chip"
)

// constraintChecks evaluates the constraints that a profile may state. A test compares the table with
// chip.Constraints.
var constraintChecks = map[string]func(*checker){
	chip.ConstraintSum32:        (*checker).sum32,
	chip.ConstraintEvenWeights:  (*checker).evenWeights,
	chip.ConstraintLoihiSum:     (*checker).loihiSum,
	chip.ConstraintLoihiCurrent: (*checker).loihiCurrent,
	chip.ConstraintNoRefractory: (*checker).noRefractory,
	chip.ConstraintExact24:      (*checker).exact24,
}

// smallerLayer is the remedy where too much arrives at one neuron.
const smallerLayer = "smaller kernels, fewer channels in the layer before, or fewer weight bits"

// sum32 reports neurons with Σ|w| + |bias + drive| >= 2^31, the sum over all that can arrive in one step.
func (k *checker) sum32() {
	const limit = 1<<31 - 1
	for i := range k.img.Cores {
		c, f := &k.img.Cores[i], k.fan(i)
		for n := range c.Neurons {
			bias := int64(c.Channel(c.Registers[k.p.Registers.Bias], n))
			constant := max(bias+f.driveHi[n], -(bias + f.driveLo[n]), bias, -bias)
			if sum := f.Positive[n] - f.Negative[n] + constant; sum > limit {
				k.over(idSum32, i, n, "sum of absolute weights and bias", sum, limit, smallerLayer)
			}
		}
	}
}

// exact24 reports neurons with |v| + T·(Σ|w| + |bias + drive|) >= 2^24, v being the membrane at the start: below, a float32
// holds every membrane on its way exactly, for neurons without a leak.
func (k *checker) exact24() {
	const limit = 1<<24 - 1
	for i := range k.img.Cores {
		c, f := &k.img.Cores[i], k.fan(i)
		for n := range c.Neurons {
			bias, v := int64(c.Channel(c.Registers[k.p.Registers.Bias], n)), int64(c.Channel(c.InitialV, n))
			step := f.Positive[n] - f.Negative[n] + max(bias+f.driveHi[n], -(bias+f.driveLo[n]), bias, -bias)
			if most := max(v, -v) + int64(k.img.Steps)*step; most > limit {
				k.over(idExact24, i, n, "largest absolute membrane after all steps", most, limit, "fewer steps, or "+smallerLayer)
			}
		}
	}
}

// evenWeights reports odd weights on the chip.
func (k *checker) evenWeights() {
	for i := range k.img.Cores {
		for _, b := range k.img.Cores[i].Synapses {
			for _, w := range chipWeights(b.Synapses) {
				if w%2 != 0 {
					k.over(idEvenWeights, i, -1, "odd weight", int64(w), int64(w-w%2), "quantise for this target")
				}
			}
		}
	}
}

// Registers of Loihi that its constraints read.
const (
	loihiWeightExp = "weight_exp"
	loihiBiasExp   = "bias_exp"
	loihiDecayU    = "du"
)

// loihiScale is the exponent of a unit of weight in the current: weights arrive shifted by 6 and their exponent.
const loihiScale = 6

// constant returns the value of a register that is one for the whole core.
func (c *Core) constant(name string) int64 { return int64(c.Channel(c.Registers[name], 0)) }

// shifted returns x << n, or a value beyond every limit where the register behind n is out of its range or x is huge.
func shifted(x, n int64) int64 {
	const beyond = 1 << 40
	if n < 0 || n > 15 || x > 1<<31 {
		return beyond
	}
	return x << n
}

// loihiSum reports neurons with Σ|w|·2^(6+weight_exp) >= 2^21.
func (k *checker) loihiSum() {
	const limit = 1<<21 - 1
	for i := range k.img.Cores {
		c, f := &k.img.Cores[i], k.fan(i)
		for n := range c.Neurons {
			if sum := shifted(f.Positive[n]-f.Negative[n], loihiScale+c.constant(loihiWeightExp)); sum > limit {
				k.over(idLoihiSum, i, n, "sum of absolute weights, shifted by 6 and their exponent", sum, limit, smallerLayer)
			}
		}
	}
}

// loihiCurrent reports neurons whose current, alone or with bias and drive, can leave −(2^23−1)..2^23−1. The current
// decays by (4095−du)/4096 a step, so that a sum of at most A in every step leads to at most A·4096/(du+1).
func (k *checker) loihiCurrent() {
	const limit = 1<<23 - 1
	for i := range k.img.Cores {
		c, f := &k.img.Cores[i], *k.fan(i)
		if k.p.Lower.Kind == "spike" {
			f.Fan = f.Signed()
		}
		keep := max(1, c.constant(loihiDecayU)+1)
		scale, biasScale := loihiScale+c.constant(loihiWeightExp), c.constant(loihiBiasExp)
		for n := range c.Neurons {
			hi := (shifted(f.Positive[n], scale)*4096 + keep - 1) / keep
			lo := (shifted(-f.Negative[n], scale)*4096 + keep - 1) / keep
			bias := int64(c.Channel(c.Registers[k.p.Registers.Bias], n))
			up, down := shifted(max(0, bias+f.driveHi[n], bias), biasScale), shifted(max(0, -(bias+f.driveLo[n]), -bias), biasScale)
			if most := max(hi+up, lo+down); most > limit {
				k.over(idLoihiCurrent, i, n, "largest absolute current with bias and drive", most, limit, smallerLayer)
			}
		}
	}
}

// noRefractory reports a profile that lets neurons rest, or spikes be delayed beyond the chip's latency.
func (k *checker) noRefractory() {
	r, d := k.p.Refractory, k.p.Delay
	for _, x := range []struct {
		what         string
		value, limit int
	}{{"refractory steps", r.Min, 1}, {"refractory steps", r.Max, 1}, {"delay", d.Min, 0}, {"delay", d.Max, 0}} {
		if x.value != x.limit {
			k.report(idNoRefractory, "profile "+k.p.ID, 0, 0, diag.Diagnostic{Message: x.what + " of the profile", Value: x.value, Limit: x.limit,
				Remedy: "take the constraint out of the profile, or the range back"})
		}
	}
}
