// Package peak tells how much memory a process has taken at most. Tests measure with it what reading a file costs, in a
// process that does nothing else.
package peak

import (
	"errors"
	"os"
	"strconv"
	"strings"
)

// Memory returns the largest resident memory that this process ever had, in bytes, as Linux counts it since the program
// was started. On other systems it fails.
//
// Source: proc(5), VmHWM of /proc/self/status, in KiB. The maximum of getrusage(2) is not used: that of a process started
// by Go begins with its parent's.
func Memory() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("peak: no VmHWM in /proc/self/status")
}
