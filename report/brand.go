package report

import (
	"bytes"
	"image"
	_ "image/jpeg" // logos come in both forms
	_ "image/png"
	"math"
	"strconv"
	"strings"

	"holdfast/report/chart"
	"holdfast/report/font"
)

// A Brand is how the documents of an organisation look. The zero value is ours.
type Brand struct {
	Paper  Paper
	Colour string // accent as #RRGGBB; anything else: ours. Charts keep their colours, which can be told apart
	Logo   []byte // PNG or JPEG of at most MaxLogo bytes; anything else is left out
	Footer string // stands at the foot of every page
	Font   string // family of the text in HTML and DOCX, where the reader has it; empty: ours
}

// MaxLogo bounds a logo in bytes; maxLogoSide in pixels.
const (
	MaxLogo     = 1 << 20
	maxLogoSide = 4000
)

// Paper is a size of paper.
type Paper string

// The sizes. Anything else is A4.
const (
	A4     Paper = "A4"
	Letter Paper = "Letter"
)

// leaf is a page with its margins, in points.
type leaf struct{ width, height, side, top, bottom float64 }

// leaf of the document: generous margins, less of them when the page lies across.
func (d Document) leaf() leaf {
	l := leaf{595.28, 841.89, 68, 92, 84}
	if d.Brand.Paper == Letter {
		l.width, l.height = 612, 792
	}
	if d.Landscape {
		l.width, l.height, l.side = l.height, l.width, 56
	}
	return l
}

// text is the width, room the height that blocks may take; lowest is where it ends.
func (l leaf) text() float64   { return l.width - 2*l.side }
func (l leaf) room() float64   { return l.height - l.top - l.bottom }
func (l leaf) lowest() float64 { return l.height - l.bottom }

// rgb is a colour of the document: the brand's own where ours is the accent.
func (b Brand) rgb(c chart.Colour) font.RGB {
	own, ok := b.accent()
	if !ok || c != chart.Accent && c != chart.AccentSoft {
		return c.RGB()
	}
	if c == chart.AccentSoft {
		return soft(own)
	}
	return own
}

// soft is the pale ground of boxes in a colour.
func soft(c font.RGB) font.RGB {
	pale := func(v uint8) uint8 { return uint8(255 - float64(255-v)*0.14) }
	return font.RGB{R: pale(c.R), G: pale(c.G), B: pale(c.B)}
}

// hex is rgb as six digits.
func (b Brand) hex(c chart.Colour) string {
	const digits = "0123456789ABCDEF"
	v := b.rgb(c)
	return string([]byte{digits[v.R>>4], digits[v.R&15], digits[v.G>>4], digits[v.G&15], digits[v.B>>4], digits[v.B&15]})
}

// accent is the brand's colour, darkened until text in it can be read on its own pale
// ground, and so on white.
func (b Brand) accent() (font.RGB, bool) {
	s := strings.TrimPrefix(b.Colour, "#")
	v, err := strconv.ParseUint(s, 16, 32)
	if err != nil || len(s) != 6 || len(b.Colour) != 7 {
		return font.RGB{}, false
	}
	c := font.RGB{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v)}
	for contrast(c, soft(c)) < 4.5 {
		c = font.RGB{R: uint8(float64(c.R) * 0.94), G: uint8(float64(c.G) * 0.94), B: uint8(float64(c.B) * 0.94)}
	}
	return c, true
}

// contrast is that of text on a lighter ground (WCAG 2, 1 to 21).
func contrast(text, ground font.RGB) float64 {
	return (luminance(ground) + 0.05) / (luminance(text) + 0.05)
}

// luminance is how bright a colour is, 0 to 1 (WCAG 2).
func luminance(c font.RGB) float64 {
	part := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

// family is the font of the text, safe to stand in a style; empty: ours.
func (b Brand) family() string {
	f := font.OneLine(b.Font)
	if len(f) > 60 || strings.Trim(f, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -") != "" {
		return ""
	}
	return f
}

// A logo is a picture that was looked at and found to be one.
type logo struct {
	format        string // "png" or "jpeg"
	data          []byte
	width, height float64 // in points, as it stands on the cover
}

// The room of a logo on the cover, in points.
const (
	logoWidth  = 170.0
	logoHeight = 52.0
)

// CheckLogo tells why a picture cannot be a logo; empty: it can.
func CheckLogo(data []byte) string {
	if len(data) > MaxLogo {
		return "it is larger than 1 MB"
	}
	c, format, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case err != nil || format != "png" && format != "jpeg":
		return "it is neither PNG nor JPEG"
	case c.Width < 1 || c.Height < 1 || c.Width > maxLogoSide || c.Height > maxLogoSide:
		return "its sides have to be between 1 and 4000 pixels"
	}
	if _, _, err := image.Decode(bytes.NewReader(data)); err != nil {
		return "it is damaged"
	}
	return ""
}

// logo of the brand, fitted into its room; false when there is none.
func (b Brand) logo() (logo, bool) {
	if len(b.Logo) == 0 || CheckLogo(b.Logo) != "" {
		return logo{}, false
	}
	c, format, err := image.DecodeConfig(bytes.NewReader(b.Logo))
	if err != nil {
		return logo{}, false
	}
	scale := min(logoWidth/float64(c.Width), logoHeight/float64(c.Height))
	return logo{format: format, data: b.Logo, width: float64(c.Width) * scale, height: float64(c.Height) * scale}, true
}
