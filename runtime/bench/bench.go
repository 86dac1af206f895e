// Package bench measures how fast the engines of the emulator run a network: images and synaptic operations a second, on
// networks that are made in code or on a build.
//
// Every engine is compared with the reference engine before anything is timed, and engines take turns, repetition by
// repetition, so that what else the machine does falls on all of them alike. One goroutine is timed by the CPU time of its
// thread, several by the wall clock.
package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"spikec/emulator"
	"spikec/internal/diag"
	"spikec/internal/parallel"
	"spikec/internal/spelling"
	"spikec/runtime/progress"
)

// Defaults of a request.
const (
	DefaultNet    = "anchor"
	DefaultSteps  = 32
	DefaultRepeat = 5
)

// Request says what to measure. Its zero value is the anchor network on every engine.
type Request struct {
	Net      string // a network of Names, or the folder of a build
	Steps    int    // 0 = DefaultSteps, or those of the build
	Engine   string // "" or auto = every engine
	Jobs     int    // goroutines; 0 = one
	Limit    int    // the first so many images, in every repetition; 0 = as many as an engine takes in about a second
	Repeat   int    // repetitions; 0 = DefaultRepeat
	Progress progress.Reporter
}

// withDefaults fills in what is not given.
func (r Request) withDefaults() Request {
	if r.Net == "" {
		r.Net = DefaultNet
	}
	if r.Engine == "auto" {
		r.Engine = "" // the choice between engines is no engine to measure
	}
	if r.Jobs == 0 {
		r.Jobs = 1
	}
	if r.Repeat == 0 {
		r.Repeat = DefaultRepeat
	}
	if r.Progress == nil {
		r.Progress = progress.None
	}
	return r
}

// Run measures. An engine that cannot run the network is a row that says why, or, where it was asked for by name, a
// *diag.Failure; an engine whose answers are not those of the reference engine is a *build.Difference.
func Run(ctx context.Context, r Request) (*Result, error) {
	r = r.withDefaults()
	net, err := open(ctx, r)
	if err != nil {
		return nil, err
	}
	check, err := newVerifier(ctx, net, r.Progress)
	if err != nil {
		return nil, err
	}
	result := newResult(net, check)
	result.Diagnostics = remarks(r, net)
	var runners []*runner
	for _, name := range enginesOf(r.Engine) {
		e, err := check.engine, error(nil)
		if name != e.Name() {
			e, err = newEngine(name, net, r.Progress)
		}
		if err != nil {
			if r.Engine != "" {
				return nil, refused(name, err)
			}
			result.Rows = append(result.Rows, net.row(name, min(r.Jobs, len(net.pictures))).refuse(err))
			continue
		}
		if e != check.engine {
			if err := check.verify(e); err != nil {
				return nil, err
			}
		}
		m := newRunner(net, e, r)
		if err := m.warm(ctx, r.Progress); err != nil {
			return nil, err
		}
		runners = append(runners, m)
	}
	if err := takeTurns(ctx, r, runners); err != nil {
		return nil, err
	}
	for _, m := range runners {
		result.Rows = append(result.Rows, m.row())
	}
	result.finish()
	return result, nil
}

// enginesOf returns the names of the engines to measure.
func enginesOf(name string) []string {
	if name != "" {
		return []string{name}
	}
	return slices.DeleteFunc(emulator.Names(), func(n string) bool { return n == "auto" })
}

// newEngine builds an engine, which may take seconds.
func newEngine(name string, net *network, show progress.Reporter) (emulator.Engine, error) {
	task := show.Start("making the "+name+" engine", 1)
	defer task.Done()
	e, err := emulator.New(name, net.img, net.profile)
	if err == nil {
		task.Add(1)
	}
	return e, err
}

// takeTurns runs the repetitions of all engines, interleaved.
func takeTurns(ctx context.Context, r Request, runners []*runner) error {
	task := r.Progress.Start("repetitions", r.Repeat*len(runners))
	defer task.Done()
	runtime.GC() // what setting up left behind is not theirs
	for range r.Repeat {
		for _, m := range runners {
			if err := m.repeat(ctx); err != nil {
				return err
			}
			task.Add(1)
		}
	}
	return nil
}

// Diagnostics of requests. The numbers are stable.
const (
	idEngine  = "SPK-BENCH-001" // an engine that cannot run the network
	idNetwork = "SPK-BENCH-002" // no such network
	idJobs    = "SPK-BENCH-003" // more goroutines than processors
	idLimit   = "SPK-BENCH-004" // more images asked for than there are
)

// refused is the error about an engine that was asked for by name.
func refused(name string, err error) error {
	return &diag.Failure{List: diag.List{{ID: idEngine, Severity: diag.Error, Subject: "--engine " + name, Message: strings.TrimPrefix(err.Error(), "emulator: "), Remedy: "--engine auto"}}}
}

// remarks says what a request asks for and cannot have.
func remarks(r Request, net *network) diag.List {
	list := diag.List{}
	if processors := runtime.GOMAXPROCS(0); r.Jobs > processors {
		list.Warnf(idJobs, fmt.Sprintf("--jobs %d", r.Jobs), "there are only %s, which the goroutines share", spelling.Count(processors, "processor"))
	}
	if n := len(net.pictures); r.Limit > n {
		list.Infof(idLimit, fmt.Sprintf("--limit %d", r.Limit), "only %s are there", spelling.Count(n, "image"))
	}
	return list
}

// each runs body for pictures 0..n-1 on so many goroutines; on one it stays on the caller's.
func each(ctx context.Context, n, jobs int, body func(worker, i int) error) error {
	if jobs > 1 {
		return parallel.For(ctx, n, jobs, body)
	}
	for i := range n {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if err := body(0, i); err != nil {
			return err
		}
	}
	return nil
}
