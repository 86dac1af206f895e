package build

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"spikec/emulator"
	"spikec/internal/diag"
	"spikec/internal/parallel"
	"spikec/runtime/dataset/npz"
	"spikec/runtime/encode"
	"spikec/runtime/output"
	"spikec/runtime/progress"
)

// Diagnostics of given inputs. The numbers are stable.
const (
	idInputShape = "SPK-FILE-008" // an array of another shape than the build takes
	idInputRange = "SPK-FILE-009" // values that the build has no codes for
	idTraceSize  = "SPK-FILE-010" // a trace that would take too much memory
)

// EmulateRequest names the files of one emulation.
type EmulateRequest struct {
	Dir   string // of the build
	Input string // .npz with x: uint8 stored pixels, or floats as the trained network takes them
	// Output is an .npz to write: counts (N,classes), potentials (N,classes), decision (N); of a first-spike read-out and of
	// an early exit latency (N), the steps to the decision; of an early exit exit_decision (N) too.
	Output string
	// Trace is an .npz to write, "" for none: of the layer of index i and of each name, spikes_i_NAME (N,T,C,H,W) uint8 and
	// membranes_i_NAME (N,T,C,H,W) int32, t counting within the layer's own T steps.
	Trace  string
	Engine string
	Jobs   int
	// Progress shows how far it is; nil shows nothing.
	Progress progress.Reporter
}

// Emulate runs given inputs through the files of a build, the first of x as picture 0. Output and trace are complete files, or not there.
// What is wrong with the build, the input and the places of the output is one error, of several joined *diag.Failure.
func Emulate(ctx context.Context, r EmulateRequest) error {
	if r.Progress == nil {
		r.Progress = progress.None
	}
	if r.Engine == "" {
		r.Engine = "auto"
	}
	misplaced := output.Apart([]string{r.Output, r.Trace}, []string{r.Input}, []string{r.Dir})
	l, noBuild := load(r.Dir)
	x, noInput := npz.Inputs(ctx, r.Input)
	if err := errors.Join(noBuild, noInput, misplaced); err != nil {
		return err
	}
	codes, err := codesOf(x, l.manifest.Coding, r.Input)
	if err != nil {
		return err
	}
	e := &emulation{request: r, loaded: l, codes: codes, n: len(codes) / l.manifest.Coding.Codes()}
	if e.engine, e.exit, err = newEngine(r.Engine, l.img, l.profile); err != nil {
		return err
	}
	if r.Trace != "" {
		if e.trace, err = newTrace(l.img, l.profile.Execution.StageCount(), e.n); err != nil {
			return err
		}
	}
	if err := e.run(ctx); err != nil {
		return err
	}
	return e.write()
}

// codesOf codes the images in x.
func codesOf(x *npz.Array, c encode.Coding, path string) ([]uint8, error) {
	size := 1
	for _, d := range x.Shape[min(1, len(x.Shape)):] {
		size *= d
	}
	if len(x.Shape) < 2 || size != c.Size() {
		return nil, &diag.Failure{List: diag.List{{ID: idInputShape, Severity: diag.Error, Subject: path, Value: x.String(),
			Limit: fmt.Sprintf("(N, %d, %d, %d)", c.Shape[0], c.Shape[1], c.Shape[2]), Message: "array x has another shape than the build takes",
			Remedy: "write the images in this shape, N of them, or build for a network that takes theirs"}}}
	}
	pixels := x.Kind == 'u' && x.Width == 1
	bad := func(remedy, format string, args ...any) error {
		return &diag.Failure{List: diag.List{{ID: idInputRange, Severity: diag.Error, Subject: path, Message: "array x: " + fmt.Sprintf(format, args...), Remedy: remedy}}}
	}
	if pixels && c.Kind == encode.Values {
		return nil, bad("store x as float32", "uint8 pixels, but the build was made for the network's input as real numbers")
	}
	var values []float32
	if !pixels {
		values = x.Float32()
		lo, hi := c.InputRange[0], c.InputRange[1]
		margin := (hi - lo) / 10
		for k, v := range values {
			if f := float64(v); !(f >= lo-margin && f <= hi+margin) {
				return nil, bad("give x as the trained network takes it, or stored pixels as uint8",
					"image %d holds %g, the calibration images held %.4g..%.4g", k/size, v, lo, hi)
			}
		}
	}
	codes := slices.Repeat(c.Blank(), x.Shape[0])
	for i, each := 0, c.Codes(); i < x.Shape[0]; i++ {
		to, from := codes[i*each:(i+1)*each], i*size
		switch {
		case pixels:
			for k, code := range x.Data[from : from+size] {
				to[c.At(k)] = code
			}
		case c.Kind == encode.Values:
			c.Values(values[from:from+size], func(k int, code uint8) { to[k] = code })
		default:
			for k, v := range values[from : from+size] {
				to[c.At(k)] = c.Input(v, k)
			}
		}
	}
	return codes, nil
}

