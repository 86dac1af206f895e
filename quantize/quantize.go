package quantize

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"spikec/internal/diag"
	"spikec/models/snn"
	"spikec/target/chip"
)

// hostBits is the width of the weights that the host computes a drive with: they are on no chip.
const hostBits = 16

// Options say how a network is quantised.
type Options struct {
	Bits int // narrows the weights; 0 takes what the chip has
	Jobs int // goroutines; as many as Go may use processors if not positive
}

// Run quantises net for a chip. Thresholds are rounded first; weights are then rounded in units of 1/threshold, so that
// only weights carry an error. The error is a *diag.Failure where the network does not fit the formats.
func Run(ctx context.Context, net *snn.Network, p *chip.Profile, o Options) (*Network, diag.List, error) {
	q, found, err := intoIntegers(ctx, net, net.Output(), p, o)
	if err != nil {
		return nil, nil, err
	}
	return q, found, found.Err()
}

// intoIntegers is Run for a network that may not be complete: output is the population that is the output, or −1.
func intoIntegers(ctx context.Context, net *snn.Network, output int, p *chip.Profile, o Options) (*Network, diag.List, error) {
	f, err := FormatOf(p, o.Bits)
	if err != nil {
		return nil, nil, err
	}
	found := neuronsFit(net, p)
	q := &Network{Name: net.Name, Chip: p.ID, Steps: net.Steps, Reset: net.Reset, Firing: net.Firing, Readout: net.Readout, Format: f}
	q.Projections = make([]Projection, len(net.Projections))
	for i, s := range net.Projections {
		q.Projections[i] = Projection{Source: s.Source, Target: s.Target, Pool: s.Pool, Window: s.Window, Groups: s.Groups, Identity: s.Identity}
	}
	for i := range net.Populations {
		if err := context.Cause(ctx); err != nil {
			return nil, nil, err
		}
		s := &net.Populations[i]
		if s.Neuron == snn.Input || s.Neuron == snn.Source {
			q.Populations = append(q.Populations, Population{Name: s.Name, Shape: s.Shape, Neuron: s.Neuron, Coding: s.Coding})
			continue
		}
		l := newLayer(net, i, f, i == output, o.Jobs)
		l.quantise()
		l.store(q, &found)
	}
	return q, found, nil
}

// neuronsFit reports what the network's neurons do and the chip's do not.
func neuronsFit(net *snn.Network, p *chip.Profile) diag.List {
	var found diag.List
	if !slices.Contains(p.Reset.Modes, string(net.Reset)) {
		found.Add(diag.Diagnostic{ID: "SPK-QUANT-005", Severity: diag.Error, Subject: net.Name, Message: "the chip's neurons have another reset",
			Value: net.Reset, Limit: strings.Join(p.Reset.Modes, ", "), Remedy: "convert for a reset of the chip"})
	}
	if chip := snn.Firing(p.Capabilities().Firing); net.Firing != chip {
		found.Add(diag.Diagnostic{ID: "SPK-QUANT-007", Severity: diag.Error, Subject: net.Name, Message: "the chip's neurons fire in another way",
			Value: firingName(net.Firing), Limit: firingName(chip), Remedy: "convert for this chip"})
	}
	if net.Initial != 0 && !p.Initial.V {
		found.Add(diag.Diagnostic{ID: "SPK-QUANT-006", Severity: diag.Error, Subject: net.Name, Message: "the chip's membranes start at zero",
			Value: net.Initial, Limit: 0, Remedy: "convert with membranes that start at zero"})
	}
	return found
}

// firingName names a kind of firing.
func firingName(f snn.Firing) string {
	if f == snn.Plain {
		return "plain"
	}
	return string(f)
}

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

// chooseUnits finds, a channel or for the whole layer, how many weight units the value 1 (the threshold) is worth.
// The limits are those of weights, thresholds, biases, membranes and sums; below them, the unit is the one with the
// smallest weighted rounding error: large weights may be clipped for a finer grid.
func (l *layer) chooseUnits() {
	out := len(l.rows)
	l.unit = make([]float64, out)
	limit, grid := make([]float64, out), make([]float64, out)
	for o := range out {
		limit[o], grid[o] = l.limit(o), l.gridLimit(o)
	}
	if l.common() {
		lo, fine := math.Inf(1), math.Inf(1)
		for o := range out {
			lo, fine = min(lo, limit[o]), min(fine, grid[o])
		}
		u := l.search(lo, fine, 0, out)
		for o := range out {
			l.unit[o] = u
		}
		return
	}
	for o := range out {
		l.unit[o] = l.search(limit[o], grid[o], o, o+1)
	}
}

