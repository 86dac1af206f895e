package neuron

import (
	"context"
	"fmt"
	"math"

	"spikec/internal/ode"
)

// Jump adds to a variable of the state at once, as a pulse of input that is short beside all else.
type Jump struct {
	Variable int
	Amount   float64
}

// Run is how a neuron is simulated with a fixed step.
type Run struct {
	// Method is the name of a method of package ode; Stepper takes its place where it is set.
	Method  string
	Stepper ode.Stepper
	Dt      float64
	Steps   int
	Start   []float64              // state 0; nil: the neuron's own
	Input   func(step int) float64 // current during a step; nil: none
	Jumps   map[int][]Jump         // by the state they make, before the neuron is asked whether it spiked
	Every   int                    // samples are taken of the states 0, Every, 2·Every …; 0: none
}

// Trace is what a run gave. State k is that after k steps, its time k·Dt.
type Trace struct {
	Spikes  []int       // states at which the neuron had spiked, ascending
	Samples [][]float64 // [variable][sample]
	Final   []float64
}

// checkEvery is after how many steps a run looks whether it is still wanted.
const checkEvery = 1 << 12

// Simulate runs a neuron. A step is: set the input; integrate; add jumps; test; reset. A neuron that was reset in step k is held as it
// is for the steps k+1 … k+n, n = round(Refractory/Dt), and loses what arrives meanwhile. The error is that of the method, or of
// the context.
func Simulate(ctx context.Context, n Neuron, r Run) (*Trace, error) {
	s := r.Stepper
	if s == nil {
		var err error
		if s, err = ode.New(r.Method, n, r.Dt); err != nil {
			return nil, err
		}
	}
	y, before := make([]float64, n.Dim()), make([]float64, n.Dim())
	if r.Start == nil {
		n.Start(y)
	} else if copy(y, r.Start) != len(y) || len(r.Start) != len(y) {
		return nil, fmt.Errorf("a state of %d variables, want %d", len(r.Start), len(y))
	}
	resetting, resets := n.(Resetting)
	held := 0
	t := &Trace{Samples: make([][]float64, len(y))}
	sample := func(k int) {
		if r.Every > 0 && k%r.Every == 0 {
			for i, v := range y {
				t.Samples[i] = append(t.Samples[i], v)
			}
		}
	}
	sample(0)
	for k := range r.Steps {
		if k%checkEvery == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if held > 0 {
			held--
			sample(k + 1)
			continue
		}
		if r.Input != nil {
			n.Drive(r.Input(k))
		}
		copy(before, y)
		s.Step(y, nil)
		for _, j := range r.Jumps[k+1] {
			y[j.Variable] += j.Amount
		}
		if n.Spikes(before, y) {
			t.Spikes = append(t.Spikes, k+1)
			if resets {
				resetting.Reset(y)
				held = int(math.RoundToEven(resetting.Refractory() / r.Dt))
			}
		}
		sample(k + 1)
	}
	t.Final = y
	return t, nil
}
