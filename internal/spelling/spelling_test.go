package spelling

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"mnist", "cifar10", "npz", "images", "image-size", "if", "lif", "to"}
	for s, want := range map[string]string{
		"minst": "mnist", "mnsit": "mnist", "mnist": "mnist", "cifar": "cifar10", "imags": "images",
		"np": "", "foo": "", "": "", "svhn": "", "image-siz": "image-size", "image": "images", "lfi": "lif", "ilf": "lif", "lof": "lif",
	} {
		if got := Nearest(s, names); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 cores", 1: "1 core", 2: "2 cores"} {
		if got := Count(n, "core"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