// common reports whether all channels share one unit: where the chip has one threshold a layer, and at the output,
// whose membranes are compared with each other.
func (l *layer) common() bool {
	return !l.format.ThresholdPerChannel || l.output
}

// limit is the largest unit that the thresholds, biases, membranes and sums of channel o allow.
func (l *layer) limit(o int) float64 {
	f := l.format
	u := float64(f.ThresholdMax)
	if l.pop.Neuron == snn.Integrator {
		u = math.Inf(1)
		if l.pop.Range > 0 {
			u = min(float64(f.VMax>>f.Shift), float64(f.ThresholdMax)-1) / l.pop.Range
		}
	} else if f.Order != ByEvent || f.VMin < 0 {
		u = min(u, float64(f.VMax>>f.Shift)/membraneRoom/l.stepsHeld())
	}
	pos, neg := 0.0, 0.0
	for j, w := range l.drive[o] {
		pos, neg = pos+l.codes[j]*max(w, 0), neg-l.codes[j]*min(w, 0)
		if w != 0 {
			u = min(u, (1<<(hostBits-1)-1)/math.Abs(w))
		}
	}
	if l.pop.Bias != nil {
		pos, neg = pos+math.Abs(l.pop.Bias[o]), neg+math.Abs(l.pop.Bias[o])
	}
	if most := max(pos, neg); most > 0 {
		u = min(u, (float64(f.BiasMax)-biasSlack)/most, (math.MaxInt32/2)/most)
	}
	sum := 0.0
	for j, w := range l.rows[o] {
		sum += math.Abs(w) * l.repeat[j]
	}
	if sum > 0 {
		u = min(u, float64(f.SumMax)/sum)
	}
	if f.Exact {
		u = min(u, float64(f.VMax>>f.Shift)/(l.net.Initial+float64(l.net.Steps)*(sum+max(pos, neg))))
	}
	return u
}

// stepsHeld is how many steps a membrane adds up before it fires.
func (l *layer) stepsHeld() float64 {
	if l.format.Firing == snn.Staged {
		return float64(l.net.Steps)
	}
	return 1
}

// membraneRoom is how many thresholds a membrane holds at least, for every step that it adds up before it fires: room for
// what a step adds above one, and for inhibition, which is worth more than a finer threshold. Where a membrane is tested after
// every event it goes beyond one by less than a weight, and where its floor is 0 there is no room for inhibition: with both, a
// threshold may be all that it holds.
const membraneRoom = 8

// biasSlack is what rounding bias and drive may add to their sum, in weight units.
const biasSlack = 2

// gridLimit is the unit at which the largest weight of channel o just fits.
func (l *layer) gridLimit(o int) float64 {
	largest := 0.0
	for _, w := range l.rows[o] {
		largest = max(largest, math.Abs(w))
	}
	if largest == 0 {
		return math.Inf(1)
	}
	return float64(l.format.WeightMax) / largest
}

// clipSteps is how many ratios of clipping are tried, each 1/80 below the one before.
const clipSteps = 60

// search returns the unit for channels from..to-1: the best of fit/(1 − k/80) up to limit.
func (l *layer) search(limit, fit float64, from, to int) float64 {
	if math.IsInf(fit, 1) {
		return l.settle(limit)
	}
	best, least := 0.0, math.Inf(1)
	for k := range clipSteps {
		u := l.settle(min(limit, fit/(1-float64(k)/80)))
		if u == best {
			continue
		}
		e := 0.0
		for o := from; o < to && e < least; o++ {
			e += l.error(o, u)
		}
		if e < least {
			best, least = u, e
		}
	}
	return best
}

