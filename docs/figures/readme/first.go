package main

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"spikec/models/zoo"
	"spikec/runtime/dataset"
)

// firstImages is how many images a folder of the first report has.
const firstImages = 1000

// first times what someone does who comes with a network and two folders of images, and returns the commands and what the
// last one prints.
func (g *generator) first(ctx context.Context, program string) (string, error) {
	folder := filepath.Join(g.scratch, "first")
	model, err := zoo.Get("mnist_cnn_plain")
	if err != nil {
		return "", err
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(folder, "model.onnx"), model.ONNX, 0o644); err != nil {
		return "", err
	}
	n := firstImages
	if g.limit > 0 {
		n = g.limit
	}
	for name, open := range map[string]func(context.Context, string) (*dataset.Set, error){"test": dataset.Open, "train": dataset.OpenCalibration} {
		set, err := open(ctx, "mnist")
		if err == nil {
			err = writeImages(filepath.Join(folder, name), set.Head(n))
		}
		if err != nil {
			return "", err
		}
	}
	var b strings.Builder
	began := time.Now()
	for _, line := range []string{
		"build model.onnx --target loihi1 --steps 64 --data images:test --calibration images:train --out build --quiet",
		"report build",
	} {
		output, err := g.run(ctx, program, folder, strings.Fields(line))
		if err != nil {
			return "", err
		}
		if strings.HasPrefix(line, "report") {
			fmt.Fprintf(&b, "$ spikec %s\n%s", line, output)
		} else {
			fmt.Fprintf(&b, "$ spikec %s\n…\n", line)
		}
	}
	return fmt.Sprintf("```console\n%s```\n\nTogether %s on %d cores, with folders of %d images each.\n", b.String(), time.Since(began).Round(time.Second), runtime.NumCPU(), n), nil
}

// writeImages writes grey images as a folder a class.
func writeImages(dir string, set *dataset.Set) error {
	h, w := set.Shape[1], set.Shape[2]
	for i, label := range set.Labels {
		picture := image.NewGray(image.Rect(0, 0, w, h))
		for k := range h * w {
			picture.SetGray(k%w, k/w, color.Gray{Y: set.Pixels[i*h*w+k]})
		}
		class := filepath.Join(dir, strconv.Itoa(label))
		if err := os.MkdirAll(class, 0o755); err != nil {
			return err
		}
		f, err := os.Create(filepath.Join(class, fmt.Sprintf("%04d.png", i)))
		if err != nil {
			return err
		}
		if err := png.Encode(f, picture); err != nil {
			f.Close()
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}
