package bounded

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

func TestProduct(t *testing.T) {
	for _, test := range []struct {
		sizes []int
		want  int64
		ok    bool
	}{
		{nil, 1, true},
		{[]int{2, 3, 5}, 30, true},
		{[]int{1 << 16, 1 << 15}, MaxBytes, true},
		{[]int{1<<16 + 1, 1 << 15}, 0, false},
		{[]int{math.MaxInt, math.MaxInt}, 0, false},
		{[]int{0, math.MaxInt, 2}, 0, true},
		{[]int{math.MaxInt, 0}, 0, false}, // too large before it is nothing
		{[]int{2, -1}, 0, false},
	} {
		if got, ok := Product(test.sizes...); got != test.want || ok != test.ok {
			t.Errorf("Product(%v) = %d, %v", test.sizes, got, ok)
		}
	}
}

func TestExactly(t *testing.T) {
	ctx := context.Background()
	data, err := Exactly(ctx, iotest.OneByteReader(strings.NewReader("abc")), 3)
	if err != nil || string(data) != "abc" {
		t.Errorf("%q, %v", data, err)
	}
	var length *LengthError
	if _, err := Exactly(ctx, strings.NewReader("abc"), 4); !errors.As(err, &length) || *length != (LengthError{Got: 3, Want: 4}) {
		t.Error(err)
	}
	if _, err := Exactly(ctx, strings.NewReader("abc"), 2); !errors.As(err, &length) || *length != (LengthError{Want: 2, More: true}) {
		t.Error(err)
	}
	broken := errors.New("broken")
	if _, err := Exactly(ctx, io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(broken)), 3); !errors.Is(err, broken) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Exactly(ctx, strings.NewReader("abc"), 3); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Error(err)
	}
	path := filepath.Join(dir, "x")
	if _, _, err := Open(path); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("abc"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, size, err := Open(path)
	if err != nil || size != 3 {
		t.Fatalf("%d bytes, %v", size, err)
	}
	f.Close()
}
