//go:build !linux

package bench

import "runtime"

// cpuModel returns the architecture: there is no common way to the processor's name.
func cpuModel() string { return runtime.GOARCH }

// peakMemory returns the memory that Go has had from the system, in bytes.
func peakMemory() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}

// loadAverage is not known.
func loadAverage() float64 { return 0 }
