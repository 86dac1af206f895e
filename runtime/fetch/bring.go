package fetch

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"spikec/internal/diag"
	"spikec/runtime/output"
	"spikec/runtime/progress"
)

// bring copies a file of the source to a path, and reports one that cannot be had or is another one.
func bring(ctx context.Context, from source, f File, to string, show progress.Reporter) diag.List {
	where := from.where(f.Name)
	in, err := from.open(ctx, f.Name)
	if err != nil {
		return wrong(idAbsent, where, "say with --mirror which URL or folder has the files", "cannot be read: %s", diag.Unread(err))
	}
	defer in.Close()
	task := show.Start(f.Name, int(f.Size))
	defer task.Done()
	return keep(io.TeeReader(in, counter{task}), f, where, to)
}

// counter adds bytes to a task.
type counter struct{ progress.Task }

// Write counts.
func (c counter) Write(b []byte) (int, error) {
	c.Add(len(b))
	return len(b), nil
}

// keep writes a file to a path down to the disk, and reports one that is not f. No more is read than f has, and one byte.
func keep(in io.Reader, f File, where, to string) diag.List {
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return wrong(idAbsent, where, "", "cannot be stored: %v", err)
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, h), io.LimitReader(in, f.Size+1))
	if err == nil {
		err = out.Sync()
	}
	if err := errors.Join(err, out.Close()); err != nil {
		return wrong(idAbsent, where, "try again", "was read up to byte %d: %v", n, err)
	}
	const remedy = "the source does not have the file that is known; take another one with --mirror"
	if n != f.Size {
		length := fmt.Sprint(n)
		if n > f.Size {
			length = "more"
		}
		return wrong(idOther, where, remedy, "has %s bytes, want %d", length, f.Size)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != f.SHA256 {
		return wrong(idOther, where, remedy, "has SHA-256 %s, want %s", got, f.SHA256)
	}
	return nil
}

// unpacked brings the archive, and out of it the files.
func (s *Set) unpacked(ctx context.Context, from source, folder *output.Folder, show progress.Reporter) diag.List {
	packed := folder.Path(s.Archive.Name)
	if found := bring(ctx, from, s.Archive.File, packed, show); found != nil {
		return found
	}
	found := s.unpack(packed, folder)
	if err := os.Remove(packed); err != nil {
		found = append(found, wrong(idAbsent, packed, "", "cannot be removed: %v", err)...)
	}
	return found
}

// unpack takes the files out of an archive that has the right digest.
func (s *Set) unpack(packed string, folder *output.Folder) diag.List {
	where := s.Archive.Name
	in, err := os.Open(packed)
	if err != nil {
		return wrong(idAbsent, where, "", "%v", err)
	}
	defer in.Close()
	unzipped, err := gzip.NewReader(in)
	if err != nil {
		return wrong(idOther, where, "", "%v", err)
	}
	left := map[string]File{}
	for _, f := range s.Files {
		left[path.Join(s.Archive.Folder, f.Name)] = f
	}
	var found diag.List
	for archive := tar.NewReader(unzipped); len(left) > 0; {
		header, err := archive.Next()
		if err != nil {
			return append(found, wrong(idOther, where, "", "lacks %d files of the data set: %v", len(left), err)...)
		}
		f, ok := left[path.Clean(header.Name)]
		if !ok {
			continue
		}
		delete(left, path.Clean(header.Name))
		found = append(found, keep(archive, f, where+": "+header.Name, folder.Path(f.Name))...)
	}
	return found
}

// digestOf is the SHA-256 of a file in hexadecimal.
func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
