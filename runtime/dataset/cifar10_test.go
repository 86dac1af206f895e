package dataset

import (
	"bytes"
	"context"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// batch is a CIFAR-10 file; the pixels of an image count from its label.
func batch(labels ...byte) []byte {
	var out []byte
	for _, label := range labels {
		out = append(out, label)
		for i := range cifarPixels {
			out = append(out, byte(i)+label)
		}
	}
	return out
}

func TestCIFAR10(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "test_batch.bin.gz", pack(t, batch(3, 0)))
	write(t, dir, "data_batch_2.bin", batch(7))
	write(t, dir, "data_batch_1.bin.gz", pack(t, batch(1, 2)))
	write(t, dir, "data_batch_1.bin", batch(5, 6)) // plain wins, and the batch is not read twice
	write(t, dir, "batches.meta.txt", []byte("airplane"))
	s := open(t, "cifar10:"+dir)
	if s.Len() != 2 || s.Shape != [3]int{3, 32, 32} || s.Classes != 10 || s.ClassNames[3] != "cat" {
		t.Errorf("%d images of %v in %d classes", s.Len(), s.Shape, s.Classes)
	}
	if !bytes.Equal(s.Pixels[:cifarPixels], batch(3)[1:]) || !bytes.Equal(s.Pixels[cifarPixels:], batch(0)[1:]) {
		t.Error("pixels differ")
	}
	training, err := OpenCalibration(context.Background(), "cifar10:"+dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{5, 6, 7}, training.Labels); diff != "" {
		t.Error(diff)
	}
}

func TestCIFAR10Refuses(t *testing.T) {
	for name, test := range map[string]struct {
		file    string
		content []byte
		want    string
	}{
		"absent":       {"other.bin", nil, "no file test_batch.bin or test_batch.bin.gz"},
		"empty":        {"test_batch.bin", nil, "test_batch.bin: 0 bytes, want a multiple of 3073"},
		"cut":          {"test_batch.bin", batch(1, 2)[:6000], "test_batch.bin: 6000 bytes, want a multiple of 3073"},
		"empty packed": {"test_batch.bin.gz", pack(t, nil), "data end after 0 bytes of image 0, want 3073"},
		"cut packed":   {"test_batch.bin.gz", pack(t, batch(1, 2)[:6000]), "data end after 2927 bytes of image 1, want 3073"},
		"label":        {"test_batch.bin", batch(1, 10), "byte 3073: image 1 has label 10, want 0..9"},
		"cut gzip":     {"test_batch.bin.gz", pack(t, batch(1, 2))[:60], "test_batch.bin.gz: "},
		"bomb":         {"test_batch.bin.gz", pack(t, make([]byte, (cifarMost+1)*cifarRecord)), "more than 60000 images"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, test.file, test.content)
			openRefused(t, "cifar10:"+dir, test.want)
		})
	}
	dir := t.TempDir()
	_, err := OpenCalibration(context.Background(), "cifar10:"+dir)
	refused(t, err, dir, "no file data_batch_*.bin or data_batch_*.bin.gz")
}

func TestCIFAR10Sample(t *testing.T) {
	const dir = "../../../shared/data/cifar10"
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no CIFAR-10 here: %v", err)
	}
	s := open(t, "cifar10:"+dir)
	for class, count := range histogram(s) {
		if count != 1000 { // 1,000 test images in each class: Krizhevsky's page
			t.Errorf("class %d has %d images", class, count)
		}
	}
}
