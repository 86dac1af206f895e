package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A binary CIFAR-10 batch is a sequence of records: a label byte 0..9, then 1,024 bytes each of red, green and blue,
// row by row. Source: A. Krizhevsky's CIFAR-10 page, "binary version"; 10,000 records a file there, any number here.
const (
	cifarPixels = 3 * 32 * 32
	cifarRecord = 1 + cifarPixels
	// cifarMost bounds the records of a file: all of CIFAR-10. There is no header that could promise a number.
	cifarMost = 60000
)

func init() {
	register(Source{
		Scheme:  "cifar10",
		Forms:   []string{"cifar10:DIR"},
		About:   "colour images 32x32 in ten classes: a folder with test_batch.bin and, for calibration, data_batch_*.bin (each may be .gz)",
		Origin:  "A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009 (binary version)",
		Licence: "none stated by the author; not bundled",
		open: func(ctx context.Context, dir string) (*Set, error) {
			path, err := locate(dir, "test_batch.bin")
			if err != nil {
				return nil, err
			}
			return openCIFAR10(ctx, dir+", test set", path)
		},
		openTraining: func(ctx context.Context, dir string) (*Set, error) {
			paths, err := cifarTraining(dir)
			if err != nil {
				return nil, err
			}
			return openCIFAR10(ctx, dir+", training set", paths...)
		},
	})
}

// cifarTraining lists the training batches in dir, sorted by name; where one is there plain and packed, the plain one.
func cifarTraining(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".gz")
		if ok, _ := filepath.Match("data_batch_*.bin", name); ok {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no file data_batch_*.bin or data_batch_*.bin.gz", dir)
	}
	slices.Sort(names)
	var paths []string
	for _, name := range slices.Compact(names) {
		path, err := locate(dir, name)
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// openCIFAR10 joins the images of the given files.
func openCIFAR10(ctx context.Context, name string, paths ...string) (*Set, error) {
	set := &Set{
		Name: name, Shape: [3]int{3, 32, 32}, Classes: 10,
		ClassNames: []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
	}
	for _, path := range paths {
		s, err := openStored(ctx, path)
		if err != nil {
			return nil, err
		}
		err = appendCIFAR10(set, s)
		s.close()
		if err != nil {
			return nil, err
		}
	}
	if err := set.complete(); err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(paths, ", "), err)
	}
	return set, nil
}

// appendCIFAR10 adds the images of one file to set.
func appendCIFAR10(set *Set, s *stored) error {
	if !s.packed && (s.size%cifarRecord != 0 || s.size == 0) {
		return s.errorf("%d bytes, want a multiple of %d (1 label, 3x32x32 pixels)", s.size, cifarRecord)
	}
	record := make([]byte, cifarRecord)
	for i := 0; ; i++ {
		n, err := io.ReadFull(s.r, record)
		if err == io.EOF && i > 0 {
			return nil
		}
		if errors.Is(err, io.EOF) || (errors.Is(err, io.ErrUnexpectedEOF) && n > 0) {
			return s.errorf("data end after %d bytes of image %d, want %d", n, i, cifarRecord)
		}
		if err != nil {
			return s.errorf("image %d: %w", i, unpacking(err))
		}
		if i == cifarMost {
			return s.errorf("more than %d images", cifarMost)
		}
		if record[0] > 9 {
			return s.errorf("byte %d: image %d has label %d, want 0..9", i*cifarRecord, i, record[0])
		}
		set.Labels = append(set.Labels, int(record[0]))
		set.Pixels = append(set.Pixels, record[1:]...)
	}
}
