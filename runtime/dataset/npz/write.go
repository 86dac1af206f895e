package npz

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"spikec/runtime/dataset/internal/bounded"
)

// Write writes an archive with the given arrays, deflated, without time stamps: equal arrays give equal bytes. An
// array whose Data do not have the length that Shape and Width ask for is an error.
func Write(w io.Writer, arrays ...*Array) error {
	z := zip.NewWriter(w)
	for _, a := range arrays {
		if want, ok := bounded.Product(append([]int{a.Width}, a.Shape...)...); !ok || want != int64(len(a.Data)) {
			return fmt.Errorf("npz: array %s needs %d bytes, has %d", a, want, len(a.Data))
		}
		member, err := z.CreateHeader(&zip.FileHeader{Name: a.Name + ".npy", Method: zip.Deflate})
		if err != nil {
			return fmt.Errorf("npz: %s: %w", a.Name, err)
		}
		for _, part := range [][]byte{encodeHeader(a), a.Data} {
			if _, err := member.Write(part); err != nil {
				return fmt.Errorf("npz: %s: %w", a.Name, err)
			}
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("npz: %w", err)
	}
	return nil
}

// encodeHeader is a version 1.0 header, padded so that the elements start at a multiple of 64 bytes.
func encodeHeader(a *Array) []byte {
	order := "<"
	if a.Width == 1 {
		order = "|"
	}
	text := fmt.Sprintf("{'descr': '%s%c%d', 'fortran_order': False, 'shape': %s, }", order, a.Kind, a.Width, shapeText(a.Shape))
	const before = len(magic) + 4
	text += strings.Repeat(" ", 63-(before+len(text))%64) + "\n"
	head := append([]byte(magic), 1, 0)
	head = binary.LittleEndian.AppendUint16(head, uint16(len(text)))
	return append(head, text...)
}
