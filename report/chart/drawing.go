package chart

import (
	"math"

	"holdfast/report/font"
)

// A Chart is data that can be drawn and that can be read out.
type Chart interface {
	// Draw lays the chart out for a width in CSS pixels, from 240 to 2400. Below
	// about 480 it chooses a form for a phone.
	Draw(width float64) *Drawing
	// Table holds the same figures as text.
	Table() Table
}

// A Table is a chart's figures for people who do not see the drawing.
type Table struct {
	Columns []Column
	Rows    [][]string // as many cells as Columns
}

// A Column of a Table. Number columns align to the right.
type Column struct {
	Name   string
	Number bool
}

// A Drawing is a laid out chart.
type Drawing struct {
	Kind          string // class name of the chart: "loss-exceedance"
	Title, Desc   string // what it shows, and what there is to see in it
	Width, Height float64

	shapes []shape
}

// narrow is the width below which charts choose their form for a phone.
const narrow = 480

func newDrawing(kind, title string, width float64) *Drawing {
	if !(width >= 240) { // also for NaN
		width = 240
	}
	return &Drawing{Kind: kind, Title: font.OneLine(title), Width: math.Min(width, 2400)}
}

func (d *Drawing) narrow() bool { return d.Width < narrow }

// paint says how a shape looks. A colour left out is not painted.
type paint struct {
	fill, stroke Colour
	width        float64
	dash         dash
}

type dash uint8

const (
	solid dash = iota
	dashed
	dotted
	longDash
)

var dashes = [...][]float64{solid: nil, dashed: {6, 4}, dotted: {1.5, 3}, longDash: {12, 4}}

type point struct{ x, y float64 }

// segment of a path: a line to 'to', or a cubic curve when curve is set.
type segment struct {
	c1, c2, to point
	curve      bool
}

// shape is one primitive; kind says which fields count.
type shape struct {
	kind   shapeKind
	paint  paint
	x, y   float64 // top left, or the centre of a circle, or the baseline of a text
	w, h   float64
	r      float64 // radius
	path   []segment
	closed bool
	text   string
	style  style
	arrow  bool   // with a head at the end of the path
	tip    string // for tipOpen
}

type shapeKind uint8

const (
	rect shapeKind = iota
	circle
	path
	text
	tipOpen
	tipClose
	hit // an invisible circle that only shows its tip
)

type anchor uint8

const (
	start anchor = iota
	middle
	end
)

// style of a text.
type style struct {
	size   float64
	face   font.Face
	colour Colour
	anchor anchor
}

// The text styles of all charts.
var (
	label  = style{size: 12, colour: Ink}
	small  = style{size: 11, colour: Muted}
	strong = style{size: 12, face: font.Medium, colour: Ink}
)

func (s style) at(a anchor) style      { s.anchor = a; return s }
func (s style) in(c Colour) style      { s.colour = c; return s }
func (s style) width(t string) float64 { return font.Width(s.face, s.size, t) * screenSpread }
func (s style) line() float64          { return math.Round(s.size * 1.3) }

// screenSpread is how much wider the reader's own font may run than ours. The
// drawing keeps that much room, so that labels do not meet on screen either. It
// holds for the fonts that the SVG names; a page that sets --chart-font to a wider
// one has to see for itself.
const screenSpread = 1.08

func (s style) fit(t string, width float64) string {
	return font.Fit(s.face, s.size, t, width/screenSpread)
}

func (s style) wrap(t string, width float64, lines int) []string {
	return font.Wrap(s.face, s.size, t, width/screenSpread, lines)
}

func (d *Drawing) rect(x, y, w, h, r float64, p paint) {
	d.shapes = append(d.shapes, shape{kind: rect, x: x, y: y, w: math.Max(w, 0), h: math.Max(h, 0), r: r, paint: p})
}

func (d *Drawing) circle(x, y, r float64, p paint) {
	d.shapes = append(d.shapes, shape{kind: circle, x: x, y: y, r: r, paint: p})
}

func (d *Drawing) line(x1, y1, x2, y2 float64, p paint) {
	d.shapes = append(d.shapes, shape{kind: path, x: x1, y: y1, path: []segment{{to: point{x2, y2}}}, paint: p})
}

// arrow is a line with a head at its end.
func (d *Drawing) arrow(x1, y1, x2, y2 float64, p paint) {
	d.line(x1, y1, x2, y2, p)
	d.shapes[len(d.shapes)-1].arrow = true
}

func (d *Drawing) poly(points []point, closed bool, p paint) {
	if len(points) < 2 {
		return
	}
	s := shape{kind: path, x: points[0].x, y: points[0].y, closed: closed, paint: p}
	for _, q := range points[1:] {
		s.path = append(s.path, segment{to: q})
	}
	d.shapes = append(d.shapes, s)
}

func (d *Drawing) curve(from point, segments []segment, arrow bool, p paint) {
	d.shapes = append(d.shapes, shape{kind: path, x: from.x, y: from.y, path: segments, arrow: arrow, paint: p})
}

// text puts one line; empty text puts nothing. The caller has fitted it.
func (d *Drawing) text(x, y float64, s style, t string) {
	if t != "" {
		d.shapes = append(d.shapes, shape{kind: text, x: x, y: y, style: s, text: t})
	}
}

// lines puts text lines below each other and returns the height they take.
func (d *Drawing) lines(x, y float64, s style, ts []string) float64 {
	for i, t := range ts {
		d.text(x, y+s.size*0.95+float64(i)*s.line(), s, t)
	}
	return float64(len(ts)) * s.line()
}

// tip groups what draw paints under one tooltip.
func (d *Drawing) tip(t string, draw func()) {
	d.shapes = append(d.shapes, shape{kind: tipOpen, tip: t})
	draw()
	d.shapes = append(d.shapes, shape{kind: tipClose})
}

// hit is a place that shows a tooltip and is not seen.
func (d *Drawing) hit(x, y, r float64, t string) {
	d.shapes = append(d.shapes, shape{kind: hit, x: x, y: y, r: r, tip: t})
}

// empty says that there is nothing to draw yet.
func (d *Drawing) empty(why string) *Drawing {
	d.Height = 96
	d.Desc = why
	d.rect(0.5, 0.5, d.Width-1, d.Height-1, 6, paint{stroke: Grid, width: 1, dash: dashed})
	d.text(d.Width/2, d.Height/2+4, small.at(middle), small.fit(why, d.Width-24))
	return d
}

// box is the rectangle a text covers, for the tests that no two of them meet.
type box struct{ x1, y1, x2, y2 float64 }

func (s shape) box() box {
	w := s.style.width(s.text)
	x := s.x
	switch s.style.anchor {
	case middle:
		x -= w / 2
	case end:
		x -= w
	}
	return box{x, s.y - s.style.size*0.75, x + w, s.y + s.style.size*0.2}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
