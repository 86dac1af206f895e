package dataset

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func histogram(s *Set) []int {
	counts := make([]int, s.Classes)
	for _, label := range s.Labels {
		counts[label]++
	}
	return counts
}

// The counts are those of the MNIST test labels, known from the literature.
func TestBundledTestSet(t *testing.T) {
	s := open(t, "mnist")
	if s.Len() != 10000 || s.Shape != [3]int{1, 28, 28} || s.Classes != 10 || len(s.Pixels) != 7840000 {
		t.Errorf("%d images of %v in %d classes, %d pixels", s.Len(), s.Shape, s.Classes, len(s.Pixels))
	}
	if diff := cmp.Diff([]int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}, histogram(s)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{7, 2, 1, 0, 4, 1, 4, 9, 5, 9}, s.Labels[:10]); diff != "" { // as every tutorial shows them
		t.Error(diff)
	}
	const want = "afcf43067017ade294c7b514aa7038d72cb67fbca2bf92b8e900425749309c5b" // computed in Python, as the comment of Set.SHA256 says
	if s.SHA256 != want {
		t.Errorf("SHA256 %s, want %s", s.SHA256, want)
	}
}

func TestBundledCalibration(t *testing.T) {
	s, err := OpenCalibration(context.Background(), "mnist")
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() != 1000 || s.Shape != [3]int{1, 28, 28} || s.Classes != 10 {
		t.Errorf("%d images of %v in %d classes", s.Len(), s.Shape, s.Classes)
	}
	// Counted by another program from the file.
	if diff := cmp.Diff([]int{96, 120, 85, 104, 108, 84, 96, 97, 103, 107}, histogram(s)); diff != "" {
		t.Error(diff)
	}
	const want = "d477b241d62465f60a38246a64a384f1ebfa1cefc006ab935c5095fcb618b1ef" // computed in Python
	if s.SHA256 != want {
		t.Errorf("SHA256 %s, want %s", s.SHA256, want)
	}
	test := open(t, "mnist")
	seen := map[string]bool{}
	for image := range slices.Chunk(test.Pixels, test.Size()) {
		seen[string(image)] = true
	}
	for i := range s.Len() {
		if seen[string(s.Pixels[i*s.Size():(i+1)*s.Size()])] {
			t.Errorf("calibration image %d is in the test set", i)
		}
	}
}

func TestBundledFilesAreListed(t *testing.T) {
	entries, err := bundled.ReadDir("mnist")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(bundledSHA256) {
		t.Errorf("%d bundled files, %d SHA-256", len(entries), len(bundledSHA256))
	}
	_, err = bundledFile(context.Background(), "mnist/sample.py")
	if err == nil {
		t.Error("a file that is not bundled opens")
	}
}

func mnistFolder(t *testing.T, part string, images, labels []byte, names ...string) string {
	t.Helper()
	if len(names) == 0 {
		names = []string{part + "-images-idx3-ubyte", part + "-labels-idx1-ubyte"}
	}
	dir := t.TempDir()
	write(t, dir, names[0], images)
	write(t, dir, names[1], labels)
	return dir
}

