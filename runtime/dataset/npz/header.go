package npz

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"spikec/runtime/dataset/internal/bounded"
)

const magic = "\x93NUMPY"

// maxHeader is the longest header accepted. NumPy refuses to evaluate more than 10,000 characters by default.
const maxHeader = 1 << 16

// header is what stands in front of the elements.
type header struct {
	kind    byte
	width   int
	big     bool // elements are big-endian
	fortran bool // first dimension fastest
	shape   []int
	length  int64 // bytes from the magic to the first element
	data    int64 // bytes of all elements
}

// readHeader reads up to the first element.
func readHeader(r io.Reader) (header, error) {
	start := make([]byte, 10)
	if _, err := io.ReadFull(r, start); err != nil {
		return header{}, endsInside(err, "the first 10 bytes")
	}
	if string(start[:6]) != magic {
		return header{}, fmt.Errorf("byte 0: magic %q, want %q", start[:6], magic)
	}
	length := int64(binary.LittleEndian.Uint16(start[8:]))
	switch start[6] {
	case 1:
	case 2, 3:
		high := make([]byte, 2)
		if _, err := io.ReadFull(r, high); err != nil {
			return header{}, endsInside(err, "the header length")
		}
		length |= int64(binary.LittleEndian.Uint16(high)) << 16
		start = append(start, high...)
	default:
		return header{}, fmt.Errorf("byte 6: version %d.%d, want 1.0, 2.0 or 3.0", start[6], start[7])
	}
	if length > maxHeader {
		return header{}, fmt.Errorf("byte 8: header of %d bytes, want at most %d", length, maxHeader)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return header{}, endsInside(err, fmt.Sprintf("the header of %d bytes", length))
	}
	h, err := parseHeader(string(text))
	if err != nil {
		return header{}, fmt.Errorf("header %.200q: %w", strings.TrimRight(string(text), " \n"), err)
	}
	h.length = int64(len(start)) + length
	return h, nil
}

func endsInside(err error, what string) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("data end inside %s", what)
	}
	return err
}

// parseHeader reads the Python dict literal {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
func parseHeader(text string) (header, error) {
	var h header
	s := &scanner{text: text}
	s.expect("{")
	seen := map[string]bool{}
	for s.err == nil && !s.accept("}") {
		key := s.quoted()
		s.expect(":")
		if seen[key] {
			return h, fmt.Errorf("%q stands twice", key)
		}
		seen[key] = true
		switch key {
		case "descr":
			s.descr(&h)
		case "fortran_order":
			h.fortran = s.boolean()
		case "shape":
			h.shape = s.tuple()
		default:
			s.fail(fmt.Errorf("unknown key %q", key))
		}
		if !s.accept(",") {
			s.expect("}")
			break
		}
	}
	if s.err == nil && strings.TrimSpace(s.text) != "" {
		s.fail(fmt.Errorf("text after the closing brace"))
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if s.err == nil && !seen[key] {
			s.fail(fmt.Errorf("no %q", key))
		}
	}
	if s.err != nil {
		return h, s.err
	}
	var ok bool
	if h.data, ok = bounded.Product(append([]int{h.width}, h.shape...)...); !ok {
		return h, fmt.Errorf("shape %s of %s is more than %d bytes", shapeText(h.shape), typeName(h.kind, h.width), int64(bounded.MaxBytes))
	}
	return h, nil
}

// scanner reads Python literals from the front of text and keeps the first error.
type scanner struct {
	text string
	err  error
}

func (s *scanner) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// accept takes token, if it comes next, and the blanks before it.
func (s *scanner) accept(token string) bool {
	s.text = strings.TrimLeft(s.text, " \t\n")
	rest, ok := strings.CutPrefix(s.text, token)
	if ok {
		s.text = rest
	}
	return ok
}

func (s *scanner) expect(token string) {
	if !s.accept(token) {
		s.fail(fmt.Errorf("want %q before %.20q", token, s.text))
	}
}

// quoted takes a string in single or double quotes, without escapes.
func (s *scanner) quoted() string {
	quote := "'"
	if !s.accept(quote) {
		quote = `"`
		s.expect(quote)
	}
	value, rest, ok := strings.Cut(s.text, quote)
	if !ok {
		s.fail(errors.New("a string has no end"))
	}
	s.text = rest
	return value
}

func (s *scanner) boolean() bool {
	if s.accept("True") {
		return true
	}
	if !s.accept("False") {
		s.fail(fmt.Errorf("want True or False before %.20q", s.text))
	}
	return false
}

// tuple takes (), (5,) or (2, 3), with the L that Python 2 put behind a number.
func (s *scanner) tuple() []int {
	s.expect("(")
	var sizes []int
	for s.err == nil && !s.accept(")") {
		s.text = strings.TrimLeft(s.text, " ")
		end := len(s.text) - len(strings.TrimLeft(s.text, "0123456789"))
		size, err := strconv.ParseInt(s.text[:end], 10, 0)
		if err != nil {
			s.fail(fmt.Errorf("shape: want a size before %.20q", s.text))
			break
		}
		sizes, s.text = append(sizes, int(size)), s.text[end:]
		s.accept("L")
		if !s.accept(",") {
			s.expect(")")
			break
		}
	}
	return sizes
}

// descr takes an element type such as '<f4'.
func (s *scanner) descr(h *header) {
	if s.accept("[") {
		s.fail(errors.New("structured elements (a list of fields) are not supported"))
		return
	}
	text := s.quoted()
	if s.err != nil {
		return
	}
	if len(text) < 2 {
		s.fail(fmt.Errorf("element type %q", text))
		return
	}
	if text[1] == 'O' {
		s.fail(fmt.Errorf("element type %q: Python objects (pickled) are not supported", text))
		return
	}
	h.big, h.kind = text[0] == '>', text[1]
	widths := map[byte][]int{'f': {2, 4, 8}, 'i': {1, 2, 4, 8}, 'u': {1, 2, 4, 8}, 'b': {1}}[h.kind]
	width, err := strconv.Atoi(text[2:])
	if err != nil || !slices.Contains(widths, width) || !strings.Contains("<>|", text[:1]) || (text[0] == '|' && width > 1) {
		s.fail(fmt.Errorf("element type %q; want bool, int8 to int64, uint8 to uint64, or float16 to float64", text))
		return
	}
	h.width = width
}
