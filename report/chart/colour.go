package chart

import (
	"fmt"
	"strings"

	"holdfast/report/font"
)

// A Colour is a role, not a value: the theme decides what it looks like.
type Colour uint8

// The roles. Severity colours are for severity alone; everything else is told
// apart by Series1 to Series6, by line pattern and by its label.
const (
	NoColour Colour = iota
	Ink
	Muted
	Grid
	Axis
	Surface
	Panel
	Accent
	AccentSoft
	Series2
	Series3
	Series4
	Series5
	Series6
	None
	Low
	Medium
	High
	Critical
	NoneSoft
	LowSoft
	MediumSoft
	HighSoft
	CriticalSoft
	lowArea
	mediumArea
	highArea
	criticalArea
	accentArea
	colourCount
)

// Series is the colour of the i-th series of a chart. It starts again after six.
func Series(i int) Colour {
	return [...]Colour{Accent, Series2, Series3, Series4, Series5, Series6}[((i%6)+6)%6]
}

// Severity is the colour of a severity word of the engine contract ("none" to
// "critical"); an unknown word has the colour of none.
func Severity(word string) Colour {
	switch strings.ToLower(word) {
	case "critical":
		return Critical
	case "high":
		return High
	case "medium":
		return Medium
	case "low":
		return Low
	}
	return None
}

// Soft is the pale partner of a colour, for areas that carry text.
func (c Colour) Soft() Colour {
	switch {
	case c >= None && c <= Critical:
		return c + (NoneSoft - None)
	case c == Accent:
		return AccentSoft
	}
	return Panel
}

// area is the partner of a colour for areas without text: brighter, because
// nothing has to be read on it.
func (c Colour) area() Colour {
	if c >= Low && c <= Critical {
		return c + (lowArea - Low)
	}
	return c
}

type tint struct {
	name        string
	light, dark uint32
}

// palette is the one place where colours have values. Text on Surface, Panel and
// the soft colours keeps a contrast of 4.5 to 1 in both themes; a test says so.
var palette = [colourCount]tint{
	Ink:          {"ink", 0x1b2733, 0xe6ebf0},
	Muted:        {"muted", 0x55626f, 0xa3b0bd},
	Grid:         {"grid", 0xe3e8ed, 0x2b3642},
	Axis:         {"axis", 0x93a0ad, 0x657483},
	Surface:      {"surface", 0xffffff, 0x12181f},
	Panel:        {"panel", 0xf3f6f8, 0x1b242e},
	Accent:       {"accent", 0x1c5d8c, 0x6db3e2},
	AccentSoft:   {"accent-soft", 0xdbe8f2, 0x1d3a4f},
	Series2:      {"series-2", 0x64748b, 0x94a3b8},
	Series3:      {"series-3", 0x2a857b, 0x4fc0b4},
	Series4:      {"series-4", 0xa0762f, 0xd6ac62},
	Series5:      {"series-5", 0x7a5c99, 0xb398d1},
	Series6:      {"series-6", 0x8c5a4a, 0xc99a89},
	None:         {"none", 0x6b7885, 0x93a0ad},
	Low:          {"low", 0x3f7350, 0x82c297},
	Medium:       {"medium", 0x8f6205, 0xe5b452},
	High:         {"high", 0xac3c1c, 0xf2946f},
	Critical:     {"critical", 0x8e1b2e, 0xf5869a},
	NoneSoft:     {"none-soft", 0xedf0f3, 0x232d37},
	LowSoft:      {"low-soft", 0xdcecdf, 0x1c3525},
	MediumSoft:   {"medium-soft", 0xfaedc9, 0x40320f},
	HighSoft:     {"high-soft", 0xfadccf, 0x4a2416},
	CriticalSoft: {"critical-soft", 0xf2ced4, 0x4c1822},
	lowArea:      {"low-area", 0x7fae8c, 0x5f9f74},
	mediumArea:   {"medium-area", 0xe3b341, 0xd9a93f},
	highArea:     {"high-area", 0xdd7247, 0xdd7a53},
	criticalArea: {"critical-area", 0xb0273f, 0xd4536a},
	accentArea:   {"accent-area", 0x9fc3dc, 0x2f6288},
}

// RGB is the colour on paper, which is the light theme.
func (c Colour) RGB() font.RGB {
	v := palette[c].light
	return font.RGB{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v)}
}

// Name of the role: "accent", "high-soft". The CSS variable is --chart- and this.
func (c Colour) Name() string { return palette[c].name }

// value is what stands in an SVG attribute: the variable of the page, or the light
// colour where the page has none.
func (c Colour) value() string {
	if c == NoColour {
		return "none"
	}
	return fmt.Sprintf("var(--chart-%s,#%06x)", palette[c].name, palette[c].light)
}

// CSS is the style sheet of the charts: the variables for both themes, and how an
// SVG sits in its place. The dark theme holds where the reader's system asks for
// it, unless the page says otherwise with data-theme="light" or "dark" on its root.
func CSS() string {
	var light, dark strings.Builder
	for _, t := range palette[1:] {
		fmt.Fprintf(&light, "--chart-%s:#%06x;", t.name, t.light)
		fmt.Fprintf(&dark, "--chart-%s:#%06x;", t.name, t.dark)
	}
	return ":root{" + light.String() + "}\n" +
		"@media (prefers-color-scheme:dark){:root:not([data-theme=light]){" + dark.String() + "}}\n" +
		":root[data-theme=dark]{" + dark.String() + "}\n" +
		"@media print{:root:root{" + light.String() + "}}\n" +
		".chart{display:block;max-width:100%;height:auto;overflow:visible}\n" +
		".chart text{font-variant-numeric:tabular-nums}\n" +
		".chart-tip:hover>*{filter:brightness(1.06)}\n"
}
