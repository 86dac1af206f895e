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