// settle rounds the unit of a firing population down to a whole number: it is the threshold. Where the only weight of every
// neuron is one threshold, as that of a relay, the unit is one that the weight can be too.
func (l *layer) settle(u float64) float64 {
	if math.IsInf(u, 1) {
		u = float64(l.format.ThresholdMax) / 2
	}
	if l.pop.Neuron == snn.Integrator {
		return u
	}
	if l.passes {
		step := float64(l.format.WeightStep)
		return max(math.Floor(u/step), math.Ceil(float64(l.format.ThresholdMin)/step), 1) * step
	}
	return max(math.Floor(u), float64(l.format.ThresholdMin), 1)
}

// isOne reports whether every row is the one weight 1, and nothing else comes to the neurons.
func (l *layer) isOne() bool {
	for o, row := range l.rows {
		if len(row) != 1 || row[0] != 1 || l.repeat[0] != 1 || len(l.drive[o]) > 0 {
			return false
		}
	}
	return l.pop.Bias == nil
}

// error is the rounding error of channel o at unit u, weighted by the second moment of each input where it is known,
// relative to the square of the threshold.
func (l *layer) error(o int, u float64) float64 {
	e := 0.0
	block, h := 0, l.moments
	if h != nil {
		block = o / (len(l.rows) / len(h))
	}
	for j, w := range l.rows[o] {
		d := w - float64(l.grid(w, u))/u
		if h != nil && j < l.fitted {
			e += d * d * h[block].At(j, j)
		} else {
			e += d * d
		}
	}
	return e
}

// grid rounds the weight w to weight units: the nearest usable mantissa, half away from zero, clipped to the range.
func (l *layer) grid(w, u float64) int32 {
	step := float64(l.format.WeightStep)
	k := math.Round(w * u / step)
	most := math.Floor(float64(l.format.WeightMax) / step)
	return int32(max(-most, min(most, k)) * step)
}

// round fills rounded and host.
func (l *layer) round() {
	l.rounded = make([][]int32, len(l.rows))
	work := make([][]float64, len(l.rows))
	for o, row := range l.rows {
		work[o] = append([]float64(nil), row[:l.fitted]...)
	}
	if h := l.moments; h != nil && l.fitted > 0 {
		per := len(l.rows) / len(h)
		for b := range h {
			rows := work[b*per : (b+1)*per]
			if l.rounders[b] == nil {
				l.rounders[b] = newGPTQ(h[b], l.jobs)
			}
			l.rounders[b].round(rows, func(r int, w float64) float64 {
				u := l.unit[b*per+r]
				return float64(l.grid(w, u)) / u
			})
		}
	}
	for o, row := range l.rows {
		for j, w := range row {
			if j < l.fitted {
				w = work[o][j]
			}
			l.rounded[o] = append(l.rounded[o], l.grid(w, l.unit[o]))
		}
	}
	l.roundDrive()
}

// shrinkTimes bounds how often shrink lowers the units: by a quarter in all.
const shrinkTimes = 28

// shrink lowers units by 1 % at a time while rounding has made the weights of a neuron, or its bias and drive, add up
// to more than the chip holds: those of the channels concerned, or the common one.
func (l *layer) shrink() {
	for range shrinkTimes {
		over := make([]bool, len(l.unit))
		for o := range l.rounded {
			over[o] = l.overflows(o)
		}
		if !slices.Contains(over, true) {
			return
		}
		for o := range l.unit {
			if over[o] || l.common() {
				l.unit[o] = l.settle(l.unit[o] * 0.99)
			}
		}
		l.round()
	}
}

// sum returns Σ|w| over the spikes that may meet channel o in one step.
func (l *layer) sum(o int) int64 {
	var sum int64
	for j, w := range l.rounded[o] {
		sum += int64(l.repeat[j]) * int64(max(w, -w))
	}
	return sum
}

// lowerBound returns the bound below which neurons of channel o are reset: with Q what can be taken off a membrane in one step,
//
//	min(VMin + Q, VMin/2)
//
// A membrane that is reset at this bound loses it, and is then at most Q below zero. Where Q is at most half of the range below zero,
// no step takes the membrane beyond VMin: it never wraps at the lower end. Where Q is larger, only its rate keeps it from there; the
// bound is then as far from zero as from the end. Source: RANC, ThresholdResetUnit.v.
func (l *layer) lowerBound(o int) int32 {
	lo, _ := l.input(o)
	q := -min(lo, 0)
	for j, w := range l.rounded[o] {
		q -= int64(l.repeat[j]) * int64(min(w, 0))
	}
	return int32(min(l.format.VMin+q, l.format.VMin/2))
}

