package onnx

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"spikec/internal/diag"
)

// surveyVariable names the model that a child process of the test binary surveys.
const surveyVariable = "SPIKEC_TEST_SURVEY"

// TestMain runs the tests, or as a child process surveys one model, so that its peak of memory is its own.
func TestMain(m *testing.M) {
	path, child := os.LookupEnv(surveyVariable)
	if !child {
		os.Exit(m.Run())
	}
	_, err := Survey(path)
	var failure *diag.Failure
	if errors.As(err, &failure) {
		for _, d := range failure.List {
			fmt.Println(d)
		}
	} else if err != nil {
		fmt.Println("not a list of diagnostics:", err)
	}
	peak, err := peakMemory()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Printf("%s%d\n", peakLine, peak)
}

// peakLine is how the last line of a child process starts.
const peakLine = "peak memory of the child: "

// peakMemory returns the largest resident memory that this process ever had, in bytes, as Linux counts it.
func peakMemory() (int64, error) {
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
	return 0, errors.New("no VmHWM in /proc/self/status")
}

// surveyApart surveys a model in a process of its own and returns what it printed, which is the diagnostics where there
// is an error among them, and its peak of memory in bytes.
func surveyApart(t testing.TB, path string) (said string, peak int64) {
	t.Helper()
	if _, err := peakMemory(); err != nil {
		t.Skipf("peak memory cannot be measured here: %v", err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), surveyVariable+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the process that read the model failed: %v\n%s", err, out)
	}
	said, last, found := strings.Cut(string(out), peakLine)
	if peak, err = strconv.ParseInt(strings.TrimSpace(last), 10, 64); !found || err != nil {
		t.Fatalf("the process that read the model printed %q", out)
	}
	return said, peak
}

// allowedPeak is what the reading of files of so many bytes together may take.
func allowedPeak(files int64) int64 { return 4*files + 256<<20 }
