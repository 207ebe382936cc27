package font

import (
	"sync"
	"sync/atomic"

	"eliasnaur.com/font/roboto/robotobold"
	"eliasnaur.com/font/roboto/robotobolditalic"
	"eliasnaur.com/font/roboto/robotoitalic"
	"eliasnaur.com/font/roboto/robotolight"
	"eliasnaur.com/font/roboto/robotomedium"
	"eliasnaur.com/font/roboto/robotoregular"
	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansmono"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// A Face is one cut of the type.
type Face uint8

// The faces. Regular is the zero value.
const (
	Regular Face = iota
	Light
	Medium
	Bold
	Italic
	BoldItalic
	Mono
	symbols // the fallback for signs the others lack
	faceCount
)

// box stands for a sign that no face holds.
const box = '□'

var faces = [faceCount]*metrics{
	Regular:    newMetrics("sans", robotoregular.TTF),
	Light:      newMetrics("sanslight", robotolight.TTF),
	Medium:     newMetrics("sansmedium", robotomedium.TTF),
	Bold:       newMetrics("sansbold", robotobold.TTF),
	Italic:     newMetrics("sansitalic", robotoitalic.TTF),
	BoldItalic: newMetrics("sansbolditalic", robotobolditalic.TTF),
	Mono:       newMetrics("mono", dejavusansmono.TTF),
	symbols:    newMetrics("symbols", dejavusans.TTF),
}

// metrics answers how wide a sign of one face is. The font file is parsed on the
// first question, and answers are kept per block of 256 signs.
type metrics struct {
	name   string
	ttf    []byte
	parsed func() *sfnt.Font
	blocks [256]atomic.Pointer[[256]int16]
}

func newMetrics(name string, ttf []byte) *metrics {
	return &metrics{name: name, ttf: ttf, parsed: sync.OnceValue(func() *sfnt.Font {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			panic("font: the embedded face " + name + " is damaged: " + err.Error())
		}
		return f
	})}
}

// absent marks a sign that the face does not hold.
const absent = -1

// advance is the width of r in thousandths of the size, or absent. Only the Basic
// Multilingual Plane is known, because that is what a PDF of ours can address.
func (m *metrics) advance(r rune) int16 {
	if r < 0 || r > 0xFFFF {
		return absent
	}
	block := m.blocks[r>>8].Load()
	if block == nil {
		block = m.measure(r &^ 0xFF)
		m.blocks[r>>8].Store(block)
	}
	return block[r&0xFF]
}

func (m *metrics) measure(first rune) *[256]int16 {
	var (
		buf   sfnt.Buffer
		block [256]int16
	)
	f := m.parsed()
	for i := range block {
		block[i] = absent
		glyph, err := f.GlyphIndex(&buf, first+rune(i))
		if err != nil || glyph == 0 {
			continue
		}
		if width, err := f.GlyphAdvance(&buf, glyph, fixed.I(1000), font.HintingNone); err == nil {
			block[i] = int16(width.Round())
		}
	}
	return &block
}

// resolve says which face prints r and as what: the face itself, the fallback, or
// the open box. ok is false for signs that print as nothing, such as a joiner.
func resolve(f Face, r rune) (face Face, as rune, advance int16, ok bool) {
	if invisible(r) {
		return f, r, 0, false
	}
	if a := faces[f].advance(r); a != absent {
		return f, r, a, true
	}
	if a := faces[symbols].advance(r); a != absent {
		return symbols, r, a, true
	}
	return symbols, box, faces[symbols].advance(box), true
}

// invisible reports the signs that only steer others: joiners, variation
// selectors, skin tones. Without the emoji they steer they have nothing to show.
func invisible(r rune) bool {
	switch {
	case r < 0x200B:
		return r < ' '
	case r <= 0x200D, r >= 0xFE00 && r <= 0xFE0F, r >= 0x1F3FB && r <= 0x1F3FF, r >= 0xE0000 && r <= 0xE01EF:
		return true
	}
	return false
}

// Width of text set in face f at the size, in the unit of the size.
func Width(f Face, size float64, text string) float64 {
	total := 0
	for _, r := range text {
		if _, _, a, ok := resolve(f, r); ok {
			total += int(a)
		}
	}
	return float64(total) * size / 1000
}

// Covers reports whether face f, without the fallback, holds r.
func Covers(f Face, r rune) bool { return faces[f].advance(r) != absent }
