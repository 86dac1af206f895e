// Package build goes the whole way from a trained network to chip files, measures the accuracy after every stage, and
// keeps the result in a folder that can be checked from its files alone. Run makes a build, Check and Emulate read one.
package build

import (
	"context"
	"errors"

	"spikec/runtime/dataset"
	"spikec/runtime/ladder"
	"spikec/runtime/progress"
)

// Run builds. The error is a *diag.Failure where the request or its data are wrong, a *Difference where two stages that
// must agree in every bit do not, and the cause of ctx where that ended. Where it fails, nothing is left behind.
func Run(ctx context.Context, r Request) (*ladder.Ladder, error) { return nil, errNotThere }

// ReadModel reads the ONNX file at path.
func ReadModel(path string) (Model, error) { return Model{}, errNotThere }

// BundledModel returns a network of package zoo.
func BundledModel(name string) (Model, error) { return Model{}, errNotThere }

// OpenData opens evaluation data, cut to the first limit images (0 = all), and calibration data; calibration may be ""
// where the data spec has a training part.
func OpenData(ctx context.Context, data, calibration string, limit int) (eval, calib *dataset.Set, err error) {
	return nil, nil, errNotThere
}

// CheckOptions are the choices of a check.
type CheckOptions struct {
	Data     string // data spec in place of the manifest's
	Limit    int    // the first so many images; 0 = as many as the build took
	Engine   string // auto, reference, fast; default auto
	Jobs     int
	Progress progress.Reporter
}

// Check reads the build in dir and the data that its manifest names, and nothing else, emulates, and compares the
// output counts with the recorded ones. The ladder has the one stage files. The error is a *diag.Failure where a file
// is missing, unexpected or altered, and a *Difference where the counts differ from the recorded ones.
func Check(ctx context.Context, dir string, opt CheckOptions) (*ladder.Ladder, error) {
	return nil, errNotThere
}

// CheckShard is as Check for images i·n/of up to (i+1)·n/of of the n images, i from 0; it writes a partial result to
// the file out and compares nothing.
func CheckShard(ctx context.Context, dir string, i, of int, out string, opt CheckOptions) error {
	return errNotThere
}

// Merge joins the partial results in files, all of one build on the same images, and writes them as one to the file out
// unless that is "". Where they cover all images it compares as Check does and returns the ladder; where they do not,
// the ladder is nil, and it is an error if there is no file to write.
func Merge(files []string, out string) (*ladder.Ladder, error) { return nil, errNotThere }

// EmulateRequest names the files of one emulation.
type EmulateRequest struct {
	Dir    string // of the build
	Input  string // .npz with x: uint8 stored pixels, or floats as the trained network takes them
	Output string // .npz to write: counts (N,classes), potentials (N,classes), decision (N)
	Trace  string // .npz to write: spikes and membranes of every layer at every step; "" = none
	Engine string
	Jobs   int
	// Progress shows how far it is; nil shows nothing.
	Progress progress.Reporter
}

// Emulate runs given inputs through the files of a build. Output and trace are complete files, or not there.
func Emulate(ctx context.Context, r EmulateRequest) error { return errNotThere }

// Difference is the error of two stages that must agree in every bit and do not.
type Difference struct {
	Between [2]string // stages, such as fixed and image; or "recorded" and "files"
	Image   int       // the first image that differs; -1 where it is not known
	Layer   string    // the first population that differs; "" where it is not known
	Neuron  [3]int    // channel, row, column
	Step    int       // within the layer's own T steps, from 0
	Detail  string    // what each side has there
}

// Error says where the two differ first.
func (d *Difference) Error() string { return "build: " + d.Detail }

var errNotThere = errors.New("build: not there yet")
