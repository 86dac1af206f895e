// Package dataset reads labelled images: the evaluation data and the calibration data that a data spec such as
// "mnist" or "cifar10:DIR" names.
//
// It owns data specs, the file formats behind them, and the SHA-256 by which a manifest recognises data. It does not
// scale pixels: a Set holds what is stored, and the preprocessing that turns stored pixels into a network's input is
// the caller's. Files come from outside, so every length that a header announces is checked against the file before
// memory is taken, and errors name the file, the place, and what was expected.
package dataset

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"spikec/internal/splitmix"
)

// MaxClasses bounds the labels: 0..65535. It keeps a stray number in a label array from sizing the tables of callers.
const MaxClasses = 1 << 16

// Set is a labelled collection of images of one shape. It is not changed once made; Head shares its memory.
type Set struct {
	// Spec is the data spec as the user gave it.
	Spec string
	// Name is what reports call the set: "MNIST test set", "CIFAR-10 training set", the name of a file or folder.
	Name string
	// Shape of an image: channels, height, width. Data without places, N×D in a file, has shape D,1,1.
	Shape [3]int
	// Pixels holds Len()*Size() stored pixels 0..255, in the order C,H,W; nil where Values is used.
	Pixels []uint8
	// Values holds Len()*Size() numbers in the order C,H,W, the network's input as it is (npz); all finite; nil where
	// Pixels is used.
	Values []float32
	// Labels holds one class index per image, each 0..Classes-1.
	Labels []int
	// Classes is the number of classes as the format says, or 1 + the largest label.
	Classes int
	// ClassNames holds the Classes names where the source has names (folders of images, CIFAR-10); else nil.
	ClassNames []string
	// SHA256 identifies what was read, whatever file it came from, in hexadecimal. It covers, in this order: the text
	// "spikec/dataset/v1 KIND N C H W\n", KIND being "pixels" or "values"; the pixels, or the values as little-endian
	// float32; the labels as little-endian int64.
	SHA256 string
}

// Len is the number of images.
func (s *Set) Len() int { return len(s.Labels) }

// Size is the number of pixels, or values, of one image: C*H*W.
func (s *Set) Size() int { return s.Shape[0] * s.Shape[1] * s.Shape[2] }

// Head returns the first n images, or all where there are fewer; n below 0 is 0. It shares memory with s and has its
// own SHA256; Classes stays.
func (s *Set) Head(n int) *Set {
	n = max(0, min(n, s.Len()))
	if n == s.Len() {
		return s
	}
	part := *s
	part.Labels = s.Labels[:n:n]
	if s.Pixels != nil {
		part.Pixels = s.Pixels[: n*s.Size() : n*s.Size()]
	} else {
		part.Values = s.Values[: n*s.Size() : n*s.Size()]
	}
	part.SHA256 = part.digest()
	return &part
}

// Sample returns n distinct images, or all where there are fewer, in an order that does not depend on that of s's
// classes. Image i has the key mix(seed + (i+1)*0x9e3779b97f4a7c15), mix being the finaliser of SplitMix64; the n
// images with the smallest keys are taken, in the order of their keys (equal keys: lower i first). So a sample is
// the start of every larger sample with the same seed, and needs no generator state. The result has its own memory
// and its own SHA256; Classes stays.
func (s *Set) Sample(n int, seed uint64) *Set {
	order := make([]int, s.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(sampleKey(seed, a), sampleKey(seed, b)), cmp.Compare(a, b))
	})
	return s.pick(order[:max(0, min(n, len(order)))])
}

// sampleKey is output i of SplitMix64 started at seed.
func sampleKey(seed uint64, i int) uint64 { return splitmix.Scramble(seed + uint64(i+1)*splitmix.Weyl) }

// pick returns the images at the given indices, copied.
func (s *Set) pick(indices []int) *Set {
	part, size := *s, s.Size()
	part.Pixels, part.Values, part.Labels = nil, nil, make([]int, 0, len(indices))
	if s.Pixels != nil {
		part.Pixels = make([]uint8, 0, len(indices)*size)
	} else {
		part.Values = make([]float32, 0, len(indices)*size)
	}
	for _, i := range indices {
		part.Labels = append(part.Labels, s.Labels[i])
		if s.Pixels != nil {
			part.Pixels = append(part.Pixels, s.Pixels[i*size:(i+1)*size]...)
		} else {
			part.Values = append(part.Values, s.Values[i*size:(i+1)*size]...)
		}
	}
	part.SHA256 = part.digest()
	return &part
}

// CheckLabels returns an error where a label is not below classes, the number of outputs of a network. It names the
// first image that offends, its label, and how many images offend.
func (s *Set) CheckLabels(classes int) error {
	first, offend := -1, 0
	for i, label := range s.Labels {
		if label >= classes {
			if first < 0 {
				first = i
			}
			offend++
		}
	}
	if offend == 0 {
		return nil
	}
	return fmt.Errorf("dataset: %s: image %d has label %d, want 0..%d for the %d outputs of the network (%d of %d images offend)",
		s.Spec, first, s.Labels[first], classes-1, classes, offend, s.Len())
}

// complete checks what every set promises and fills Classes, where the format left it 0, and SHA256. The error names
// the place within the set, not the file.
func (s *Set) complete() error {
	if s.Len() == 0 {
		return fmt.Errorf("no images")
	}
	if err := checkRange(s.Labels, s.Classes); err != nil {
		return err
	}
	if s.Classes == 0 {
		s.Classes = 1 + slices.Max(s.Labels)
	}
	if err := checkFinite(s.Values, s.Size()); err != nil {
		return err
	}
	s.SHA256 = s.digest()
	return nil
}

// checkRange reports labels that are negative, or not below classes, or, where classes is 0, not below MaxClasses.
func checkRange(labels []int, classes int) error {
	if classes == 0 {
		classes = MaxClasses
	}
	first, offend := -1, 0
	for i, label := range labels {
		if label < 0 || label >= classes {
			if first < 0 {
				first = i
			}
			offend++
		}
	}
	if offend == 0 {
		return nil
	}
	return fmt.Errorf("image %d has label %d, want 0..%d (%d of %d labels offend)",
		first, labels[first], classes-1, offend, len(labels))
}

// checkFinite reports NaN and infinite values; size is the number of values of an image.
func checkFinite(values []float32, size int) error {
	first, offend := -1, 0
	for i, v := range values {
		if v-v != 0 { // NaN and ±Inf, and nothing else
			if first < 0 {
				first = i
			}
			offend++
		}
	}
	if offend == 0 {
		return nil
	}
	return fmt.Errorf("image %d, value %d is %v, want finite numbers that float32 holds (%d of %d values offend)",
		first/size, first%size, values[first], offend, len(values))
}

// digest computes SHA256.
func (s *Set) digest() string {
	kind := "pixels"
	if s.Pixels == nil {
		kind = "values"
	}
	h := sha256.New()
	fmt.Fprintf(h, "spikec/dataset/v1 %s %d %d %d %d\n", kind, s.Len(), s.Shape[0], s.Shape[1], s.Shape[2])
	h.Write(s.Pixels)
	var buffer []byte
	for chunk := range slices.Chunk(s.Values, 1<<14) {
		buffer = buffer[:0]
		for _, v := range chunk {
			buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(v))
		}
		h.Write(buffer)
	}
	buffer = buffer[:0]
	for _, label := range s.Labels {
		buffer = binary.LittleEndian.AppendUint64(buffer, uint64(label))
	}
	h.Write(buffer)
	return hex.EncodeToString(h.Sum(nil))
}
