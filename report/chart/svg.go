package chart

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"holdfast/report/font"
)

// SVG writes the drawing as one svg element for use inside a page. Its title and
// description are its accessible name. It has no ids, so that a page can hold the
// same chart twice.
func (d *Drawing) SVG(w io.Writer) error {
	return d.svg(w, svgBuf{}, "var(--chart-font,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif)")
}

// FileSVG writes the drawing as a file of its own, for programs that know neither
// the variables nor the tooltips of a page: word processors.
func (d *Drawing) FileSVG(w io.Writer) error {
	return d.svg(w, svgBuf{file: true}, "Roboto,Calibri,Carlito,Arial,sans-serif")
}

func (d *Drawing) svg(w io.Writer, b svgBuf, family string) error {
	for _, s := range d.shapes {
		s.svg(&b)
	}
	name := strings.TrimPrefix(d.Title+". "+d.Desc, ". ")
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" class="chart chart-%s" role="img" aria-label="%s" viewBox="0 0 %s %s" width="%s" height="%s" font-family="%s"><title>%s</title><desc>%s</desc>%s</svg>`,
		d.Kind, esc(name), num(d.Width), num(d.Height), num(d.Width), num(d.Height), family, esc(d.Title), esc(d.Desc), b.String())
	return err
}

// svgBuf collects the shapes; file: without what only a page understands.
type svgBuf struct {
	strings.Builder
	file bool
}

// colour as it stands in an attribute.
func (b *svgBuf) colour(c Colour) string {
	if b.file && c != NoColour {
		return fmt.Sprintf("#%06x", palette[c].light)
	}
	return c.value()
}

func (s shape) svg(b *svgBuf) {
	if b.file && (s.kind == tipOpen || s.kind == tipClose || s.kind == hit) {
		return
	}
	switch s.kind {
	case rect:
		fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s"`, num(s.x), num(s.y), num(s.w), num(s.h))
		if s.r > 0 {
			fmt.Fprintf(b, ` rx="%s"`, num(s.r))
		}
		s.paint.svg(b)
		b.WriteString("/>")
	case circle:
		fmt.Fprintf(b, `<circle cx="%s" cy="%s" r="%s"`, num(s.x), num(s.y), num(s.r))
		s.paint.svg(b)
		b.WriteString("/>")
	case path:
		b.WriteString(`<path d="` + s.data() + `"`)
		s.paint.svg(b)
		b.WriteString("/>")
		if s.arrow {
			b.WriteString(`<path d="` + s.head().data() + `"`)
			paint{fill: s.paint.stroke}.svg(b)
			b.WriteString("/>")
		}
	case text:
		s.svgText(b)
	case tipOpen:
		b.WriteString(`<g class="chart-tip"><title>` + esc(s.tip) + `</title>`)
	case tipClose:
		b.WriteString(`</g>`)
	case hit:
		fmt.Fprintf(b, `<circle class="chart-hit" cx="%s" cy="%s" r="%s" fill="none" pointer-events="all"><title>%s</title></circle>`,
			num(s.x), num(s.y), num(s.r), esc(s.tip))
	}
}

func (p paint) svg(b *svgBuf) {
	fmt.Fprintf(b, ` fill="%s"`, b.colour(p.fill))
	if p.stroke == NoColour {
		return
	}
	fmt.Fprintf(b, ` stroke="%s" stroke-width="%s"`, b.colour(p.stroke), num(p.width))
	if ds := dashes[p.dash]; ds != nil {
		parts := make([]string, len(ds))
		for i, v := range ds {
			parts[i] = num(v)
		}
		b.WriteString(` stroke-dasharray="` + strings.Join(parts, " ") + `"`)
	}
	b.WriteString(` stroke-linejoin="round" stroke-linecap="round"`)
}

func (s shape) svgText(b *svgBuf) {
	fmt.Fprintf(b, `<text x="%s" y="%s" font-size="%s" fill="%s"`, num(s.x), num(s.y), num(s.style.size), b.colour(s.style.colour))
	switch s.style.face {
	case font.Medium, font.Bold:
		b.WriteString(` font-weight="600"`)
	case font.Light:
		b.WriteString(` font-weight="300"`)
	}
	switch s.style.anchor {
	case middle:
		b.WriteString(` text-anchor="middle"`)
	case end:
		b.WriteString(` text-anchor="end"`)
	}
	b.WriteString(">" + esc(s.text) + "</text>")
}

// data is the path in SVG's language.
func (s shape) data() string {
	var b strings.Builder
	b.WriteString("M" + num(s.x) + " " + num(s.y))
	for _, g := range s.path {
		if g.curve {
			b.WriteString("C" + num(g.c1.x) + " " + num(g.c1.y) + " " + num(g.c2.x) + " " + num(g.c2.y) + " ")
		} else {
			b.WriteString("L")
		}
		b.WriteString(num(g.to.x) + " " + num(g.to.y))
	}
	if s.closed {
		b.WriteString("Z")
	}
	return b.String()
}

// head is the arrow head at the end of a path, pointing along its last part.
func (s shape) head() shape {
	last := s.path[len(s.path)-1]
	from := point{s.x, s.y}
	if len(s.path) > 1 {
		from = s.path[len(s.path)-2].to
	}
	if last.curve {
		from = last.c2
	}
	const long, wide = 7, 3.6
	dx, dy := last.to.x-from.x, last.to.y-from.y
	length := math.Hypot(dx, dy)
	if length == 0 {
		dx, length = 1, 1
	}
	dx, dy = dx/length, dy/length
	back := point{last.to.x - dx*long, last.to.y - dy*long}
	return shape{kind: path, x: last.to.x, y: last.to.y, closed: true, path: []segment{
		{to: point{back.x - dy*wide, back.y + dx*wide}},
		{to: point{back.x + dy*wide, back.y - dx*wide}},
	}}
}

// num writes a coordinate with at most two decimals.
func num(v float64) string {
	v = math.Round(v*100) / 100
	if v == 0 || !finite(v) {
		return "0"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func esc(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) //nolint:errcheck // a buffer in memory takes everything; a Builder does not fail
	return b.String()
}
