package dataset

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// TestDownscale: means of pixels round half up, planes stay apart.
func TestDownscale(t *testing.T) {
	s := &Set{Shape: [3]int{2, 2, 4}, Labels: []int{0}, Pixels: []uint8{
		0, 1, 255, 255,
		0, 1, 255, 255,
		4, 0, 1, 0,
		1, 0, 0, 0}}
	if err := s.downscale(2); err != nil {
		t.Fatal(err)
	}
	// 2/4 = 0.5 becomes 1; 5/4 = 1.25 becomes 1; 1/4 becomes 0.
	if want := []uint8{1, 255, 1, 0}; !slices.Equal(s.Pixels, want) || s.Shape != [3]int{2, 1, 2} || s.Values != nil {
		t.Errorf("%v of shape %v, want %v", s.Pixels, s.Shape, want)
	}
	v := &Set{Shape: [3]int{1, 2, 2}, Labels: []int{0, 0}, Values: []float32{1, 2, 3, 5, -1, -1, -1, 1}}
	if err := v.downscale(2); err != nil {
		t.Fatal(err)
	}
	if want := []float32{2.75, -0.5}; !slices.Equal(v.Values, want) {
		t.Errorf("%v, want %v", v.Values, want)
	}
}

// TestCrop: the centre, and of an odd rest the first rows and columns.
func TestCrop(t *testing.T) {
	s := &Set{Shape: [3]int{1, 4, 3}, Labels: []int{0}, Pixels: []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}
	if err := s.crop(2, 2); err != nil {
		t.Fatal(err)
	}
	if want := []uint8{4, 5, 7, 8}; !slices.Equal(s.Pixels, want) || s.Shape != [3]int{1, 2, 2} {
		t.Errorf("%v of shape %v, want %v", s.Pixels, s.Shape, want)
	}
}

// TestChangedSpecs: what stands first in a spec is done last; the calibration images are changed alike.
func TestChangedSpecs(t *testing.T) {
	const spec = "downscale:2:crop:22x22:mnist"
	small, err := Open(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := Open(context.Background(), "mnist")
	if err != nil {
		t.Fatal(err)
	}
	if small.Shape != [3]int{1, 11, 11} || small.Len() != whole.Len() || small.Spec != spec || small.SHA256 == whole.SHA256 || small.SHA256 != small.digest() {
		t.Errorf("%d images of shape %v, %s", small.Len(), small.Shape, small.Spec)
	}
	if want := "MNIST test set, cropped to 22x22, scaled down by 2"; small.Name != want {
		t.Errorf("named %q, want %q", small.Name, want)
	}
	// Output pixel (r, c) is the mean of rows 3+2r.. and columns 3+2c.. of the stored image.
	for i := range 20 {
		for r := range 11 {
			for c := range 11 {
				sum := 0
				for dy := range 2 {
					for dx := range 2 {
						sum += int(whole.Pixels[i*784+(3+2*r+dy)*28+3+2*c+dx])
					}
				}
				if got := int(small.Pixels[i*121+r*11+c]); got != (sum+2)/4 {
					t.Fatalf("image %d, pixel %d, %d: %d, want %d", i, r, c, got, (sum+2)/4)
				}
			}
		}
	}
	calibration, err := Calibration(context.Background(), spec, "")
	if err != nil || calibration.Shape != small.Shape {
		t.Errorf("calibration images: %v", err)
	}
	for _, wrong := range []struct{ spec, want string }{
		{"downscale:mnist", "no factor"}, {"downscale:0:mnist", "no factor"}, {"downscale:3:mnist", "no whole number of 3x3"}, {"downscale:2:", "unknown data spec"},
		{"crop:22:mnist", "no size"}, {"crop:29x29:mnist", "have no 29x29"}, {"crop:-1x3:mnist", "no size"}, {"downscale:2:crop:5x5:mnist", "no whole number"},
	} {
		if _, err := Open(context.Background(), wrong.spec); err == nil || !strings.Contains(err.Error(), wrong.want) {
			t.Errorf("%s: %v, want %s", wrong.spec, err, wrong.want)
		}
	}
	if _, err := Calibration(context.Background(), "downscale:2:npz:a.npz", "crop:2x2:npz:./a.npz"); err == nil || !strings.Contains(err.Error(), "names the evaluation images") {
		t.Errorf("calibration with the evaluation images: %v", err)
	}
}
