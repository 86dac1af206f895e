package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"time"
)

// entry is a file of an archive.
type entry struct {
	name, path string
	program    bool
}

// mode is the permissions of the file.
func (e entry) mode() os.FileMode {
	if e.program {
		return 0o755
	}
	return 0o644
}

// tarGzip writes entries below a folder. There is nothing in the archive but names, modes, the date and contents.
func tarGzip(w io.Writer, folder string, entries []entry, date time.Time) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	for _, e := range entries {
		content, err := os.ReadFile(e.path)
		if err != nil {
			return err
		}
		h := &tar.Header{Name: folder + "/" + e.name, Mode: int64(e.mode()), Size: int64(len(content)), ModTime: date, Format: tar.FormatUSTAR}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(content); err != nil {
			return err
		}
	}
	return errors.Join(t.Close(), z.Close())
}

// zipped is as tarGzip.
func zipped(w io.Writer, folder string, entries []entry, date time.Time) error {
	z := zip.NewWriter(w)
	for _, e := range entries {
		content, err := os.ReadFile(e.path)
		if err != nil {
			return err
		}
		h := &zip.FileHeader{Name: folder + "/" + e.name, Method: zip.Deflate, Modified: date}
		h.SetMode(e.mode())
		f, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := f.Write(content); err != nil {
			return err
		}
	}
	return z.Close()
}
