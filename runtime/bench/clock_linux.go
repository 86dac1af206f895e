package bench

import (
	"time"

	"golang.org/x/sys/unix"
)

// oneThread says how one goroutine is timed.
const oneThread = "thread CPU time"

// threadTime is the CPU time of the calling thread.
func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic(err) // every Linux has this clock
	}
	return time.Duration(t.Nano())
}
