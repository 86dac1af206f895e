package dataset

import (
	"bytes"
	"context"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spikec/runtime/dataset/npz"
)

// archive is a .npz file with the given arrays.
func archive(t testing.TB, arrays ...*npz.Array) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := npz.Write(&out, arrays...); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestNPZ(t *testing.T) {
	values := make([]float32, 30)
	for i := range values {
		values[i] = float32(i)/4 - 2
	}
	labels := npz.Int64s("y", []int64{4, 0}, 2)
	for _, test := range []struct {
		x     *npz.Array
		shape [3]int
	}{
		{npz.Float32s("x", values, 2, 3, 1, 5), [3]int{3, 1, 5}},
		{npz.Float32s("x", values, 2, 3, 5), [3]int{1, 3, 5}},
		{npz.Float32s("x", values, 2, 15), [3]int{15, 1, 1}},
	} {
		s := open(t, "npz:"+write(t, t.TempDir(), "digits.npz", archive(t, labels, test.x)))
		if s.Shape != test.shape || s.Name != "digits" || s.Classes != 5 || s.Pixels != nil {
			t.Errorf("%v, %q, %d classes", s.Shape, s.Name, s.Classes)
		}
		if diff := cmp.Diff(values, s.Values); diff != "" {
			t.Error(diff)
		}
	}
	s := open(t, "npz:"+write(t, t.TempDir(), "u8.npz", archive(t, npz.Uint8s("x", counting(12), 2, 2, 3), npz.Uint8s("y", []byte{0, 1}, 2))))
	if !bytes.Equal(s.Pixels, counting(12)) || s.Values != nil {
		t.Errorf("pixels %v, values %v", s.Pixels, s.Values)
	}
}

func TestNPZRefuses(t *testing.T) {
	x, y := npz.Uint8s("x", counting(12), 2, 2, 3), npz.Int64s("y", []int64{0, 1}, 2)
	nan := float32(math.NaN())
	large := []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x7e} // 2^1008 or so
	for name, test := range map[string]struct {
		arrays []*npz.Array
		want   string
	}{
		"no y":       {[]*npz.Array{x}, `no array "y"; the archive has ["x"]`},
		"no x":       {[]*npz.Array{y}, `no array "x"`},
		"vector x":   {[]*npz.Array{npz.Uint8s("x", counting(2), 2), y}, "array x uint8 (2,): want (N,C,H,W), (N,H,W) or (N,D)"},
		"five":       {[]*npz.Array{npz.Uint8s("x", counting(2), 2, 1, 1, 1, 1), y}, "array x uint8 (2, 1, 1, 1, 1): want"},
		"one-hot y":  {[]*npz.Array{x, npz.Uint8s("y", counting(4), 2, 2)}, "array y uint8 (2, 2): want one label per image, (N,)"},
		"float y":    {[]*npz.Array{x, npz.Float32s("y", []float32{0, 1}, 2)}, "y: elements are float32, want integers"},
		"counts":     {[]*npz.Array{x, npz.Uint8s("y", counting(3), 3)}, "3 labels in y for the 2 images in x"},
		"negative":   {[]*npz.Array{x, npz.Int64s("y", []int64{0, -1}, 2)}, "image 1 has label -1, want 0..65535 (1 of 2 labels offend)"},
		"far label":  {[]*npz.Array{x, npz.Int64s("y", []int64{1 << 40, 0}, 2)}, "image 0 has label 1099511627776, want 0..65535"},
		"none":       {[]*npz.Array{npz.Uint8s("x", nil, 0, 2, 3), npz.Uint8s("y", nil, 0)}, "no images"},
		"no pixels":  {[]*npz.Array{npz.Uint8s("x", nil, 2, 0, 3), y}, "array x uint8 (2, 0, 3): images without pixels"},
		"NaN":        {[]*npz.Array{npz.Float32s("x", []float32{0, 1, 2, nan}, 2, 2), y}, "image 1, value 1 is NaN"},
		"float64":    {[]*npz.Array{{Name: "x", Kind: 'f', Width: 8, Shape: []int{1, 1}, Data: large}, npz.Uint8s("y", []byte{0}, 1)}, "image 0, value 0 is +Inf, want finite numbers that float32 holds"},
		"many zeros": {[]*npz.Array{npz.Uint8s("x", nil, 0, 1<<30, 1<<30), npz.Uint8s("y", nil, 0)}, "no images"},
	} {
		t.Run(name, func(t *testing.T) {
			openRefused(t, "npz:"+write(t, t.TempDir(), "bad.npz", archive(t, test.arrays...)), "bad.npz: ", test.want)
		})
	}
	openRefused(t, "npz:"+write(t, t.TempDir(), "bad.npz", []byte("no archive")), "bad.npz: not a zip archive")
}

// FuzzNPZ feeds any bytes to the reader: it does not panic, and a set it returns keeps what Set promises.
func FuzzNPZ(f *testing.F) {
	y := npz.Int64s("y", []int64{0, 1}, 2)
	for _, x := range []*npz.Array{npz.Uint8s("x", counting(12), 2, 2, 3), npz.Float32s("x", []float32{1, 2, 3, 4}, 2, 2)} {
		content := archive(f, x, y)
		f.Add(content)
		f.Add(content[:len(content)-3])
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		arrays, err := npz.Decode(context.Background(), bytes.NewReader(content), int64(len(content)), "fuzz", "x", "y")
		if err != nil {
			return
		}
		s, err := npzSet(arrays[0], arrays[1])
		if err != nil {
			return
		}
		if s.Len() == 0 || s.Len()*s.Size() != len(s.Pixels)+len(s.Values) || s.CheckLabels(s.Classes) != nil {
			t.Errorf("%d images of %v, %d pixels, %d values, %d classes", s.Len(), s.Shape, len(s.Pixels), len(s.Values), s.Classes)
		}
	})
}
