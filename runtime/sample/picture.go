package sample

import "spikec/runtime/encode"

// picture makes a picture of codes, C,H,W order: with its border, in colours where there are three channels, else of the mean of all. Values with
// signs are grey at 0. A side of more than maxSide pixels is made smaller by a whole factor, by means over squares.
func picture(codes []uint8, c encode.Coding) *Picture {
	channels, height, width := c.Shape[0], c.Presented()[1], c.Presented()[2]
	if min(height, width) < 2 {
		return nil
	}
	value := func(ch, y, x int) int { return int(codes[(ch*height+y)*width+x]) }
	if c.Split { // channel 2c holds what is positive, 2c+1 what is negative
		plain := value
		value = func(ch, y, x int) int { return (255 + plain(2*ch, y, x) - plain(2*ch+1, y, x)) / 2 }
	}
	by := (max(height, width) + maxSide - 1) / maxSide
	p := &Picture{Width: width / by, Height: height / by, Channels: 1}
	if channels == 3 {
		p.Channels = 3
	}
	if p.Width == 0 || p.Height == 0 {
		return nil
	}
	for y := range p.Height {
		for x := range p.Width {
			for k := range p.Channels {
				sum, n := 0, 0
				for ch := range channels {
					if p.Channels == 3 && ch != k {
						continue
					}
					for dy := range by {
						for dx := range by {
							sum += value(ch, y*by+dy, x*by+dx)
							n++
						}
					}
				}
				p.Pixels = append(p.Pixels, uint8(sum/n))
			}
		}
	}
	return p
}
