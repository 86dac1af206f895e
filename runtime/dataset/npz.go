package dataset

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"spikec/runtime/dataset/npz"
)

func init() {
	register(Source{
		Scheme: "npz",
		Forms:  []string{"npz:FILE"},
		About:  "a NumPy archive with x (N,C,H,W), (N,H,W) or (N,D), and y (N,) of integers: uint8 x are stored pixels, any other x is the network's input as it is",
		open: func(ctx context.Context, path string) (*Set, error) {
			arrays, err := npz.Read(ctx, path, "x", "y")
			if err != nil {
				return nil, err
			}
			set, err := npzSet(arrays[0], arrays[1])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			set.Name = strings.TrimSuffix(filepath.Base(path), ".npz")
			return set, nil
		},
	})
}

// npzSet makes a set of the arrays x and y.
func npzSet(x, y *npz.Array) (*Set, error) {
	set := &Set{}
	switch len(x.Shape) {
	case 2:
		set.Shape = [3]int{x.Shape[1], 1, 1}
	case 3:
		set.Shape = [3]int{1, x.Shape[1], x.Shape[2]}
	case 4:
		set.Shape = [3]int(x.Shape[1:])
	default:
		return nil, fmt.Errorf("array %s: want (N,C,H,W), (N,H,W) or (N,D)", x)
	}
	if x.Shape[0] > 0 && set.Size() == 0 {
		return nil, fmt.Errorf("array %s: images without pixels", x)
	}
	if len(y.Shape) != 1 {
		return nil, fmt.Errorf("array %s: want one label per image, (N,)", y)
	}
	if x.Shape[0] != y.Shape[0] {
		return nil, fmt.Errorf("%d labels in y for the %d images in x", y.Shape[0], x.Shape[0])
	}
	labels, err := y.Int64()
	if err != nil {
		return nil, err
	}
	set.Labels = make([]int, len(labels))
	for i, label := range labels {
		set.Labels[i] = int(label)
		if int64(set.Labels[i]) != label { // int of 32 bits
			set.Labels[i] = -1
		}
	}
	if x.Kind == 'u' && x.Width == 1 {
		set.Pixels = x.Data
	} else {
		set.Values = x.Float32()
	}
	if err := set.complete(); err != nil {
		return nil, err
	}
	return set, nil
}
