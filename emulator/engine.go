// Package emulator runs an image on a chip's arithmetic, bit by bit. It knows the image and the profile and nothing
// of how they came about: what the chip would not know, the emulator cannot use.
//
// The reference engine is the definition: a scalar loop over steps that interprets the profile's program. Every other
// engine proves, core by core, that it computes the same integers, and says so (Engine.Explain); package enginetest
// compares them at every step.
package emulator

import (
	"errors"
	"fmt"
	"strings"

	"spikec/target/chip"
	"spikec/target/image"
)

// Engine runs one image. It is immutable and safe for concurrent use; all state is in sessions.
type Engine interface {
	// Name is the engine's name as New takes it.
	Name() string
	// NewSession returns a session with state of its own.
	NewSession() Session
	// Decided returns the numbers of steps after which results have a decision, see Decided.
	Decided() []int
	// Explain says for every core which method runs it and why, for reports: one line a core.
	Explain() []string
}

// Session holds the state of one goroutine. It does not allocate per step.
type Session interface {
	// Run presents one picture: codes are C·H·W values 0..255 in C,H,W order (image.Input); picture is its index in its
	// set of pictures, which spikes that are drawn depend on. The result is overwritten by the next Run.
	Run(codes []uint8, picture int) (*Result, error)
	// Trace is as Run, and calls observe after every step of every core's window (t counts from 0 within the core's
	// window, of T steps for each of the chip's stages; the host's sources have one stage) with the core's spikes and
	// membranes after the step. The slices are valid during the call only. The calls of one core come in ascending order of
	// t; how those of different cores interleave is the engine's choice.
	Trace(codes []uint8, picture int, observe Observer) (*Result, error)
}

// Observer sees what one core did in one step: the spike that each neuron sent, 1, −1, or 0 for none, and the membranes
// after the step. Where neurons fire several times in a step, it is their number, up to 127.
type Observer = func(core, t int, spikes []int8, membranes []int32)

// Result is the answer to one picture. At checkpoint i it holds the state of the output neurons after Steps[i] steps of
// their window, or of its last stage where it has two.
type Result struct {
	Steps      []int     // see Checkpoints
	Counts     [][]int32 // checkpoint, class: output spikes so far; negative ones are taken off
	Potentials [][]int32 // checkpoint, class: membranes
	Counters   Counters
}

// Counters count the work of one picture. They are integers, so sums over pictures do not depend on their order.
type Counters struct {
	Work           // of all cores together
	Cores  []Work  // per core
	Spikes []int64 // per core, of either sign
	// Saturations are, per core, the times a saturating, clamping or wrapping operation of the program changed the value
	// of a neuron: with every weight where the sum of a step saturates after each one, once a step where it wraps.
	Saturations []int64
}

// Work is what there was to do for one picture or several, in one core or in several. Its JSON is that of partial results.
type Work struct {
	SynapticOperations int64 `json:"synapticOperations"` // a weight of a stored (non-zero) synapse of the core added, or taken off, because one spike arrived
	NeuronUpdates      int64 `json:"neuronUpdates"`      // neurons × steps of their window, or × events on a chip of serial events; those of the host's sources left out
	LowerResets        int64 `json:"lowerResets"`        // the times that a neuron fell below its lower bound and was reset without a spike
	HostMACs           int64 `json:"hostMacs"`           // multiplications by a stored weight that the host does for drives; those of a drive are with its first core
	Events             int64 `json:"events,omitempty"`   // that a chip of serial events served: spikes, once for each axon on which they arrived; 0 on others
}

// Add adds w.
func (k *Work) Add(w Work) {
	k.SynapticOperations += w.SynapticOperations
	k.NeuronUpdates += w.NeuronUpdates
	k.LowerResets += w.LowerResets
	k.HostMACs += w.HostMACs
	k.Events += w.Events
}

// TotalWork returns all work together.
func TotalWork(all []Work) (total Work) {
	for _, w := range all {
		total.Add(w)
	}
	return total
}

// sum enters the work of all cores.
func (c *Counters) sum() { c.Work = TotalWork(c.Cores) }

// constructor builds an engine, or says why it cannot run the image.
type constructor func(*image.Image, *chip.Profile) (Engine, error)

// engines are the engines by name. Auto is not one of them: it is a choice.
var engines = []struct {
	name string
	make constructor
}{
	{"reference", NewReference},
	{"fast", NewFast},
}

// Names returns the names that New takes.
func Names() []string {
	names := []string{"auto"}
	for _, e := range engines {
		names = append(names, e.name)
	}
	return names
}

// New builds the engine of that name. Auto is the fast engine where it accepts every core, else the reference engine.
func New(name string, img *image.Image, p *chip.Profile) (Engine, error) {
	if name == "auto" {
		return newAuto(img, p)
	}
	for _, e := range engines {
		if e.name == name {
			return e.make(img, p)
		}
	}
	return nil, fmt.Errorf("emulator: unknown engine %q: want one of %s", name, strings.Join(Names(), ", "))
}

// newAuto builds the fast engine, or else the reference engine, which then explains why.
func newAuto(img *image.Image, p *chip.Profile) (Engine, error) {
	e, refused := NewFast(img, p)
	if refused == nil {
		return e, nil
	}
	if p.Execution.Serial() {
		return newReferenceEvents(img, p, refused)
	}
	r, err := newReference(img, p)
	if err != nil {
		return nil, err
	}
	r.because = refused
	errors.As(refused, &r.refused)
	return r, nil
}

// newResult returns a result with room for every checkpoint.
func newResult(img *image.Image, p *chip.Profile) *Result {
	r := &Result{Steps: Checkpoints(img, p)}
	for range r.Steps {
		r.Counts = append(r.Counts, make([]int32, img.Output.Classes))
		r.Potentials = append(r.Potentials, make([]int32, img.Output.Classes))
	}
	r.Counters.Cores = make([]Work, len(img.Cores))
	r.Counters.Spikes = make([]int64, len(img.Cores))
	r.Counters.Saturations = make([]int64, len(img.Cores))
	return r
}

// clear sets every number of the result to zero.
func (r *Result) clear() {
	for i := range r.Steps {
		clear(r.Counts[i])
		clear(r.Potentials[i])
	}
	c := &r.Counters
	clear(c.Spikes)
	clear(c.Saturations)
	clear(c.Cores)
	c.Work = Work{}
}
