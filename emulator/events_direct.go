package emulator

import (
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"spikec/target/chip"
	"spikec/target/image"
)

// directRule is what the program of an event comes to for the neurons of one core:
//
//	v = min(max(v + w, low), high)             for every synapse of the neuron
//	v = min(max(v, least), most)
//	if v >= thr { v -= thr, or v = 0; send a spike }
//
// for every neuron, or without the spike for a neuron that sends none. Where an event is for all neurons, they go back to zero,
// and one with weight 0 cannot fire: its membrane was below the threshold when it was tested last, or the first event tests it,
// see directUnit. Where it is for those under a kernel, these are tested.
type directRule struct {
	reach       bool // events are for the neurons under a kernel
	subtract    bool
	low, high   int32
	least, most int32
	thr         []int32 // a neuron
	sends       []bool
	stepped     int // neurons 0..stepped-1
}

// deriveDirect finds the rule of a core, or says what keeps the program of an event from being one.
func deriveDirect(core *image.Core, prog *program) (*directRule, error) {
	m, err := eventOf(prog.profile)
	if err != nil {
		return nil, err
	}
	state := newCoreState(&refCore{Core: core}, prog, 0)
	state.start()
	r := &directRule{stepped: core.Neurons, reach: m.Target == chip.TargetReach}
	if m.Upto != "" {
		upto, err := prog.registersOnly(m.Upto)
		if err != nil {
			return nil, err
		}
		r.stepped = int(min(max(upto(state.row(0)), -1)+1, int64(core.Neurons)))
	}
	if m.Announce != "" {
		announces, err := prog.registerCondition(m.Announce)
		if err != nil || announces(state.row(0)) {
			return nil, errors.Join(err, errors.New("it announces what was served"))
		}
	}
	var ops []string
	for _, op := range m.Do {
		ops = append(ops, op.Op)
	}
	do, clamps := m.Do, len(ops) > 1 && ops[1] == "clamp"
	if clamps {
		ops = slices.Delete(ops, 1, 2)
		do = slices.Delete(slices.Clone(do), 1, 2)
	}
	if len(ops) < 4 || strings.Join(ops[:4], " ") != "integrate fire reset emit" {
		return nil, fmt.Errorf("the operations of an event are %s, not integrate, fire, reset and emit", strings.Join(ops, ", "))
	}
	if err := r.integrates(prog, do[0]); err != nil {
		return nil, err
	}
	if clamps {
		if err := r.clamps(prog, state, m.Do[1]); err != nil {
			return nil, err
		}
	}
	if err := r.fires(prog, state, do[1], do[2]); err != nil {
		return nil, err
	}
	return r, r.emits(prog, state, do[3:])
}

// eventOf returns what the profile does when a spike arrives on an axon.
func eventOf(p *chip.Profile) (*chip.MicroOp, error) {
	i := slices.IndexFunc(p.Program, func(m chip.MicroOp) bool {
		return m.Op == "for_each" && m.Event == chip.EventPre && m.Target != chip.TargetOne
	})
	if i < 0 {
		return nil, errors.New("the program has no event of an axon for the neurons of a core")
	}
	return &p.Program[i], nil
}

// registersOnly compiles an expression of registers.
func (c *program) registersOnly(text string) (func(row []int64) int64, error) {
	e, err := chip.ParseExpr(text)
	if err != nil {
		return nil, err
	}
	return e.Compile(c.registerSlot)
}

// registerCondition compiles a condition on registers; an absent one always holds.
func (c *program) registerCondition(text string) (func(row []int64) bool, error) {
	if text == "" {
		return func([]int64) bool { return true }, nil
	}
	e, err := chip.ParseCondition(text)
	if err != nil {
		return nil, err
	}
	return e.Compile(c.registerSlot)
}

// registerSlot finds the place of a register.
func (c *program) registerSlot(name string) (int, bool) {
	slot, ok := c.slots[name]
	return slot, ok && slot >= c.variables
}

// integrates takes in the sum.
func (r *directRule) integrates(prog *program, m chip.MicroOp) error {
	arith, err := prog.arith(m.Arith)
	if err != nil {
		return err
	}
	if m.From != chip.AnyMemory || m.Into != "v" || m.Shift != "" || m.Combine != "" || m.Stage != "" || arith.OrderFree() {
		return errors.New("weights are not simply added to a membrane that saturates")
	}
	lo, hi := arith.Range()
	if lo < -1<<30 || hi > 1<<30 {
		return errors.New("membranes of more than 31 bits")
	}
	r.low, r.high = int32(lo), int32(hi)
	r.least, r.most = r.low, r.high
	return nil
}