func TestMNISTFolder(t *testing.T) {
	images, labels := idx(idxImages, []uint32{3, 2, 5}, counting(30)), idx(idxLabels, []uint32{3}, []byte{4, 0, 12})
	for _, dir := range []string{
		mnistFolder(t, "t10k", images, labels),
		mnistFolder(t, "", pack(t, images), pack(t, labels), "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
		mnistFolder(t, "", images, labels, "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
		mnistFolder(t, "", pack(t, images), labels, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"), // packed without saying so
	} {
		s := open(t, "mnist:"+dir)
		if s.Shape != [3]int{1, 2, 5} || s.Classes != 13 || !bytes.Equal(s.Pixels, counting(30)) {
			t.Errorf("%v, %d classes, pixels %v", s.Shape, s.Classes, s.Pixels)
		}
		if diff := cmp.Diff([]int{4, 0, 12}, s.Labels); diff != "" {
			t.Error(diff)
		}
		_, err := OpenCalibration(context.Background(), "mnist:"+dir)
		refused(t, err, dir, "no file train-images-idx3-ubyte or train-images-idx3-ubyte.gz")
	}
	dir := mnistFolder(t, "train", images, labels)
	if s, err := OpenCalibration(context.Background(), "mnist:"+dir); err != nil || s.Len() != 3 {
		t.Errorf("%v, %v", s, err)
	}
}

func TestMNISTRefuses(t *testing.T) {
	images, labels := idx(idxImages, []uint32{3, 2, 5}, counting(30)), idx(idxLabels, []uint32{3}, []byte{4, 0, 9})
	packed := pack(t, images)
	broken := bytes.Clone(packed)
	broken[len(broken)-8] ^= 1
	const i, l = "t10k-images-idx3-ubyte: ", "t10k-labels-idx1-ubyte: "
	for name, test := range map[string]struct {
		images, labels []byte
		want           string
	}{
		"empty":           {nil, labels, i + "data end inside the header of 16 bytes"},
		"half a header":   {images[:11], labels, i + "data end inside the header of 16 bytes"},
		"half packed":     {pack(t, images[:11]), labels, i + "data end inside the header of 16 bytes"},
		"swapped":         {labels, images, i + "byte 0: magic 0x00000801, want 0x00000803 (this is a labels file)"},
		"twice":           {images, images, l + "byte 0: magic 0x00000803, want 0x00000801 (this is an images file)"},
		"floats":          {idx(0x0d03, []uint32{3, 2, 5}, nil), labels, i + "byte 0: magic 0x00000d03, want 0x00000803 (this is IDX with 32-bit floats in 3 dimensions)"},
		"no IDX":          {[]byte("GIF89a; a picture"), labels, i + "byte 0: magic 0x47494638, want 0x00000803 (this is not an IDX file)"},
		"short":           {images[:45], labels, i + "want 46 bytes (16 of header, 30 of data), the file has 45"},
		"long":            {append(bytes.Clone(images), 0), labels, i + "want 46 bytes (16 of header, 30 of data), the file has 47"},
		"short packed":    {pack(t, images[:45]), labels, i + "data end after 29 of 30 bytes"},
		"long packed":     {pack(t, append(bytes.Clone(images), 0)), labels, i + "data go on after the expected 30 bytes"},
		"huge":            {idx(idxImages, []uint32{1 << 31, 1 << 31, 1 << 31}, nil), labels, i + "byte 4: sizes [2147483648 2147483648 2147483648] make more than 2147483648 bytes"},
		"large":           {idx(idxImages, []uint32{1 << 20, 32, 32}, nil), labels, i + "want 1073741840 bytes (16 of header, 1073741824 of data), the file has 16"},
		"large packed":    {pack(t, idx(idxImages, []uint32{1 << 20, 32, 32}, nil)), labels, i + "the header promises 1073741824 bytes, more than"},
		"cut gzip":        {packed[:len(packed)-12], labels, i + ""},
		"broken gzip":     {broken, labels, i + "gzip checksum differs: the file is damaged"},
		"gzip header":     {[]byte("\x1f\x8b\x00\x00\x00\x00\x00\x00\x00\x00"), labels, i + "damaged gzip header"},
		"fewer labels":    {images, idx(idxLabels, []uint32{2}, []byte{0, 1}), l + "2 labels for the 3 images of "},
		"no images":       {idx(idxImages, []uint32{0, 2, 5}, nil), idx(idxLabels, []uint32{0}, nil), "no images"},
		"no pixels":       {idx(idxImages, []uint32{3, 0, 5}, nil), labels, i + "byte 8: images of 0x5 pixels"},
		"labels too many": {images, idx(idxLabels, []uint32{3}, []byte{0, 1, 2, 3}), l + "want 11 bytes (8 of header, 3 of data), the file has 12"},
	} {
		t.Run(name, func(t *testing.T) {
			openRefused(t, "mnist:"+mnistFolder(t, "t10k", test.images, test.labels), test.want)
		})
	}
}

// A gzip file that unpacks to 64 MiB is left where its header is satisfied, or where nothing can satisfy it.
func TestGzipBomb(t *testing.T) {
	bomb := pack(t, append(idx(idxImages, []uint32{1, 28, 28}, nil), make([]byte, 1<<26)...))
	dir := mnistFolder(t, "t10k", bomb, idx(idxLabels, []uint32{1}, []byte{0}))
	before := allocated()
	openRefused(t, "mnist:"+dir, "data go on after the expected 784 bytes")
	if took := allocated() - before; took > 8<<20 {
		t.Errorf("%d bytes taken for 784 pixels", took)
	}
}

// A header that promises a gigabyte, which the packed length could hold, takes memory only for what arrives.
func TestGzipPromise(t *testing.T) {
	noise := make([]byte, 2<<20) // packs badly
	state := uint64(1)
	for i := range noise {
		state = state*6364136223846793005 + 1442695040888963407
		noise[i] = byte(state >> 56)
	}
	dir := mnistFolder(t, "t10k", pack(t, append(idx(idxImages, []uint32{1 << 20, 32, 32}, nil), noise...)), idx(idxLabels, []uint32{1}, []byte{0}))
	before := allocated()
	openRefused(t, "mnist:"+dir, "data end after 2097152 of 1073741824 bytes")
	if took := allocated() - before; took > 32<<20 {
		t.Errorf("%d bytes taken for %d that arrived", took, len(noise))
	}
}

// allocated is the number of bytes ever taken from the heap.
func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

func TestNotRegular(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "t10k-labels-idx1-ubyte", idx(idxLabels, []uint32{1}, []byte{0}))
	if err := os.Mkdir(filepath.Join(dir, "t10k-images-idx3-ubyte"), 0o755); err != nil {
		t.Fatal(err)
	}
	openRefused(t, "mnist:"+dir, "t10k-images-idx3-ubyte: not a regular file")
}

// FuzzIDX feeds any bytes to the reader: it neither panics nor returns anything that does not write back to them.
func FuzzIDX(f *testing.F) {
	images := idx(idxImages, []uint32{3, 2, 5}, counting(30))
	for _, seed := range [][]byte{nil, images, images[:20], idx(idxLabels, []uint32{3}, []byte{1, 2, 3}),
		idx(idxImages, []uint32{1 << 31, 1 << 31, 1 << 31}, nil), pack(f, images), pack(f, images)[:25]} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, content []byte, isImages bool) {
		s, err := newStored(context.Background(), "fuzz", bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		magic := uint32(idxLabels)
		if isImages {
			magic = idxImages
		}
		sizes, data, err := readIDX(s, magic)
		if err != nil || s.packed {
			return
		}
		var words []uint32
		for _, size := range sizes {
			words = append(words, uint32(size))
		}
		if !bytes.Equal(idx(magic, words, data), content) {
			t.Errorf("sizes %v and %d bytes of %d", sizes, len(data), len(content))
		}
	})
}
