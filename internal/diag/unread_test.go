package diag

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestUnread(t *testing.T) {
	_, absent := os.Open(filepath.Join(t.TempDir(), "none"))
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("load: %w", absent), "there is no such file"},
		{&fs.PathError{Op: "read", Path: "x", Err: syscall.EISDIR}, syscall.EISDIR.Error()},
		{errors.New("has more than 3 bytes"), "has more than 3 bytes"},
	} {
		if got := Unread(c.err); got != c.want {
			t.Errorf("%v is worded %q, want %q", c.err, got, c.want)
		}
	}
}
