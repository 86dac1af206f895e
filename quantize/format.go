package quantize

import (
	"fmt"
	"math"
	"strings"

	"spikec/models/snn"
	"spikec/target/chip"
)

// Format is what a chip can hold of an integrate-and-fire network, in weight units.
type Format struct {
	WeightMax  int32 // usable weights are −WeightMax..WeightMax
	WeightStep int32 // in multiples of this
	Bits       int   // of a weight, sign included
	// ThresholdMin..ThresholdMax is the range of a threshold that fires at v >= threshold.
	ThresholdMin, ThresholdMax int32
	ThresholdPerChannel        bool
	BiasMax                    int32 // biases and drives are −BiasMax..BiasMax
	SumMax                     int64 // no Σ|w| over the synapses of a neuron may exceed this
	InitialV                   bool  // membranes can be preset
	Shift                      uint  // membranes hold weight units << Shift
	VMin, VMax                 int64 // of a membrane, in its own units; sums beyond are clamped
	Exact                      bool  // no membrane may reach VMin or VMax, whatever arrives: there the chip computes otherwise
	Wraps                      bool  // or come back from the other end
	LowerReset                 bool  // a membrane below Population.Lower loses that, without a spike
	Firing                     snn.Firing
	CountMax                   int32 // of signed neurons: positive minus negative spikes stay there
	Order                      Order // of the spikes of a step
	Accumulators               bool  // the outputs never fire, wherever they stand
	Reached                    bool  // with ByEvent: an event tests only the neurons that it reaches, else all
}

// FormatOf reads the formats of a profile, for weights of the given bits (0 = all the chip has). It refuses chips whose
// neurons are no integrate-and-fire neurons with a threshold test a step, or an event.
func FormatOf(p *chip.Profile, bits int) (Format, error) {
	least, most, step, err := p.WeightLevels(bits)
	if err != nil {
		return Format{}, err
	}
	if bits == 0 {
		bits = p.WeightBits()
	}
	f := Format{WeightMax: min(most, -least), WeightStep: step, Bits: bits, ThresholdMin: p.Threshold.Min, ThresholdMax: p.Threshold.Max,
		ThresholdPerChannel: p.Threshold.Scope == "neuron", InitialV: p.Initial.V, Shift: p.Threshold.Shift, SumMax: math.MaxInt32}
	if p.Weight.Sign == "sign_per_source" {
		f.WeightMax = most // a source with weights of both signs takes two rows
	}
	switch {
	case p.Memories() != nil && p.Execution.LayersIn() != chip.LayersRecurrent:
		return f, fmt.Errorf("quantize: chip %s: several synapse memories, %s, are not supported yet", p.ID, strings.Join(p.Memories(), ", "))
	case p.Weight.Select != nil && (p.Weight.Distinct == nil || p.Capacity.Neurons == nil || p.Capacity.AxonsIn == nil || p.Capacity.Targets == nil || *p.Capacity.Targets != 1):
		return f, fmt.Errorf("quantize: chip %s: weights chosen by %s are supported where neurons send to one axon and cores have limits", p.ID, *p.Weight.Select)
	case p.Execution.Serial() != (p.Threshold.When == "event"):
		return f, fmt.Errorf("quantize: chip %s: execution %s with thresholds tested every %s is not supported", p.ID, p.Execution.Kind, p.Threshold.When)
	case f.WeightMax < f.WeightStep:
		return f, fmt.Errorf("quantize: chip %s: weights %d..%d: a neuron's weights of both signs are not supported yet", p.ID, least, most)
	case p.State.V == nil || p.State.V.Overflow == "wrap_once":
		return f, fmt.Errorf("quantize: chip %s: membranes that wrap once are not supported yet", p.ID)
	}
	f.Wraps, f.LowerReset = p.State.V.Overflow == "wrap", p.Lower.Kind == "reset" && p.Registers.Lower != ""
	f.Exact = p.State.V.Overflow == "float32" || p.State.V.Overflow == "forbid"
	if f.Firing = snn.Firing(p.Capabilities().Firing); f.Firing == snn.Signed {
		if p.State.N == nil || p.State.N.Overflow != "saturate" || p.State.N.Min > 0 || p.State.N.Max < 1 || p.State.N.Max > math.MaxInt32 {
			return f, fmt.Errorf("quantize: chip %s: signed spikes need a count n in the state, which saturates", p.ID)
		}
		f.CountMax = int32(p.State.N.Max)
	}
	if f.Firing != snn.Plain && (p.Threshold.Compare != "ge" || p.Threshold.Shift != 0) {
		return f, fmt.Errorf("quantize: chip %s: %s neurons that compare by %s, or shift their thresholds, are not supported yet", p.ID, f.Firing, p.Threshold.Compare)
	}
	if f.Firing == snn.Staged && p.Lower.Kind == "spike" {
		return f, fmt.Errorf("quantize: chip %s: signed spikes in windows of two stages are not supported yet", p.ID)
	}
	if p.Threshold.Compare == "gt" {
		// v > m is v >= m+1: every contribution to v is a multiple of 1 << Shift.
		f.ThresholdMin++
		f.ThresholdMax++
	}
	if f.Order, f.Reached = orderOf(p); f.Order != BySum && f.Firing != snn.Plain {
		return f, fmt.Errorf("quantize: chip %s: %s neurons that heed the order of spikes are not supported yet", p.ID, f.Firing)
	}
	if (f.Wraps || f.LowerReset) && (f.Firing != snn.Plain || f.Order != BySum || f.Shift != 0 || !p.State.V.Signed || p.State.V.Min != -p.State.V.Max-1 || p.State.V.Bits > 32) {
		return f, fmt.Errorf("quantize: chip %s: membranes that wrap, or are reset below a bound, are supported in plain neurons of up to 32 bits that shift nothing and heed no order", p.ID)
	}
	f.VMin, f.VMax = p.State.V.Min, p.State.V.Max
	if p.Execution.LayersIn() == chip.LayersRecurrent {
		f.Accumulators = true
		if _, err := p.Recurrent(); err != nil {
			return f, fmt.Errorf("quantize: %w", err)
		}
		if o := p.State.O; f.Order != ByWeight || o.Min != f.VMin || o.Max != f.VMax || o.Overflow != p.State.V.Overflow {
			return f, fmt.Errorf("quantize: chip %s: accumulators with other limits than membranes, or limits once a step, are not supported yet", p.ID)
		}
	}
	if (p.Bias.Kind == "add" || p.Bias.Kind == "current" || p.Bias.Kind == "leak" && p.Leak.Kind == "signed_const") && p.Bias.Bits != nil && f.Order != ByEvent {
		f.BiasMax = int32(1)<<(*p.Bias.Bits-1) - 1
	}
	for _, s := range []*chip.Variable{p.State.A, p.State.U} { // both hold sums that are shifted as membranes are
		if s != nil && s.Overflow != "saturate" && s.Max>>f.Shift < f.SumMax {
			f.SumMax = s.Max >> f.Shift
		}
	}
	return f, nil
}

// orderOf returns what the order of spikes means to the chip, and whether an event tests only the neurons that it reaches.
func orderOf(p *chip.Profile) (order Order, reached bool) {
	for _, m := range p.Program {
		if m.Op == "for_each" && m.Event == chip.EventPre && m.Target != chip.TargetOne {
			return ByEvent, m.Target != chip.TargetAll
		}
		if m.Op == "integrate" && m.Into == "v" && m.Order != "none" {
			return ByWeight, false
		}
	}
	return BySum, false
}
