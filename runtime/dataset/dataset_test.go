package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// small is a set of n images of 1x2x3 pixels; every pixel of image i is i, its label i mod 7.
func small(n int) *Set {
	s := &Set{Spec: "small", Shape: [3]int{1, 2, 3}}
	for i := range n {
		for range 6 {
			s.Pixels = append(s.Pixels, byte(i))
		}
		s.Labels = append(s.Labels, i%7)
	}
	if err := s.complete(); err != nil {
		panic(err)
	}
	return s
}

func TestHead(t *testing.T) {
	s := small(10)
	for _, test := range []struct{ n, want int }{{-1, 0}, {0, 0}, {3, 3}, {10, 10}, {11, 10}} {
		head := s.Head(test.n)
		if head.Len() != test.want || len(head.Pixels) != 6*test.want {
			t.Errorf("Head(%d) has %d labels and %d pixels", test.n, head.Len(), len(head.Pixels))
		}
		if head.SHA256 != head.digest() || (head.SHA256 == s.SHA256) != (test.want == 10) {
			t.Errorf("Head(%d) has SHA256 %s", test.n, head.SHA256)
		}
		if head.Classes != 7 {
			t.Errorf("Head(%d) has %d classes", test.n, head.Classes)
		}
	}
	if &s.Head(3).Pixels[0] != &s.Pixels[0] {
		t.Error("Head copies")
	}
	_ = append(s.Head(3).Pixels, 99)
	if s.Pixels[18] != 3 {
		t.Error("append to a head writes into the set")
	}
}

func TestSample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := small(rapid.IntRange(1, 200).Draw(t, "len"))
		n := rapid.IntRange(-1, 210).Draw(t, "n")
		seed := rapid.Uint64().Draw(t, "seed")
		got := s.Sample(n, seed)
		if want := max(0, min(n, s.Len())); got.Len() != want {
			t.Fatalf("%d images, want %d", got.Len(), want)
		}
		seen := map[byte]bool{}
		for i, label := range got.Labels {
			image := got.Pixels[6*i : 6*i+6]
			if seen[image[0]] {
				t.Fatalf("image %d is there twice", image[0])
			}
			seen[image[0]] = true
			if int(image[0])%7 != label || slices.Min(image) != slices.Max(image) {
				t.Fatalf("image %v has label %d", image, label)
			}
		}
		if again := s.Sample(n, seed); again.SHA256 != got.SHA256 {
			t.Fatal("the same seed gives another sample")
		}
		part := rapid.IntRange(0, got.Len()).Draw(t, "part")
		if diff := cmp.Diff(s.Sample(part, seed).Labels, got.Head(part).Labels); diff != "" {
			t.Fatalf("a small sample is not the start of a larger one: %s", diff)
		}
	})
}

// The three numbers are the first outputs of Vigna's splitmix64.c for the seed 1234567, as its users quote them.
func TestSampleKey(t *testing.T) {
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423} {
		if got := sampleKey(1234567, i); got != want {
			t.Errorf("key %d is %d, want %d", i, got, want)
		}
	}
}

func TestSampleValues(t *testing.T) {
	s := &Set{Shape: [3]int{2, 1, 1}, Values: []float32{0, 0.5, 1, 1.5, 2, 2.5}, Labels: []int{0, 1, 2}}
	if err := s.complete(); err != nil {
		t.Fatal(err)
	}
	got := s.Sample(2, 3)
	for i, label := range got.Labels {
		if got.Values[2*i] != float32(label) || got.Values[2*i+1] != float32(label)+0.5 {
			t.Errorf("image %d with label %d is %v", i, label, got.Values[2*i:2*i+2])
		}
	}
	if got.Pixels != nil || s.Head(2).Pixels != nil {
		t.Error("a part of a set of values has pixels")
	}
}

func TestCheckLabels(t *testing.T) {
	s := small(10)
	if err := s.CheckLabels(7); err != nil {
		t.Error(err)
	}
	refused(t, s.CheckLabels(6), "small: image 6 has label 6, want 0..5 for the 6 outputs", "(1 of 10 images offend)")
	refused(t, s.CheckLabels(2), "image 2 has label 2", "(6 of 10 images offend)")
}

// The digest is what its comment says, computed here in another way.
func TestDigest(t *testing.T) {
	labels := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, 1), 0)
	pixels := &Set{Shape: [3]int{1, 1, 2}, Pixels: []uint8{1, 2, 3, 4}, Labels: []int{1, 0}}
	values := &Set{Shape: [3]int{2, 1, 1}, Values: []float32{1, -2}, Labels: []int{1}}
	for _, test := range []struct {
		set  *Set
		text string
	}{
		{pixels, "spikec/dataset/v1 pixels 2 1 1 2\n\x01\x02\x03\x04" + string(labels)},
		{values, "spikec/dataset/v1 values 1 2 1 1\n\x00\x00\x80\x3f\x00\x00\x00\xc0" + string(labels[:8])},
	} {
		sum := sha256.Sum256([]byte(test.text))
		if got, want := test.set.digest(), hex.EncodeToString(sum[:]); got != want {
			t.Errorf("digest %s, want %s", got, want)
		}
	}
}

func TestCompleteRefuses(t *testing.T) {
	inf, nan := float32(math.Inf(-1)), float32(math.NaN())
	for _, test := range []struct {
		set  Set
		want string
	}{
		{Set{}, "no images"},
		{Set{Labels: []int{0, -3, -1}}, "image 1 has label -3, want 0..65535 (2 of 3 labels offend)"},
		{Set{Labels: []int{0, 65536}}, "image 1 has label 65536, want 0..65535 (1 of 2 labels offend)"},
		{Set{Labels: []int{9, 10}, Classes: 10}, "image 1 has label 10, want 0..9 (1 of 2 labels offend)"},
		{Set{Shape: [3]int{2, 1, 1}, Labels: []int{0, 0}, Values: []float32{0, 1, 2, inf}},
			"image 1, value 1 is -Inf, want finite numbers that float32 holds (1 of 4 values offend)"},
		{Set{Shape: [3]int{2, 1, 1}, Labels: []int{0, 0}, Values: []float32{0, nan, nan, 3}},
			"image 0, value 1 is NaN, want finite numbers that float32 holds (2 of 4 values offend)"},
	} {
		if err := test.set.complete(); err == nil || err.Error() != test.want {
			t.Errorf("error %v, want %s", err, test.want)
		}
	}
}
