//go:build unix

package network

import "syscall"

// cpuSeconds is the processor time of this program so far. Other work on the machine does not count in it.
func cpuSeconds() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}