// clamps takes in the limits behind the sum, which are the same for all neurons.
func (r *directRule) clamps(prog *program, state *coreState, m chip.MicroOp) error {
	for _, b := range []struct {
		text  string
		limit *int32
	}{{m.Min, &r.least}, {m.Max, &r.most}} {
		if b.text == "" {
			continue
		}
		f, err := prog.registersOnly(b.text)
		if err != nil {
			return fmt.Errorf("limit %q: %w", b.text, err)
		}
		x := f(state.row(0))
		for n := range state.neurons {
			if f(state.row(n)) != x {
				return fmt.Errorf("limit %q is not that of all neurons", b.text)
			}
		}
		*b.limit = int32(min(max(x, int64(r.low)), int64(r.high)))
	}
	if m.Var != "v" || m.Stage != "" || !r.reach || r.least > r.most {
		return errors.New("it limits another variable than the membrane, or to nothing, or those of neurons that nothing reaches")
	}
	return nil
}

// fires takes in the threshold and the reset.
func (r *directRule) fires(prog *program, state *coreState, fire, reset chip.MicroOp) error {
	if fire.Var != "v" || fire.Compare != "ge" || fire.Also != "" || fire.Stage != "" || reset.Stage != "" {
		return errors.New("a neuron does not fire at its threshold")
	}
	if err := r.resets(prog, state, fire, reset); err != nil {
		return err
	}
	against, err := prog.registersOnly(fire.Against)
	if err != nil {
		return fmt.Errorf("threshold %q: %w", fire.Against, err)
	}
	for n := range state.neurons {
		thr := against(state.row(n))
		if thr <= 0 || thr > 1<<30 {
			return fmt.Errorf("neuron %d fires at rest, or never: its threshold is %d", n, thr)
		}
		r.thr = append(r.thr, int32(thr))
	}
	return nil
}

// resets takes in what a neuron that fires does.
func (r *directRule) resets(prog *program, state *coreState, fire, reset chip.MicroOp) error {
	mode := reset.Mode
	if mode == "cfg" {
		mode = prog.profile.Reset.Modes[0]
		if slot, ok := prog.registerSlot(resetRegister); ok && len(state.core.Registers[resetRegister]) > 0 {
			x := state.row(0)[slot]
			for n := range state.neurons {
				if y := state.row(n)[slot]; y != x || y < 0 || y >= int64(len(resetModes)) {
					return fmt.Errorf("neuron %d resets in the way %d, another one in the way %d", n, y, x)
				}
			}
			mode = resetModes[x]
		}
	}
	switch {
	case mode == "zero":
	case mode == "subtract" && r.reach && reset.Value == fire.Against && (reset.Arith == "" || reset.Arith == "int"):
		r.subtract = true
	default:
		return fmt.Errorf("a neuron that fires resets by %s, which is not simple here", mode)
	}
	return nil
}

// emits takes in where spikes go.
func (r *directRule) emits(prog *program, state *coreState, ops []chip.MicroOp) error {
	r.sends = make([]bool, state.neurons)
	routed := 0
	for _, m := range ops {
		also, err := prog.registerCondition(m.Also)
		if err != nil {
			return fmt.Errorf("emit also %q: %w", m.Also, err)
		}
		queue := m.To == chip.Queue
		if m.Op != "emit" || m.Lower != "" || m.Stage != "" || !queue && slices.Contains(chip.List(m.To), chip.Queue) {
			return fmt.Errorf("operation %s behind the reset is not a plain emit", m.Op)
		}
		if !queue {
			routed++
		}
		for n := range r.sends {
			switch on := also(state.row(n)); {
			case queue && on:
				return fmt.Errorf("neuron %d feeds the chip's own queue", n)
			case !queue:
				r.sends[n] = on
			}
		}
	}
	if routed != 1 {
		return fmt.Errorf("spikes are sent %d times, not once", routed)
	}
	return nil
}

