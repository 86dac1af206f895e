package dataset

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"

	"spikec/runtime/dataset/internal/bounded"
)

// maxImage bounds the pixels of one picture: 4096x4096. The decoders take memory for what the header announces.
const maxImage = 1 << 24

func init() {
	register(Source{
		Scheme: "images",
		Forms:  []string{"images:DIR"},
		About:  "a folder of PNG and JPEG pictures, one folder per class; classes are numbered in the byte order of the folders' names",
		open:   openImages,
	})
}

// decoders by ending of the file's name, in lower case.
var decoders = map[string]struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}{
	".png":  {png.DecodeConfig, png.Decode},
	".jpg":  {jpeg.DecodeConfig, jpeg.Decode},
	".jpeg": {jpeg.DecodeConfig, jpeg.Decode},
}

// openImages reads dir/CLASS/PICTURE. Folders and pictures are taken in the byte order of their names ("10" before
// "2"); names that begin with a dot are passed over; anything else that is no PNG or JPEG is an error. The error joins all that is
// wrong (mostWrong). All pictures
// have one size and are all gray (C=1) or all colour (C=3), 8 bits a sample and opaque. JPEG colours are those of Go's
// decoder, which may differ from other decoders by one or two.
func openImages(ctx context.Context, dir string) (*Set, error) {
	classes, err := visible(dir)
	if err != nil {
		return nil, err
	}
	if len(classes) == 0 {
		return nil, fmt.Errorf("%s: no folders; want one folder of pictures per class", dir)
	}
	if len(classes) > MaxClasses {
		return nil, fmt.Errorf("%s: %d folders, want at most %d classes", dir, len(classes), MaxClasses)
	}
	set := &Set{Name: filepath.Base(dir), Classes: len(classes), ClassNames: classes}
	first := "" // the picture that set the shape
	var wrong faults
	for label, class := range classes {
		folder := filepath.Join(dir, class)
		if info, err := os.Stat(folder); err == nil && !info.IsDir() {
			wrong.add(fmt.Errorf("%s: not a folder; pictures belong in one folder per class", folder))
			continue
		}
		names, err := visible(folder)
		if err != nil {
			wrong.add(err)
			continue
		}
		if len(names) == 0 {
			wrong.add(fmt.Errorf("%s: no PNG or JPEG pictures", folder))
		}
		for _, name := range names {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			path := filepath.Join(folder, name)
			if err := set.appendPicture(path, first); err != nil {
				wrong.add(fmt.Errorf("%s: %w", path, err))
				continue
			}
			if first == "" {
				first = path
			}
			set.Labels = append(set.Labels, label)
		}
	}
	if err := wrong.err(dir); err != nil {
		return nil, err
	}
	if err := set.complete(); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return set, nil
}

// mostWrong is how many of the files that cannot be taken are named.
const mostWrong = 20

// faults are files that cannot be taken.
type faults struct {
	list []error
	more int // beyond mostWrong
}

func (f *faults) add(err error) {
	if len(f.list) == mostWrong {
		f.more++
		return
	}
	f.list = append(f.list, err)
}

// err joins them; nil where there are none.
func (f *faults) err(dir string) error {
	if f.more > 0 {
		return errors.Join(append(f.list, fmt.Errorf("%s: %d more of its files cannot be taken", dir, f.more))...)
	}
	return errors.Join(f.list...)
}

// visible lists the names in a folder in byte order, without those that begin with a dot.
func visible(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// appendPicture adds the pixels of one picture; first is the path of the picture that set the shape, "" for itself.
func (s *Set) appendPicture(path, first string) error {
	decoder, ok := decoders[strings.ToLower(filepath.Ext(path))]
	if !ok {
		return fmt.Errorf("not a PNG or JPEG picture (.png, .jpg, .jpeg)")
	}
	f, _, err := bounded.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	config, err := decoder.config(f)
	if err != nil {
		return err
	}
	channels, err := channelsOf(config.ColorModel)
	if err != nil {
		return err
	}
	if pixels, ok := bounded.Product(config.Width, config.Height); !ok || pixels > maxImage {
		return fmt.Errorf("%dx%d pixels, want at most %d in all", config.Width, config.Height, maxImage)
	}
	shape := [3]int{channels, config.Height, config.Width}
	if first == "" {
		s.Shape = shape
	}
	if shape != s.Shape {
		return fmt.Errorf("%s, want %s as %s has", pictureText(shape), pictureText(s.Shape), first)
	}
	if int64(len(s.Pixels))+int64(s.Size()) > bounded.MaxBytes {
		return fmt.Errorf("the pictures up to this one have more than %d pixels", int64(bounded.MaxBytes))
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	picture, err := decoder.decode(f)
	if err != nil {
		return err
	}
	return s.appendPixels(picture)
}

func pictureText(shape [3]int) string {
	kind := map[int]string{1: "gray", 3: "colour"}[shape[0]]
	return fmt.Sprintf("%s picture %d wide and %d high", kind, shape[2], shape[1])
}

// channelsOf tells gray from colour and refuses what 8 bits a channel cannot hold.
func channelsOf(model color.Model) (int, error) {
	switch model {
	case color.GrayModel:
		return 1, nil
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		return 0, fmt.Errorf("16 bits a sample, want 8")
	case color.CMYKModel:
		return 0, fmt.Errorf("CMYK colours, want gray or RGB")
	}
	return 3, nil
}

// appendPixels adds the pixels of a decoded picture, plane by plane.
func (s *Set) appendPixels(picture image.Image) error {
	bounds, width, height := picture.Bounds(), s.Shape[2], s.Shape[1]
	if bounds.Dx() != width || bounds.Dy() != height {
		return fmt.Errorf("%dx%d pixels, the header says %dx%d", bounds.Dx(), bounds.Dy(), width, height)
	}
	if s.Shape[0] == 1 {
		gray, ok := picture.(*image.Gray)
		if !ok {
			return fmt.Errorf("the header says gray, the pixels are %T", picture)
		}
		for y := range height {
			s.Pixels = append(s.Pixels, gray.Pix[y*gray.Stride:][:width]...)
		}
		return nil
	}
	rgba := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(rgba, rgba.Bounds(), picture, bounds.Min, draw.Src)
	for i := 3; i < len(rgba.Pix); i += 4 {
		if rgba.Pix[i] != 0xff {
			return fmt.Errorf("pixel %d,%d is transparent, want opaque pictures", i/4%width, i/4/width)
		}
	}
	for channel := range 3 {
		for i := channel; i < len(rgba.Pix); i += 4 {
			s.Pixels = append(s.Pixels, rgba.Pix[i])
		}
	}
	return nil
}