// bias returns the bias of channel o in weight units.
func (l *layer) bias(o int) int32 {
	if l.pop.Bias == nil {
		return 0
	}
	return int32(max(-math.MaxInt32, min(math.MaxInt32, math.Round(l.pop.Bias[o]*l.unit[o]))))
}

// input returns the range of what bias and drive add to channel o in one step, whatever the picture.
func (l *layer) input(o int) (lo, hi int64) {
	for j, w := range l.host[o] {
		lo += int64(l.codes[j]) * int64(min(w, 0))
		hi += int64(l.codes[j]) * int64(max(w, 0))
	}
	b := int64(l.bias(o))
	return b + shiftDrive(lo, l.shift), b + shiftDrive(hi, l.shift)
}

// farthest returns how far from zero the membrane of channel o may get in all steps, in weight units, where the chip must not
// limit it; else 0.
func (l *layer) farthest(o int) int64 {
	if !l.format.Exact {
		return 0
	}
	lo, hi := l.input(o)
	return int64(math.Ceil(l.unit[o]*l.net.Initial)) + int64(l.net.Steps)*(l.sum(o)+max(hi, -lo))
}

// overflows reports whether the sums, or bias and drive, of channel o need more than the chip has.
func (l *layer) overflows(o int) bool {
	lo, hi := l.input(o)
	return l.sum(o) > l.format.SumMax || max(hi, -lo) > int64(l.format.BiasMax) || l.farthest(o) > l.format.VMax>>l.format.Shift
}

// roundDrive chooses the largest shift for which the host's weights have hostBits and their sums 32 bits.
func (l *layer) roundDrive() {
	l.host = make([][]int32, len(l.drive))
	for shift := uint(0); shift <= 24; shift++ {
		scale := math.Ldexp(1, int(shift))
		for o, row := range l.drive {
			sum := 0.0
			for j, w := range row {
				v := math.Abs(w) * l.unit[o] * scale
				sum += (v + 0.5) * l.codes[j]
				if v > 1<<(hostBits-1)-1 {
					return
				}
			}
			if sum+scale/2 > math.MaxInt32 {
				return
			}
		}
		l.shift = shift
		for o, row := range l.drive {
			l.host[o] = make([]int32, len(row))
			for j, w := range row {
				l.host[o][j] = int32(math.Round(w * l.unit[o] * scale))
			}
		}
	}
}

// store writes the population, its projections and its report into q, and reports whether the layer fits: if not, q stays
// as it is.
func (l *layer) store(q *Network, found *diag.List) bool {
	if !l.diagnose(found) {
		return false
	}
	out := len(l.rows)
	p := Population{Name: l.pop.Name, Shape: l.pop.Shape, Neuron: l.pop.Neuron, DriveShift: l.shift,
		Threshold: make([]int32, out), Bias: make([]int32, out), Initial: make([]int32, out), Unit: make([]float64, out)}
	for o := range out {
		p.Unit[o] = l.unit[o]
		if l.pop.Scale != nil {
			p.Unit[o] /= l.pop.Scale[o]
		}
		p.Threshold[o] = l.format.ThresholdMax
		if l.pop.Neuron == snn.IF {
			p.Threshold[o] = int32(l.unit[o])
			p.Initial[o] = int32(math.Floor(l.unit[o] * l.net.Initial))
		}
		p.Bias[o] = l.bias(o)
		if l.format.LowerReset {
			p.Lower = append(p.Lower, l.lowerBound(o))
		}
	}
	q.Populations = append(q.Populations, p)
	at, atHost := make([]int, out), make([]int, out)
	for _, identity := range []bool{false, true} {
		for _, i := range l.projections {
			if s := &l.net.Projections[i]; s.Identity == identity {
				l.unstack(s, &q.Projections[i], at, atHost)
			}
		}
	}
	r := l.report(p)
	r.coarse(found)
	q.Report = append(q.Report, r)
	return true
}

