package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spikec/internal/diag"
)

func pngOf(t *testing.T, picture image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func jpegOf(t *testing.T, picture image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// gray is a picture whose pixels count from first.
func gray(width, height int, first byte) *image.Gray {
	picture := image.NewGray(image.Rect(0, 0, width, height))
	for i := range picture.Pix {
		picture.Pix[i] = first + byte(i)
	}
	return picture
}

// colour is a picture with 10x+y red, 100 green and 7 blue.
func colour(width, height int) *image.NRGBA {
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			picture.SetNRGBA(x, y, color.NRGBA{uint8(10*x + y), 100, 7, 255})
		}
	}
	return picture
}

func TestGrayImages(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "two/a.png", pngOf(t, gray(3, 2, 0)))
	write(t, dir, "two/b.PNG", pngOf(t, gray(3, 2, 50)))
	write(t, dir, "three/x.png", pngOf(t, gray(3, 2, 100)))
	write(t, dir, "three/.hidden", []byte("x"))
	write(t, dir, ".git/config", []byte("x"))
	s := open(t, "images:"+dir)
	want := &Set{
		Spec: "images:" + dir, Name: filepath.Base(dir), Shape: [3]int{1, 2, 3}, Classes: 2, ClassNames: []string{"three", "two"}, Labels: []int{0, 1, 1},
		Pixels: []uint8{100, 101, 102, 103, 104, 105, 0, 1, 2, 3, 4, 5, 50, 51, 52, 53, 54, 55},
	}
	want.SHA256 = want.digest()
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
}

func TestColourImages(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a/1.png", pngOf(t, colour(3, 2)))
	paletted := image.NewPaletted(image.Rect(0, 0, 3, 2), color.Palette{color.RGBA{1, 2, 3, 255}, color.RGBA{4, 5, 6, 255}})
	paletted.SetColorIndex(2, 1, 1)
	write(t, dir, "a/2.png", pngOf(t, paletted))
	flat := image.NewRGBA(image.Rect(0, 0, 3, 2))
	for i := range flat.Pix {
		flat.Pix[i] = 128
	}
	write(t, dir, "b/3.jpeg", jpegOf(t, flat))
	s := open(t, "images:"+dir)
	want := []uint8{
		0, 10, 20, 1, 11, 21, 100, 100, 100, 100, 100, 100, 7, 7, 7, 7, 7, 7,
		1, 1, 1, 1, 1, 4, 2, 2, 2, 2, 2, 5, 3, 3, 3, 3, 3, 6,
	}
	if s.Shape != [3]int{3, 2, 3} || s.Len() != 3 {
		t.Fatalf("%d images of %v", s.Len(), s.Shape)
	}
	if diff := cmp.Diff(want, s.Pixels[:36]); diff != "" {
		t.Error(diff)
	}
	for _, p := range s.Pixels[36:] {
		if p < 127 || p > 129 {
			t.Errorf("a gray of 128 became %d", p)
		}
	}
}

func TestImagesRefuse(t *testing.T) {
	good := pngOf(t, gray(3, 2, 0))
	huge := bytes.Clone(good)
	copy(huge[16:], []byte{0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff}) // IHDR: width, height; its checksum is read after
	clear := colour(3, 2)
	clear.Pix[4*4+3] = 200
	for name, test := range map[string]struct {
		file    string
		content []byte
		want    string
	}{
		"size":        {"b/2.png", pngOf(t, gray(2, 3, 0)), "gray picture 2 wide and 3 high, want gray picture 3 wide and 2 high as "},
		"colour":      {"b/2.png", pngOf(t, colour(3, 2)), "colour picture 3 wide and 2 high, want gray picture"},
		"transparent": {"a/0.png", pngOf(t, clear), "a/0.png: pixel 1,1 is transparent"},
		"16 bits":     {"b/2.png", pngOf(t, image.NewGray16(image.Rect(0, 0, 3, 2))), "16 bits a sample, want 8"},
		"text":        {"b/2.txt", []byte("x"), "2.txt: not a PNG or JPEG picture (.png, .jpg, .jpeg)"},
		"not a png":   {"b/2.png", []byte("GIF89a; a picture"), "2.png: png: invalid format"},
		"not a jpeg":  {"b/2.jpg", good, "2.jpg: invalid JPEG format"},
		"cut":         {"b/2.png", good[:len(good)-20], "2.png: "},
		"huge":        {"b/2.png", huge, "2.png: "},
		"deep":        {"b/c/2.png", good, "not a PNG or JPEG picture"},
		"loose":       {"loose.png", good, "loose.png: not a folder"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "a/1.png", good)
			write(t, dir, test.file, test.content)
			openRefused(t, "images:"+dir, test.want)
		})
	}
	openRefused(t, "images:"+t.TempDir(), "no folders; want one folder of pictures per class")
	dir := t.TempDir()
	write(t, dir, "a/1.png", good)
	if err := os.Mkdir(filepath.Join(dir, "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	openRefused(t, "images:"+dir, "b: no PNG or JPEG pictures")
}

// TestImagesRefuseAll: everything that cannot be taken is named at once, up to a bound.
func TestImagesRefuseAll(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a/1.png", pngOf(t, gray(3, 2, 0)))
	for i := range mostWrong {
		write(t, dir, fmt.Sprintf("b/%02d.png", i), pngOf(t, gray(2, 3, 0)))
	}
	write(t, dir, "c.png", pngOf(t, gray(3, 2, 0)))
	write(t, dir, "d/1.txt", []byte("x"))
	_, err := Open(context.Background(), "images:"+dir)
	var f *diag.Failure
	if !errors.As(err, &f) || len(f.List) != mostWrong+1 {
		t.Fatalf("got %v", err)
	}
	for i, d := range f.List {
		want := fmt.Sprintf("b/%02d.png: gray picture", i)
		if i == mostWrong {
			want = "2 more of its files"
		}
		if d.ID != "SPK-DATA-017" || d.Subject != "images:"+dir || !strings.Contains(d.Message, want) || (d.Remedy != "") != (i == mostWrong) {
			t.Errorf("got %+v, want %q", d, want)
		}
	}
}

// A picture that announces more pixels than any needs is refused before its pixels are decoded.
func TestImageBomb(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a/1.png", pngOf(t, gray(4097, 4096, 0)))
	before := allocated()
	openRefused(t, "images:"+dir, "1.png: 4097x4096 pixels, want at most 16777216 in all")
	if took := allocated() - before; took > 1<<20 {
		t.Errorf("%d bytes taken", took)
	}
}
