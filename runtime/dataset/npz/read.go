package npz

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"spikec/runtime/dataset/internal/bounded"
)

// Read reads the named arrays of the archive at path, in the order of names. Arrays not named are not looked at.
// Errors name the file, the array and the place.
func Read(ctx context.Context, path string, names ...string) ([]*Array, error) {
	f, size, err := bounded.Open(path)
	if err != nil {
		return nil, fmt.Errorf("npz: %w", err)
	}
	defer f.Close()
	return Decode(ctx, f, size, path, names...)
}

// Decode is Read for an archive of size bytes in r; path is what errors call it.
func Decode(ctx context.Context, r io.ReaderAt, size int64, path string, names ...string) ([]*Array, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		if errors.Is(err, zip.ErrFormat) {
			return nil, fmt.Errorf("npz: %s: not a zip archive, which every .npz is", path)
		}
		return nil, fmt.Errorf("npz: %s: %w", path, err)
	}
	arrays := make([]*Array, len(names))
	for i, name := range names {
		member, err := find(z, name)
		if err != nil {
			return nil, fmt.Errorf("npz: %s: %w", path, err)
		}
		if arrays[i], err = readMember(ctx, member, size); err != nil {
			return nil, fmt.Errorf("npz: %s: %s: %w", path, name, err)
		}
		arrays[i].Name = name
	}
	return arrays, nil
}

// find returns the one member that holds the array: "x.npy", or "x" as some writers name it.
func find(z *zip.Reader, name string) (*zip.File, error) {
	var found *zip.File
	var have []string
	for _, member := range z.File {
		base := strings.TrimSuffix(member.Name, ".npy")
		have = append(have, base)
		if base != name {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("array %q stands twice (%q and %q)", name, found.Name, member.Name)
		}
		found = member
	}
	if found == nil {
		slices.Sort(have)
		return nil, fmt.Errorf("no array %q; the archive has %.200q", name, have)
	}
	return found, nil
}

// readMember reads one .npy member of an archive of size bytes. What the archive and the header say about lengths is
// compared with each other and with the packed length first.
func readMember(ctx context.Context, member *zip.File, size int64) (*Array, error) {
	packed, length := member.CompressedSize64, member.UncompressedSize64
	if packed > uint64(size) {
		return nil, fmt.Errorf("%d packed bytes in a file of %d", packed, size)
	}
	if length/bounded.MaxRatio > packed {
		return nil, fmt.Errorf("%d packed bytes cannot hold the announced %d", packed, length)
	}
	content, err := member.Open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	r := bounded.Reader(ctx, content)
	h, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	if got := int64(length) - h.length; got != h.data {
		return nil, fmt.Errorf("shape %s of %s needs %d bytes, the member has %d",
			shapeText(h.shape), typeName(h.kind, h.width), h.data, got)
	}
	raw, err := bounded.Exactly(ctx, r, h.data)
	if err != nil {
		return nil, err
	}
	if h.big {
		swapBytes(raw, h.width)
	}
	if h.fortran && len(h.shape) > 1 {
		raw = rowMajor(raw, h.width, h.shape)
	}
	return &Array{Kind: h.kind, Width: h.width, Shape: h.shape, Data: raw}, nil
}

// swapBytes turns big-endian elements into little-endian ones in place.
func swapBytes(data []byte, width int) {
	for ; len(data) > 0; data = data[width:] {
		slices.Reverse(data[:width])
	}
}

// rowMajor turns an array whose first dimension is fastest into one whose last is.
func rowMajor(data []byte, width int, shape []int) []byte {
	step := make([]int, len(shape)) // bytes from one index to the next
	bytes := width
	for d, size := range shape {
		step[d], bytes = bytes, bytes*size
	}
	out := make([]byte, 0, len(data))
	index := make([]int, len(shape))
	at := 0
	for len(out) < len(data) {
		out = append(out, data[at:at+width]...)
		for d := len(shape) - 1; d >= 0; d-- {
			index[d]++
			at += step[d]
			if index[d] < shape[d] {
				break
			}
			at -= step[d] * shape[d]
			index[d] = 0
		}
	}
	return out
}