// directCore is what sessions share of a core.
type directCore struct {
	*directRule
	core     *image.Core
	initial  []int32
	synapses int // of all axons
	axons    []directAxon
	runs     []directRun
	weights  []int32 // kept once for all axons whose synapses weigh the same, one after the other
	hasty    []int32 // neurons whose membrane at the start reaches the threshold
	// A membrane in floor..floor+span[n]−1 is within all limits of neuron n, and below its threshold.
	floor int32
	span  []uint32
}

// directAxon is where the synapses of an axon are.
type directAxon struct {
	runs, end  int // in runs
	weight     int // in weights
	operations int64
}

// directRun is synapses of an axon, one behind the other, of neurons one behind the other.
type directRun struct {
	neuron, length int32
	more           bool // one synapse of a neuron that has further ones of the axon: it is not tested yet
}

// maxDirect bounds the synapses of a core that are listed.
const maxDirect = 1 << 26

func newDirectCore(core *image.Core, prog *program) (*directCore, error) {
	rule, err := deriveDirect(core, prog)
	if err != nil {
		return nil, err
	}
	c := &directCore{directRule: rule, core: core, floor: max(rule.low, rule.least)}
	for n := range core.Neurons {
		v := core.Channel(core.InitialV, n)
		if c.initial = append(c.initial, v); v < rule.low || v > rule.high {
			return nil, fmt.Errorf("neuron %d starts at %d, beyond the limits of its membrane", n, v)
		}
		if v >= rule.thr[n] && n < rule.stepped && !rule.reach {
			c.hasty = append(c.hasty, int32(n))
		}
		c.span = append(c.span, uint32(max(int64(min(rule.thr[n]-1, rule.high, rule.most))+1-int64(c.floor), 0)))
	}
	memory := refMemory{blocks: core.Synapses}
	var taps [][]refSynapse
	if rule.reach {
		if taps = tapLists(core); taps == nil {
			return nil, fmt.Errorf("more than %d synapses", maxSynapses)
		}
	}
	lists := directLists{directCore: c, seed: maphash.MakeSeed(), same: map[uint64]int{}}
	var list []refSynapse
	for a := range core.Axons() {
		if rule.reach {
			list = taps[a]
		} else {
			list = memory.list(a, list[:0])
			// The order of neurons does not matter to their sums, only that of the synapses of each.
			slices.SortStableFunc(list, func(a, b refSynapse) int { return int(a.neuron - b.neuron) })
		}
		if err := lists.add(slices.DeleteFunc(list, func(y refSynapse) bool { return int(y.neuron) >= rule.stepped })); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// directLists adds axons to a core.
type directLists struct {
	*directCore
	seed maphash.Seed
	same map[uint64]int // hash of some weights → where they are kept
}

// add lists the synapses of the next axon; one neuron's lie together.
func (c *directLists) add(list []refSynapse) error {
	x := directAxon{runs: len(c.runs), end: len(c.runs), weight: len(c.weights)}
	var hash maphash.Hash
	hash.SetSeed(c.seed)
	for k, y := range list {
		if y.weight <= -1<<30 || y.weight >= 1<<30 {
			return fmt.Errorf("weight %d", y.weight)
		}
		if y.weight != 0 {
			x.operations++
		}
		maphash.WriteComparable(&hash, y.weight)
		c.weights = append(c.weights, y.weight)
		more := k+1 < len(list) && list[k+1].neuron == y.neuron
		if x.end > x.runs && !more {
			if last := &c.runs[x.end-1]; !last.more && last.neuron+last.length == y.neuron {
				last.length++
				continue
			}
		}
		c.runs = append(c.runs, directRun{y.neuron, 1, more})
		x.end++
	}
	if c.synapses += len(list); c.synapses > maxDirect {
		return fmt.Errorf("more than %d synapses", maxDirect)
	}
	own := c.weights[x.weight:]
	if at, ok := c.same[hash.Sum64()]; ok && at+len(own) <= x.weight && slices.Equal(c.weights[at:at+len(own)], own) {
		c.weights, x.weight = c.weights[:x.weight], at
	} else {
		c.same[hash.Sum64()] = x.weight
	}
	c.axons = append(c.axons, x)
	return nil
}

// newDirectEvents builds the engine that runs rules.
func newDirectEvents(img *image.Image, p *chip.Profile) (*events, error) {
	if err := checkEvents(img, p); err != nil {
		return nil, err
	}
	prog, err := newProgram(p, img)
	if err != nil {
		return nil, err
	}
	e := &events{name: "fast", img: img, profile: p}
	refused := &refusal{img: img}
	cores := make([]*directCore, len(img.Cores))
	for i := range img.Cores {
		e.cores, e.explain = append(e.cores, wire(img, i)), append(e.explain, "")
		if img.Cores[i].Source {
			continue
		}
		c, err := newDirectCore(&img.Cores[i], prog)
		if err != nil {
			refused.cores, refused.reasons = append(refused.cores, i), append(refused.reasons, err)
			continue
		}
		cores[i] = c
		e.explain[i] = fmt.Sprintf("fast, lists of %d synapses; after every event: add, saturate to %d..%d, test, reset %s", c.synapses, c.least, c.most, map[bool]string{false: "to zero", true: "by subtraction"}[c.subtract])
	}
	if len(refused.cores) > 0 {
		return nil, refused
	}
	e.units = func() ([]eventUnit, error) {
		units := make([]eventUnit, len(cores))
		for i, c := range cores {
			if c != nil {
				units[i] = &directUnit{directCore: c, v: make([]int32, c.core.Neurons)}
			}
		}
		return units, nil
	}
	return e, nil
}

// directUnit runs a rule.
type directUnit struct {
	*directCore
	v           []int32
	fresh       bool // no event has come yet
	operations  int64
	saturations int64
	tests       int64
}

func (u *directUnit) start() {
	copy(u.v, u.initial)
	u.fresh, u.operations, u.saturations, u.tests = true, 0, 0, 0
}

// serve takes an event: it adds the weights of an axon, tests the neurons that they reach, and with the first event also those
// that started at their threshold.
func (u *directUnit) serve(axon int, fired []int32) ([]int32, error) {
	a := &u.axons[axon]
	before, tested, at := len(fired), 0, a.weight
	for _, r := range u.runs[a.runs:a.end] {
		weights := u.weights[at : at+int(r.length)]
		at += len(weights)
		if r.more {
			u.v[r.neuron] = u.saturate(u.v[r.neuron]+weights[0], u.low, u.high)
			continue
		}
		tested += len(weights)
		v, span, floor := u.v[r.neuron:][:len(weights)], u.span[r.neuron:][:len(weights)], u.floor
		for k, w := range weights {
			x := v[k] + w
			if uint32(x-floor) >= span[k] {
				n := r.neuron + int32(k)
				if x = u.saturate(u.saturate(x, u.low, u.high), u.least, u.most); x >= u.thr[n] {
					if x -= u.thr[n]; !u.subtract {
						x = 0
					}
					if u.sends[n] {
						fired = append(fired, n)
					}
				}
			}
			v[k] = x
		}
	}
	u.operations += a.operations
	if u.reach {
		u.tests += int64(tested)
		return fired, nil
	}
	u.tests += int64(len(u.v))
	if u.fresh {
		fired = u.first(fired, before)
	}
	return fired, nil
}

// saturate returns x within lo..hi, and counts where it was not.
func (u *directUnit) saturate(x, lo, hi int32) int32 {
	if x >= lo && x <= hi {
		return x
	}
	u.saturations++
	return min(max(x, lo), hi)
}

// first tests the neurons that started at their threshold; those from number before on have fired already.
func (u *directUnit) first(fired []int32, before int) []int32 {
	u.fresh = false
	for _, n := range u.hasty {
		if u.v[n] < u.thr[n] {
			continue
		}
		u.v[n] = 0
		if u.sends[n] {
			fired = append(fired, n)
		}
	}
	slices.Sort(fired[before:])
	return fired
}

func (u *directUnit) membranes(v []int32) error {
	copy(v, u.v)
	return nil
}

func (u *directUnit) counters() (operations, saturations, tests int64) {
	return u.operations, u.saturations, u.tests
}

// newReferenceEvents builds the reference engine where the fast one has refused the image, and says so.
func newReferenceEvents(img *image.Image, p *chip.Profile, refused error) (Engine, error) {
	e, err := newEvents(img, p)
	if err != nil {
		return nil, err
	}
	var r *refusal
	errors.As(refused, &r)
	for i := range e.explain {
		reason := strings.TrimPrefix(refused.Error(), "emulator: ")
		if r != nil {
			reason = r.reason(i)
		}
		e.explain[i] += ", because " + reason
	}
	return e, nil
}
