package dataset

import (
	"context"
	"errors"
	"testing"

	"spikec/runtime/dataset/npz"
)

func TestSpecs(t *testing.T) {
	for spec, want := range map[string]string{
		"":             "error SPK-DATA-015 data: unknown data spec \"\"\n  remedy: want one of cifar10:DIR, crop:HxW:SPEC, downscale:K:SPEC, images:DIR, mnist, mnist:DIR, npz:FILE",
		"svhn:x":       `unknown data spec "svhn:x"`,
		"mnist:":       "data spec \"mnist:\" names no file or folder\n  remedy: want mnist or mnist:DIR",
		"cifar10":      "data spec \"cifar10\" names no file or folder\n  remedy: want cifar10:DIR",
		"npz:":         "data spec \"npz:\" names no file or folder\n  remedy: want npz:FILE",
		"minst":        "did you mean mnist? want one of",
		"minst:x":      "did you mean mnist:x? want one of",
		"cifar":        "did you mean cifar10:DIR? want one of",
		"cifar:x":      "did you mean cifar10:x? want one of",
		"test.npz":     "did you mean npz:test.npz? want one of",
		"npz:none.npz": "npz:none.npz: there is no such file",
		"images:none":  "images:none: there is no such file or folder",
		"mnist:none":   "mnist:none: there is no such file or folder",
		"cifar10:none": "cifar10:none: there is no such file or folder",
	} {
		openRefused(t, spec, want)
	}
}

func TestCalibrationSpecs(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	path := write(t, dir, "a.npz", archive(t, npz.Uint8s("x", counting(8), 2, 2, 2), npz.Int64s("y", []int64{0, 1}, 2)))
	other := write(t, dir, "b.npz", archive(t, npz.Uint8s("x", counting(4), 1, 2, 2), npz.Int64s("y", []int64{0}, 1)))
	for _, spec := range []string{"npz:" + path, "images:" + dir} {
		_, err := OpenCalibration(ctx, spec)
		refused(t, err, spec, "has no training images to calibrate with\n  remedy: give --calibration SPEC")
	}
	_, err := OpenCalibration(ctx, "nothing")
	refused(t, err, `unknown data spec "nothing"`)

	_, err = Calibration(ctx, "npz:"+path, "npz:"+dir+"/./a.npz")
	refused(t, err, "names the evaluation images")
	_, err = Calibration(ctx, "npz:"+path, "nothing")
	refused(t, err, `unknown data spec "nothing"`)
	for _, test := range []struct {
		data, calibration, spec string
		n                       int
	}{
		{"mnist", "", "mnist", 1000},
		{"npz:" + path, "mnist", "mnist", 1000},
		{"npz:" + path, "npz:" + other, "npz:" + other, 1},
	} {
		set, err := Calibration(ctx, test.data, test.calibration)
		if err != nil {
			t.Fatal(err)
		}
		if set.Len() != test.n || set.Spec != test.spec {
			t.Errorf("Calibration(%q, %q) has %d images of %q", test.data, test.calibration, set.Len(), set.Spec)
		}
	}
}

func TestRegister(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a scheme registered twice does not panic")
		}
	}()
	register(Source{Scheme: "mnist"})
}

func TestSources(t *testing.T) {
	for _, s := range Sources() {
		if s.About == "" || len(s.Forms) == 0 || (s.open == nil) == (s.wrap == nil) {
			t.Errorf("source %q is not described", s.Scheme)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	write(t, dir, "test_batch.bin", make([]byte, cifarRecord))
	path := write(t, dir, "a.npz", archive(t, npz.Uint8s("x", counting(4), 1, 2, 2), npz.Int64s("y", []int64{0}, 1)))
	for _, spec := range []string{"mnist", "cifar10:" + dir, "npz:" + path} {
		if _, err := Open(ctx, spec); !errors.Is(err, context.Canceled) {
			t.Errorf("Open(%q) after cancel: %v", spec, err)
		}
	}
}
