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
	"spikec/internal/peak"
)

// surveyVariable names the model that a child process of the test binary surveys.
const surveyVariable = "SPIKEC_TEST_SURVEY"

// TestMain runs the tests, or as a child process surveys one model, so that its peak of memory is its own.
func TestMain(m *testing.M) {
	path, child := os.LookupEnv(surveyVariable)
	if !child {
		os.Exit(m.Run())
	}
	_, err := Options{}.Survey(path)
	var failure *diag.Failure
	if errors.As(err, &failure) {
		for _, d := range failure.List {
			fmt.Println(d)
		}
	} else if err != nil {
		fmt.Println("not a list of diagnostics:", err)
	}
	most, err := peak.Memory()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Printf("%s%d\n", peakLine, most)
}

// peakLine is how the last line of a child process starts.
const peakLine = "peak memory of the child: "

// surveyApart surveys a model in a process of its own and returns what it printed, which is the diagnostics where there
// is an error among them, and its peak of memory in bytes.
func surveyApart(t testing.TB, path string) (said string, most int64) {
	t.Helper()
	if testing.Short() {
		t.Skip("short runs may be those of the race detector, which takes memory of its own")
	}
	if _, err := peak.Memory(); err != nil {
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
	if most, err = strconv.ParseInt(strings.TrimSpace(last), 10, 64); !found || err != nil {
		t.Fatalf("the process that read the model printed %q", out)
	}
	return said, most
}

// allowedPeak is what the reading of files of so many bytes together may take.
func allowedPeak(files int64) int64 { return 4*files + 256<<20 }
