package font

import (
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// Outline walks the shapes of one line of text for whoever draws without a PDF:
// every sign with the place on the baseline where it starts, in the unit of the
// size, and its contours in the same unit with y downwards. It returns the width.
func Outline(f Face, size float64, text string, sign func(x float64, contours sfnt.Segments)) float64 {
	var buf sfnt.Buffer
	ppem := fixed.Int26_6(size * 64) // fonts count in 64ths of a pixel
	x := 0.0
	for _, r := range visual(text) {
		face, as, advance, ok := resolve(f, r)
		if !ok {
			continue
		}
		parsed := faces[face].parsed()
		if glyph, err := parsed.GlyphIndex(&buf, as); err == nil {
			if contours, err := parsed.LoadGlyph(&buf, glyph, ppem, nil); err == nil {
				sign(x, contours)
			}
		}
		x += float64(advance) * size / 1000
	}
	return x
}
