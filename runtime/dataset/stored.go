package dataset

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"spikec/runtime/dataset/internal/bounded"
)

// stored is a file that is read once, from front to back, and unpacked on the way where it is gzip.
type stored struct {
	name   string // the path as the user knows it
	size   int64  // bytes of the file as it is
	packed bool
	ctx    context.Context
	r      io.Reader // unpacked bytes
	file   io.Closer // nil for bytes in memory
}

// openStored opens the file at path.
func openStored(ctx context.Context, path string) (*stored, error) {
	f, size, err := bounded.Open(path)
	if err != nil {
		return nil, err
	}
	s, err := newStored(ctx, path, f, size)
	if err != nil {
		f.Close()
		return nil, err
	}
	s.file = f
	return s, nil
}

// newStored reads a file of size bytes from r. Gzip is recognised by its first two bytes, not by the name.
func newStored(ctx context.Context, name string, r io.Reader, size int64) (*stored, error) {
	buffered := bufio.NewReaderSize(bounded.Reader(ctx, r), 1<<16)
	s := &stored{name: name, size: size, ctx: ctx, r: buffered}
	start, err := buffered.Peek(2)
	if err != nil && err != io.EOF {
		return nil, s.errorf("%w", err)
	}
	if string(start) == "\x1f\x8b" {
		if s.r, err = gzip.NewReader(buffered); err != nil {
			return nil, s.errorf("%w", unpacking(err))
		}
		s.packed = true
	}
	return s, nil
}

// close closes the file; there is nothing to report after reading.
func (s *stored) close() {
	if s.file != nil {
		s.file.Close()
	}
}

// errorf makes an error that names the file.
func (s *stored) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %w", s.name, fmt.Errorf(format, args...))
}

// start fills p with the next bytes of a header; what is the header's name in errors.
func (s *stored) start(p []byte, what string) error {
	_, err := io.ReadFull(s.r, p)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return s.errorf("data end inside %s", what)
	}
	if err != nil {
		return s.errorf("%w", unpacking(err))
	}
	return nil
}

// rest reads the promised bytes that follow a header of before bytes, up to the end of the file. The promise is
// compared with the length of the file before memory is taken.
func (s *stored) rest(before, promised int64) ([]byte, error) {
	if !s.packed && s.size != before+promised {
		return nil, s.errorf("want %d bytes (%d of header, %d of data), the file has %d", before+promised, before, promised, s.size)
	}
	if s.packed && promised/bounded.MaxRatio > s.size {
		return nil, s.errorf("the header promises %d bytes, more than %d packed bytes can hold", promised, s.size)
	}
	data, err := bounded.Exactly(s.ctx, s.r, promised)
	if err != nil {
		return nil, s.errorf("%w", unpacking(err))
	}
	return data, nil
}

// unpacking words the errors of gzip.
func unpacking(err error) error {
	switch {
	case errors.Is(err, gzip.ErrHeader):
		return errors.New("damaged gzip header")
	case errors.Is(err, gzip.ErrChecksum):
		return errors.New("gzip checksum differs: the file is damaged")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("gzip data end too early: the file is cut")
	}
	return err
}

// locate returns the first of the names that is in dir, plain or with ".gz".
func locate(dir string, names ...string) (string, error) {
	for _, name := range names {
		for _, ending := range []string{"", ".gz"} {
			path := filepath.Join(dir, name+ending)
			_, err := os.Stat(path)
			if err == nil {
				return path, nil
			}
			if !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
		}
	}
	if _, err := os.Stat(dir); err != nil {
		return "", err
	}
	return "", fmt.Errorf("%s: no file %s or %s.gz", dir, names[0], names[0])
}