// emulation is the emulation of given inputs.
type emulation struct {
	request EmulateRequest
	*loaded
	engine emulator.Engine
	exit   *emulator.Exit
	codes  []uint8
	n      int
	trace  *trace

	counts, potentials, latencies []int32
	decisions, exits              []int64
}

// run emulates all images.
func (e *emulation) run(ctx context.Context) error {
	classes, size := e.img.Output.Classes, e.manifest.Coding.Codes()
	e.counts, e.potentials, e.latencies = make([]int32, e.n*classes), make([]int32, e.n*classes), make([]int32, e.n)
	e.decisions, e.exits = make([]int64, e.n), make([]int64, e.n)
	task := e.request.Progress.Start("emulate", e.n)
	defer task.Done()
	sessions := make([]emulator.Session, parallel.Jobs(e.request.Jobs))
	return parallel.For(ctx, e.n, e.request.Jobs, func(w, i int) error {
		if sessions[w] == nil {
			sessions[w] = e.engine.NewSession()
		}
		var observe emulator.Observer
		if e.trace != nil {
			observe = e.trace.observer(i)
		}
		r, err := sessions[w].Trace(e.codes[i*size:(i+1)*size], i, observe)
		if err != nil {
			return fmt.Errorf("image %d: %w", i, err)
		}
		last := len(r.Steps) - 1
		copy(e.counts[i*classes:], r.Counts[last])
		copy(e.potentials[i*classes:], r.Potentials[last])
		e.decide(i, r)
		task.Add(1)
		return nil
	})
}

// decide enters the decision on image i, and that of an early exit where there is one.
func (e *emulation) decide(i int, r *emulator.Result) {
	d := emulator.Decide(&e.img.Output, r, e.img.Steps)
	e.decisions[i] = int64(d.Class)
	if e.exit != nil {
		d = e.exit.Decide(r)
		e.exits[i] = int64(d.Class)
	}
	e.latencies[i] = int32(d.Step)
}

// write writes the answers, and the trace before them.
func (e *emulation) write() error {
	if e.trace != nil {
		if err := writeArrays(e.request.Trace, e.trace.arrays()...); err != nil {
			return err
		}
	}
	classes := e.img.Output.Classes
	answers := []*npz.Array{npz.Int32s("counts", e.counts, e.n, classes),
		npz.Int32s("potentials", e.potentials, e.n, classes), npz.Int64s("decision", e.decisions, e.n)}
	if e.img.Output.EveryStep() {
		answers = append(answers, npz.Int32s("latency", e.latencies, e.n))
	}
	if e.exit != nil {
		answers = append(answers, npz.Int64s("exit_decision", e.exits, e.n))
	}
	return writeArrays(e.request.Output, answers...)
}

// writeArrays writes an archive.
func writeArrays(path string, arrays ...*npz.Array) error {
	return output.WriteFile(path, func(w io.Writer) error { return npz.Write(w, arrays...) })
}
