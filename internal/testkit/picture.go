package testkit

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
)

// unseen is by how much of 255 a channel of a pixel may be off: processors round
// the blends at the edges of letters differently, and no eye tells.
const unseen = 2

// Compare tells which share of the pixels of two pictures differs, from 0 to 1, and
// draws the difference: what is the same is faint, what differs is red. Pictures of
// different size differ wholly.
func Compare(got, want image.Image) (share float64, difference image.Image) {
	g, w := flat(got), flat(want)
	if g.Rect != w.Rect {
		return 1, g
	}
	drawn := image.NewNRGBA(g.Rect)
	differ := 0
	for i := 0; i < len(g.Pix); i += 4 {
		if apart(g.Pix[i:i+4], w.Pix[i:i+4]) {
			differ++
			copy(drawn.Pix[i:], []byte{220, 20, 20, 255})
			continue
		}
		grey := byte(200 + (int(g.Pix[i])+int(g.Pix[i+1])+int(g.Pix[i+2]))*55/(3*255))
		copy(drawn.Pix[i:], []byte{grey, grey, grey, 255})
	}
	return float64(differ) / float64(max(1, g.Rect.Dx()*g.Rect.Dy())), drawn
}

func apart(a, b []byte) bool {
	for i := range a {
		if d := int(a[i]) - int(b[i]); d > unseen || d < -unseen {
			return true
		}
	}
	return false
}

// flat is a picture whose pixels are bytes that begin at the origin.
func flat(p image.Image) *image.NRGBA {
	f := image.NewNRGBA(image.Rect(0, 0, p.Bounds().Dx(), p.Bounds().Dy()))
	draw.Draw(f, f.Rect, p, p.Bounds().Min, draw.Src)
	return f
}

// encodePNG writes a picture as small as the format allows without loss.
func encodePNG(to io.Writer, p image.Image) error {
	small := png.Encoder{CompressionLevel: png.BestCompression}
	return small.Encode(to, indexed(flat(p)))
}

// indexed numbers the colours of a picture where there are few enough of them.
func indexed(f *image.NRGBA) image.Image {
	numbers := map[color.NRGBA]uint8{}
	indexed := image.NewPaletted(f.Rect, nil)
	for i := 0; i < len(f.Pix); i += 4 {
		c := color.NRGBA{f.Pix[i], f.Pix[i+1], f.Pix[i+2], f.Pix[i+3]}
		n, known := numbers[c]
		if !known {
			if len(indexed.Palette) == 256 {
				return f
			}
			n = uint8(len(indexed.Palette))
			numbers[c], indexed.Palette = n, append(indexed.Palette, c)
		}
		indexed.Pix[i/4] = n
	}
	return indexed
}
