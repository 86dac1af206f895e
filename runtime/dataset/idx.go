package dataset

import (
	"encoding/binary"
	"fmt"

	"spikec/runtime/dataset/internal/bounded"
)

// IDX, the format of MNIST and its relatives, big-endian: bytes 0, 0, element type, number of dimensions D; then D
// sizes of 4 bytes; then the elements, last dimension fastest. Source: Y. LeCun's MNIST page, "file formats".
const (
	idxImages = 0x00000803 // unsigned bytes; images, rows, columns
	idxLabels = 0x00000801 // unsigned bytes; labels
)

// readIDX reads a whole file that must begin with magic. It returns the sizes and the elements.
func readIDX(s *stored, magic uint32) (sizes []int, data []byte, err error) {
	const words = 4 // bytes of a word
	header := make([]byte, words+words*int(magic&0xff))
	what := fmt.Sprintf("the header of %d bytes", len(header))
	if err := s.start(header[:words], what); err != nil {
		return nil, nil, err
	}
	if got := binary.BigEndian.Uint32(header); got != magic {
		return nil, nil, s.errorf("byte 0: magic %#08x, want %#08x (%s)", got, magic, idxMeaning(got))
	}
	if err := s.start(header[words:], what); err != nil {
		return nil, nil, err
	}
	for at := words; at < len(header); at += words {
		sizes = append(sizes, int(int64(binary.BigEndian.Uint32(header[at:]))))
	}
	promised, ok := bounded.Product(sizes...)
	if !ok {
		return nil, nil, s.errorf("byte 4: sizes %v make more than %d bytes", sizes, int64(bounded.MaxBytes))
	}
	data, err = s.rest(int64(len(header)), promised)
	return sizes, data, err
}

// idxMeaning says what a wrong magic number stands for.
func idxMeaning(magic uint32) string {
	types := map[uint32]string{0x08: "unsigned bytes", 0x09: "signed bytes", 0x0b: "16-bit integers",
		0x0c: "32-bit integers", 0x0d: "32-bit floats", 0x0e: "64-bit floats"}
	name, ok := types[magic>>8]
	switch {
	case magic == idxImages:
		return "this is an images file"
	case magic == idxLabels:
		return "this is a labels file"
	case ok:
		return fmt.Sprintf("this is IDX with %s in %d dimensions", name, magic&0xff)
	}
	return "this is not an IDX file"
}

// idxSet joins an images file and a labels file.
func idxSet(images, labels *stored) (*Set, error) {
	sizes, pixels, err := readIDX(images, idxImages)
	if err != nil {
		return nil, err
	}
	count, classes, err := readIDX(labels, idxLabels)
	if err != nil {
		return nil, err
	}
	if sizes[0] != count[0] {
		return nil, labels.errorf("%d labels for the %d images of %s", count[0], sizes[0], images.name)
	}
	if sizes[1] == 0 || sizes[2] == 0 {
		return nil, images.errorf("byte 8: images of %dx%d pixels", sizes[1], sizes[2])
	}
	set := &Set{Shape: [3]int{1, sizes[1], sizes[2]}, Pixels: pixels, Labels: make([]int, len(classes))}
	for i, class := range classes {
		set.Labels[i] = int(class)
	}
	if err := set.complete(); err != nil {
		return nil, labels.errorf("%w", err)
	}
	return set, nil
}
