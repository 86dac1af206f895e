package chip

import "slices"

// The constraints that a profile may state. Package target/image evaluates each on an image; its comments say how.
const (
	// ConstraintSum32: the synaptic sum of one step and the bias stay below 31 bits, so that 32-bit sums are exact.
	ConstraintSum32 = "fan_in_sum|w| + |bias| < 2^31"
	// ConstraintEvenWeights: every stored weight is even (Loihi's mixed sign mode drops the lowest bit).
	ConstraintEvenWeights = "w % 2 == 0"
	// ConstraintLoihiSum: the emulators of Loihi agree on the synaptic sum of one step.
	ConstraintLoihiSum = "fan_in_sum|w| * 2^(6+weight_exp) < 2^21"
	// ConstraintLoihiCurrent: the current, alone and with the bias, stays below 24 bits in every step.
	ConstraintLoihiCurrent = "interval|u| < 2^23 and interval|u+bias| < 2^23"
	// ConstraintNoRefractory: no dead step after a spike and no delay beyond the chip's own latency.
	ConstraintNoRefractory = "refractory == 1 and delay == 0"
	// ConstraintExact24: no membrane leaves the integers that a float32 holds exactly, whatever arrives in all steps of a picture.
	ConstraintExact24 = "|v| + steps * (fan_in_sum|w| + |bias|) < 2^24"
)

// constraintTexts is the closed table; a profile that states anything else is refused.
var constraintTexts = []string{ConstraintSum32, ConstraintEvenWeights, ConstraintLoihiSum, ConstraintLoihiCurrent, ConstraintNoRefractory, ConstraintExact24}

// Constraints returns every constraint that a profile may state.
func Constraints() []string { return slices.Clone(constraintTexts) }
