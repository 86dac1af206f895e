package spelling

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"mnist", "cifar10", "npz", "images", "image-size", "if", "lif"}
	for s, want := range map[string]string{
		"minst": "mnist", "mnsit": "mnist", "mnist": "mnist", "cifar": "cifar10", "imags": "images",
		"np": "", "": "", "svhn": "", "image-siz": "image-size", "image": "images", "lfi": "lif", "ilf": "lif", "lof": "lif",
	} {
		if got := Nearest(s, names); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}
