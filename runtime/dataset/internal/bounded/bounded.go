// Package bounded reads files that other people wrote without trusting what they say about their own size.
// Memory grows with the bytes that really arrive, never with a number from a header.
package bounded

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// MaxBytes is the largest amount of decoded data read from one file: 2 GiB, about thirteen times the CIFAR-10
// training set. A data set that is larger does not fit the tool's way of holding all images in memory.
const MaxBytes = 1 << 31

// MaxRatio bounds how many bytes one byte of deflate (gzip, zip) can stand for.
// Source: zlib technical details, "maximum compression factor": 1032 to 1.
const MaxRatio = 1032

// Product multiplies the sizes and reports whether all are at least 0 and the result is at most MaxBytes.
func Product(sizes ...int) (int64, bool) {
	product := int64(1)
	for _, size := range sizes {
		if size < 0 || (size > 0 && product > MaxBytes/int64(size)) {
			return 0, false
		}
		product *= int64(size)
	}
	return product, true
}

// LengthError tells that a file holds less or more data than announced.
type LengthError struct {
	Got, Want int64 // bytes; Got is meaningless where More is set
	More      bool  // data go on after Want bytes
}

func (e *LengthError) Error() string {
	if e.More {
		return fmt.Sprintf("data go on after the expected %d bytes", e.Want)
	}
	return fmt.Sprintf("data end after %d of %d bytes", e.Got, e.Want)
}

// Exactly reads want bytes from r and then its end. Anything else is a *LengthError, or the error of r or ctx.
func Exactly(ctx context.Context, r io.Reader, want int64) ([]byte, error) {
	r = Reader(ctx, r)
	var data bytes.Buffer
	got, err := data.ReadFrom(io.LimitReader(r, want))
	if err == io.ErrUnexpectedEOF || (err == nil && got < want) {
		return nil, &LengthError{Got: got, Want: want}
	}
	if err != nil {
		return nil, err
	}
	more, err := io.CopyN(io.Discard, r, 1)
	if more > 0 {
		return nil, &LengthError{Want: want, More: true}
	}
	if err != io.EOF {
		return nil, err
	}
	return data.Bytes(), nil
}

// Reader returns r with every Read refused once ctx is done.
func Reader(ctx context.Context, r io.Reader) io.Reader { return reader{ctx, r} }

type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// Open opens a regular file, following symbolic links, and returns its size. Pipes and devices, which may never
// end, are refused before they are opened.
func Open(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, &fs.PathError{Op: "open", Path: path, Err: fmt.Errorf("not a regular file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}
