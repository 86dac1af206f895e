package build

import (
	"context"

	"spikec/runtime/encode"
	"spikec/target/chip"
	"spikec/target/image"
)

// Opened is a build that was read from its folder, and the images that it was measured on.
type Opened struct {
	Model   string
	Data    string
	Image   *image.Image
	Profile *chip.Profile
	Codes   [][]uint8 // what the chip sees of each image
}

// Open reads the build in dir and the first so many images of its data; 0 = all of them. It refuses what Check refuses.
func Open(ctx context.Context, dir string, limit int) (*Opened, error) {
	l, err := load(dir)
	if err != nil {
		return nil, err
	}
	c := &check{loaded: l, opt: CheckOptions{Limit: limit}}
	set, _, err := c.openData(ctx)
	if err != nil {
		return nil, err
	}
	found := l.manifest.Coding.Check(set, l.img.Output.Classes)
	if err := found.Err(); err != nil {
		return nil, err
	}
	o := &Opened{Model: l.manifest.Model.Name, Data: set.Name, Image: l.img, Profile: l.profile}
	enc := encode.NewEncoder(set, l.manifest.Coding)
	for i := range enc.Len() {
		o.Codes = append(o.Codes, make([]uint8, enc.Size()))
		enc.Codes(i, o.Codes[i])
	}
	return o, nil
}
