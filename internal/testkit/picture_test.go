package testkit_test

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"testing"

	"perennial/internal/testkit"
)

// paper is a white picture with so many dots in a colour.
func paper(width, height, dots int, c color.Color) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(p, p.Rect, image.White, image.Point{}, draw.Src)
	for i := range dots {
		p.Set(i%width, i/width, c)
	}
	return p
}

func TestComparePictures(t *testing.T) {
	black := color.Black
	for name, c := range map[string]struct {
		got, want image.Image
		share     float64
	}{
		"identical":     {paper(200, 100, 30, black), paper(200, 100, 30, black), 0},
		"nothing seen":  {paper(200, 100, 30, color.RGBA{253, 255, 254, 255}), paper(200, 100, 0, black), 0},
		"a shade":       {paper(200, 100, 30, color.RGBA{252, 255, 255, 255}), paper(200, 100, 0, black), .0015},
		"0.04%":         {paper(200, 100, 8, black), paper(200, 100, 0, black), .0004},
		"0.06%":         {paper(200, 100, 0, black), paper(200, 100, 12, black), .0006},
		"all":           {paper(200, 100, 20_000, black), paper(200, 100, 0, black), 1},
		"wider":         {paper(201, 100, 0, black), paper(200, 100, 0, black), 1},
		"less high":     {paper(200, 99, 0, black), paper(200, 100, 0, black), 1},
		"cut elsewhere": {paper(200, 101, 200, black).SubImage(image.Rect(0, 1, 200, 101)), paper(200, 100, 0, black), 0},
		"empty":         {paper(0, 0, 0, black), paper(0, 0, 0, black), 0},
	} {
		share, difference := testkit.Compare(c.got, c.want)
		if math.Abs(share-c.share) > 1e-9 {
			t.Errorf("%s: %v differ, not %v", name, share, c.share)
		}
		red := 0
		for y := range difference.Bounds().Dy() {
			for x := range difference.Bounds().Dx() {
				if r, g, _, _ := difference.At(x, y).RGBA(); r>>8 == 220 && g>>8 == 20 {
					red++
				}
			}
		}
		if c.got.Bounds().Size() == c.want.Bounds().Size() && red != int(math.Round(share*20_000)) {
			t.Errorf("%s: %d pixels are red", name, red)
		}
	}
}
