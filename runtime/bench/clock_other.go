//go:build !linux

package bench

import "time"

// oneThread says how one goroutine is timed.
const oneThread = byWall

// threadTime is the wall clock: there is none for threads.
func threadTime() time.Duration { return wallTime() }
