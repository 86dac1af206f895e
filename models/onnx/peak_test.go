package onnx

import (
	"errors"
	"fmt"
	"testing"

	"spikec/internal/diag"
	"spikec/internal/peak"
)

// surveyVariable names the model that a child process of the test binary surveys.
const surveyVariable = "SPIKEC_TEST_SURVEY"

// TestMain runs the tests, or as a child process surveys one model, so that its peak of memory is its own.
func TestMain(m *testing.M) {
	peak.Main(m, surveyVariable, func(path string) {
		_, err := Options{}.Survey(path)
		var failure *diag.Failure
		if errors.As(err, &failure) {
			for _, d := range failure.List {
				fmt.Println(d)
			}
		} else if err != nil {
			fmt.Println("not a list of diagnostics:", err)
		}
	})
}

// surveyApart surveys a model in a process of its own and returns what it printed, which is the diagnostics where there
// is an error among them, and its peak of memory in bytes.
func surveyApart(t testing.TB, path string) (said string, most int64) {
	t.Helper()
	return peak.Apart(t, surveyVariable, path)
}
