package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// source is where files come from: a folder, or a server.
type source struct {
	at     string
	remote bool
}

// newSource reads a mirror: a URL of a server, or the path of a folder.
func newSource(at string) source {
	remote := strings.HasPrefix(at, "http://") || strings.HasPrefix(at, "https://")
	return source{strings.TrimSuffix(at, "/"), remote}
}

// has reports whether the source is a folder that has a file.
func (s source) has(name string) bool {
	if s.remote {
		return false
	}
	_, err := os.Stat(filepath.Join(s.at, name))
	return err == nil
}

// where is how a file of the source is named.
func (s source) where(name string) string {
	if s.remote {
		return s.at + "/" + url.PathEscape(name)
	}
	return filepath.Join(s.at, name)
}

// open opens a file of the source.
func (s source) open(ctx context.Context, name string) (io.ReadCloser, error) {
	if !s.remote {
		f, err := os.Open(s.where(name))
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err // the message names the path
		}
		return f, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.where(name), nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	var at *url.Error
	if errors.As(err, &at) {
		return nil, at.Err
	} else if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("the server answers %s", answer.Status)
	}
	return answer.Body, nil
}
