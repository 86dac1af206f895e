// Package parallel spreads independent work over goroutines. Nothing that is computed may depend on how many there are.
package parallel

import (
	"context"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Jobs returns n, or the number of processors that Go may use if n is not positive.
func Jobs(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// For calls body(worker, i) once for every i in 0..n-1, on min(jobs, n) goroutines; worker is in 0..jobs-1 and two
// calls with the same worker never overlap, so it can index state of its own. Items are handed out in ascending
// order. The first error, or the end of ctx, stops the handing out and is returned once all running calls are done.
func For(ctx context.Context, n, jobs int, body func(worker, i int) error) error {
	jobs = min(Jobs(jobs), n)
	g, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for w := range jobs {
		g.Go(func() error {
			for {
				if err := ctx.Err(); err != nil {
					return context.Cause(ctx)
				}
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				if err := body(w, i); err != nil {
					return err
				}
			}
		})
	}
	return g.Wait()
}