// unstack takes the weights of one projection off the rows.
func (l *layer) unstack(s *snn.Projection, to *Projection, at, atHost []int) {
	from, pos := l.rounded, at
	if s.Source == 0 {
		from, pos = l.host, atHost
	}
	fan := len(s.Weight) / len(from)
	for o := range from {
		to.Weight = append(to.Weight, from[o][pos[o]:pos[o]+fan]...)
		pos[o] += fan
	}
}

// diagnose finds what does not fit or makes the result doubtful, and reports whether the layer fits.
func (l *layer) diagnose(found *diag.List) bool {
	f, name := l.format, l.pop.Name
	for o := range l.rows {
		if len(l.drive[o]) > 0 && l.host[o] == nil {
			found.Errorf("SPK-QUANT-001", name, "channel %d: the host's weights overflow %d bits even without a fraction", o, hostBits)
			return false
		}
		if sum := l.sum(o); sum > f.SumMax {
			found.Add(diag.Diagnostic{ID: "SPK-QUANT-002", Severity: diag.Error, Subject: fmt.Sprintf("%s channel %d", name, o),
				Message: "the weights of one neuron add up to more than the chip's sum holds", Value: sum, Limit: f.SumMax, Remedy: "fewer inputs a neuron, or fewer weight bits"})
			return false
		}
		if lo, hi := l.input(o); max(hi, -lo) > int64(f.BiasMax) {
			found.Add(diag.Diagnostic{ID: "SPK-QUANT-004", Severity: diag.Error, Subject: fmt.Sprintf("%s channel %d", name, o),
				Message: "bias and drive add up to more than the chip's bias holds", Value: max(hi, -lo), Limit: f.BiasMax, Remedy: "regular encoding, the strict rules, or a larger target"})
			return false
		}
		if v, most := l.farthest(o), f.VMax>>f.Shift; v > most {
			found.Add(diag.Diagnostic{ID: "SPK-QUANT-009", Severity: diag.Error, Subject: fmt.Sprintf("%s channel %d", name, o),
				Message: "all that may arrive adds up to more than the chip's membrane holds exactly", Value: v, Limit: most, Remedy: "fewer steps, fewer inputs a neuron, or fewer weight bits"})
			return false
		}
	}
	if l.pop.Neuron == snn.IF {
		small := 0
		for _, u := range l.unit {
			if u < 8 {
				small++
			}
		}
		if small > 0 {
			found.Warnf("SPK-QUANT-003", name, "%d of %d channels have a threshold below 8 weight units: rates are coarse", small, len(l.unit))
		}
	}
	return true
}

// report sums up the population.
func (l *layer) report(p Population) LayerReport {
	r := LayerReport{Population: p.Name, Bits: l.format.Bits, ThresholdLo: math.MaxInt32}
	signal, noise := 0.0, 0.0
	weights, clipped, zeroed := 0, 0, 0
	edge := l.format.WeightMax / l.format.WeightStep * l.format.WeightStep
	for o, row := range l.rounded {
		neg, pos := l.input(o)
		for j, w := range row {
			real := l.rows[o][j]
			d := real - float64(w)/l.unit[o]
			signal, noise = signal+real*real, noise+d*d
			weights++
			if w == edge || w == -edge {
				clipped++
			}
			if w == 0 && real != 0 {
				zeroed++
			}
			most := int64(l.repeat[j]) * int64(w)
			pos, neg = pos+max(most, 0), neg+min(most, 0)
			if l.format.Firing == snn.Signed {
				pos, neg = pos-min(most, 0), neg-max(most, 0)
			}
		}
		for j, w := range l.host[o] {
			real := l.drive[o][j]
			d := real - math.Ldexp(float64(w), -int(l.shift))/l.unit[o]
			signal, noise = signal+real*real, noise+d*d
		}
		r.Positive, r.Negative = max(r.Positive, pos), min(r.Negative, neg)
		r.ThresholdLo, r.ThresholdHi = min(r.ThresholdLo, p.Threshold[o]), max(r.ThresholdHi, p.Threshold[o])
	}
	if weights > 0 {
		r.Clipped, r.Zeroed = float64(clipped)/float64(weights), float64(zeroed)/float64(weights)
	} else {
		r.Bits = hostBits
	}
	if noise > 0 {
		r.SQNR = 10 * math.Log10(signal/noise)
	}
	r.AccumulatorBits = bits.Len64(uint64(max(r.Positive, -r.Negative))) + 1
	return r
}
