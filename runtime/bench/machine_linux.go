package bench

import (
	"bufio"
	"os"
	"strconv"
	"strings"
)

// cpuModel returns the processor's own name.
func cpuModel() string { return field("/proc/cpuinfo", "model name") }

// peakMemory returns the largest memory that the process has had in use, in bytes; 0 where it is not known.
func peakMemory() int64 {
	kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(field("/proc/self/status", "VmHWM"), " kB"), 10, 64)
	return kilobytes << 10
}

// loadAverage returns how many processes ran or waited in the last minute, on average; 0 where it is not known.
func loadAverage() float64 {
	text, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(text), " ")
	load, _ := strconv.ParseFloat(first, 64)
	return load
}

// field returns the value of the first line "name: value" of a file; "" where there is none.
func field(path, name string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if key, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
