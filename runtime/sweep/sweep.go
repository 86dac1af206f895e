// Package sweep builds one network over a grid of choices and says which cells of it are worth having: accuracy against
// cost, and against steps. Cells that are done are kept, so that a sweep which was stopped goes on where it was.
package sweep

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"spikec/internal/diag"
	"spikec/runtime/build"
	"spikec/runtime/ladder"
	"spikec/runtime/progress"
	"spikec/target/chip"
)

// Grid is the choices that are combined, each with each. Cells are in the order of nested loops, the targets outermost and
// the bits innermost; every list is taken in its own order.
type Grid struct {
	Targets     []*chip.Profile
	Rules       []string
	Percentiles []float64 // of build.Options; 0, or none at all: the request's own
	Steps       []int     // T
	Bits        []Width   // none: all that the target has
}

// Width is a precision and how many images it is measured on.
type Width struct {
	Bits  int // of a weight; 0: all that the target has
	Limit int // the first so many images; 0: all
}

// most is how many of n images any cell takes.
func (g *Grid) most(n int) int {
	most := 0
	for _, w := range g.Bits {
		if w.Limit == 0 {
			return n
		}
		most = max(most, w.Limit)
	}
	return min(most, n)
}

// Request is one sweep.
type Request struct {
	// Build is what all cells have in common. What the grid says, and where to write, is not looked at.
	Build build.Request
	Grid  Grid
	// Out is the folder that keeps what is done, and gets the results; "" keeps nothing.
	Out string
	// Progress shows a task for every cell; nil shows nothing.
	Progress progress.Reporter
}

// Run measures every cell. A cell that cannot be built is one of the results, with what is wrong; where that is so of all
// cells from the start, the error is a *diag.Failure with all of it, and nothing is written. Other errors, a
// *build.Difference and the cause of ctx among them, end the sweep; cells that are done stay in the folder (Stopped), and a sweep
// with an equal request takes them from there: its results have the same bytes as those of one that was never stopped.
func Run(ctx context.Context, r Request) (*Result, error) {
	if r.Progress == nil {
		r.Progress = progress.None
	}
	if r.Grid.Percentiles == nil {
		r.Grid.Percentiles = []float64{r.Build.Options.Percentile}
	}
	if r.Grid.Bits == nil {
		r.Grid.Bits = []Width{{}}
	}
	r.Build.Data = r.Build.Data.Head(r.Grid.most(r.Build.Data.Len()))
	s := &sweep{Request: r}
	if err := free(r.Out); err != nil {
		return nil, err
	}
	if err := s.validate(); err != nil {
		return nil, err
	}
	program, err := executable()
	if err != nil {
		return nil, err
	}
	s.program = program
	if err := s.open(); err != nil {
		return nil, err
	}
	for _, g := range s.groups() {
		err := s.measure(ctx, g)
		if err != nil && r.Out != "" && ctx.Err() != nil {
			err = &Stopped{Kept: len(s.done), Cells: s.cells(), Out: r.Out, cause: err}
		}
		if err != nil {
			return nil, err
		}
	}
	result := s.result()
	return result, s.conclude(result)
}

// Stopped is the error of a sweep that was stopped and keeps what is done.
type Stopped struct {
	Kept, Cells int // how many cells of the grid are kept, of how many
	Out         string
	cause       error
}

// Error says how to go on.
func (s *Stopped) Error() string {
	return fmt.Sprintf("%d of %d cells are kept in %s; the same command goes on from there", s.Kept, s.Cells, s.Out)
}

// Unwrap returns why it was stopped.
func (s *Stopped) Unwrap() error { return s.cause }

// sweep is a sweep on its way.
type sweep struct {
	Request
	program string // digest of the program that runs
	done    []record
	taken   int // of done, from the folder
}

// group is the cells that differ in bits alone.
type group struct {
	target     *chip.Profile
	rules      string
	percentile float64
	steps      int
}

// groups lists the groups, in order.
func (s *sweep) groups() []group {
	var all []group
	for _, target := range s.Grid.Targets {
		for _, rules := range s.Grid.Rules {
			for _, percentile := range s.Grid.Percentiles {
				for _, steps := range s.Grid.Steps {
					all = append(all, group{target, rules, percentile, steps})
				}
			}
		}
	}
	return all
}

// cells is how many cells there are.
func (s *sweep) cells() int { return len(s.groups()) * len(s.Grid.Bits) }

// String names the group.
func (g group) String() string {
	text := fmt.Sprintf("%s, %s", g.target.ID, g.rules)
	if g.percentile != 0 {
		text += fmt.Sprintf(", percentile %g", g.percentile)
	}
	return text + fmt.Sprintf(", T = %d", g.steps)
}

// request is the build of a group; the bits are left out.
func (s *sweep) request(g group) build.Request {
	r := s.Build
	r.Profile, r.Out, r.LadderAlone = g.target, "", true
	r.Options.Rules, r.Options.Percentile, r.Options.Steps, r.Options.Bits = g.rules, g.percentile, g.steps, 0
	return r
}

// validate refuses a sweep of which no cell can be begun.
func (s *sweep) validate() error {
	var wrong diag.List
	seen := map[string]bool{}
	for _, g := range s.groups() {
		for _, w := range s.Grid.Bits {
			r := s.request(g)
			r.Options.Bits = w.Bits
			var failure *diag.Failure
			err := build.Validate(r)
			if !errors.As(err, &failure) {
				return err
			}
			for _, d := range failure.List {
				if text := d.String(); !seen[text] {
					seen[text] = true
					wrong.Add(d)
				}
			}
		}
	}
	return wrong.Err()
}

// measure adds the cells of a group: those that are kept, and those that are computed now.
func (s *sweep) measure(ctx context.Context, g group) error {
	for _, w := range s.Grid.Bits {
		if w.Bits == 0 {
			w.Bits = g.target.WeightBits()
		}
		key, err := s.key(g, w)
		if err != nil {
			return err
		}
		if kept, ok := s.load(key); ok {
			s.done = append(s.done, kept)
			s.taken++
			continue
		}
		begin := time.Now()
		l, err := s.build(ctx, g, w)
		if err != nil && !lasting(err) {
			return err
		}
		kept := record{Schema: CellSchema, Key: key, Seconds: time.Since(begin).Seconds(), Cell: newCell(g, w, l, err)}
		if kept, err = s.save(kept); err != nil {
			return err
		}
		s.done = append(s.done, kept)
	}
	return nil
}

// lasting reports whether an error is a property of the cell, which would come again: anything but a place that cannot be
// written to, or a program that was stopped.
func lasting(err error) bool {
	var failure *diag.Failure
	if !errors.As(err, &failure) {
		return false
	}
	for _, d := range failure.List {
		if strings.HasPrefix(d.ID, "SPK-OUT-") {
			return false
		}
	}
	return true
}

// build measures a cell.
func (s *sweep) build(ctx context.Context, g group, w Width) (*ladder.Ladder, error) {
	task := s.Progress.Start(fmt.Sprintf("cell %d of %d: %s, %d bits", len(s.done)+1, s.cells(), g, w.Bits), buildStages)
	defer task.Done()
	r := s.request(g)
	r.Options.Bits, r.Progress = w.Bits, stages{task}
	if w.Limit > 0 {
		r.Data = r.Data.Head(w.Limit)
	}
	l, err := build.Run(ctx, r)
	if err == nil {
		task.Enough()
	}
	return l, err
}
