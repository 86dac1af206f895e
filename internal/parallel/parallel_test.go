package parallel

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
)

func TestForVisitsEveryItemOnce(t *testing.T) {
	for _, jobs := range []int{0, 1, 3, 50} {
		for _, n := range []int{0, 1, 2, 40} {
			visits := make([]atomic.Int32, n)
			busy := make([]atomic.Bool, Jobs(jobs))
			err := For(context.Background(), n, jobs, func(worker, i int) error {
				if !busy[worker].CompareAndSwap(false, true) {
					t.Errorf("worker %d runs twice at once", worker)
				}
				runtime.Gosched()
				visits[i].Add(1)
				busy[worker].Store(false)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for i := range visits {
				if visits[i].Load() != 1 {
					t.Errorf("jobs %d: item %d of %d visited %d times", jobs, i, n, visits[i].Load())
				}
			}
		}
	}
}

func TestForAscendsWithOneWorker(t *testing.T) {
	next := 0
	_ = For(context.Background(), 20, 1, func(worker, i int) error {
		if worker != 0 || i != next {
			t.Errorf("worker %d got item %d, want 0 and %d", worker, i, next)
		}
		next++
		return nil
	})
}

func TestForStopsAtTheFirstError(t *testing.T) {
	broken := errors.New("broken")
	var calls atomic.Int32
	err := For(context.Background(), 1_000_000, 2, func(_, i int) error {
		calls.Add(1)
		if i == 10 {
			return broken
		}
		return nil
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if calls.Load() == 1_000_000 {
		t.Error("all items were handed out after the error")
	}
}

func TestForStopsWithTheContext(t *testing.T) {
	reason := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(context.Background())
	var calls atomic.Int32
	err := For(ctx, 1_000_000, 2, func(_, i int) error {
		if calls.Add(1) == 5 {
			cancel(reason)
		}
		return nil
	})
	if !errors.Is(err, reason) || calls.Load() == 1_000_000 {
		t.Errorf("got %v after %d calls, want the cause and fewer calls", err, calls.Load())
	}
}

func TestJobs(t *testing.T) {
	if Jobs(7) != 7 || Jobs(0) != runtime.GOMAXPROCS(0) || Jobs(-1) != runtime.GOMAXPROCS(0) {
		t.Error("Jobs is not n, or the number of processors")
	}
}
