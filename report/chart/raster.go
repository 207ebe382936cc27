package chart

import (
	"encoding/binary"
	"image"
	"image/draw"
	"math"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/vector"

	"holdfast/report/font"
)

// Image draws into a picture of the width in pixels, in the light theme on white:
// for programs that show no vectors. The width is cut to 4000 pixels.
func (d *Drawing) Image(width int) *image.RGBA {
	width = min(max(width, 1), 4000)
	scale := float64(width) / d.Width
	height := min(max(int(math.Ceil(d.Height*scale)), 1), 8000)
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	p := painter{img: img, scale: scale}
	for _, s := range d.shapes {
		p.draw(s)
	}
	return img
}

// painter turns shapes into areas and fills them.
type painter struct {
	img   *image.RGBA
	scale float64
	fill  vector.Rasterizer
	areas [][]point // closed, in pixels
	mask  []uint8
}

func (p *painter) draw(s shape) {
	switch s.kind {
	case rect:
		p.paint(roundRect(s.x, s.y, s.w, s.h, min(s.r, s.w/2, s.h/2)), true, s.paint)
	case circle:
		p.paint(roundRect(s.x-s.r, s.y-s.r, 2*s.r, 2*s.r, s.r), true, s.paint)
	case path:
		p.paint(s.flat(), s.closed, s.paint)
		if s.arrow {
			p.paint(s.head().flat(), true, paint{fill: s.paint.stroke})
		}
	case text:
		p.text(s)
	}
}

// paint fills a line of points in the units of the drawing, then draws its rim.
func (p *painter) paint(points []point, closed bool, look paint) {
	for i := range points {
		points[i].x, points[i].y = points[i].x*p.scale, points[i].y*p.scale
	}
	if look.fill != NoColour {
		p.areas = append(p.areas[:0], points)
		p.flush(look.fill)
	}
	if look.stroke == NoColour || look.width <= 0 {
		return
	}
	p.areas = p.areas[:0]
	if closed {
		points = append(points, points[0])
	}
	for _, line := range cut(points, dashes[look.dash], p.scale) {
		p.rim(line, look.width*p.scale/2)
	}
	p.flush(look.stroke)
}

// rim adds a line of half a width as areas: a bar for each part, and a round
// joint at each point. All turn the same way, so that overlaps do not cancel.
func (p *painter) rim(line []point, half float64) {
	for i, q := range line {
		if half > 0.6 || i == 0 || i == len(line)-1 {
			p.areas = append(p.areas, roundRect(q.x-half, q.y-half, 2*half, 2*half, half))
		}
		if i == 0 {
			continue
		}
		from := line[i-1]
		length := math.Hypot(q.x-from.x, q.y-from.y)
		if length == 0 {
			continue
		}
		nx, ny := -(q.y-from.y)/length*half, (q.x-from.x)/length*half
		p.areas = append(p.areas, []point{{from.x - nx, from.y - ny}, {q.x - nx, q.y - ny}, {q.x + nx, q.y + ny}, {from.x + nx, from.y + ny}})
	}
}

// flush fills the areas with a colour, touching no more of the picture than they
// cover.
func (p *painter) flush(c Colour) {
	x1, y1, x2, y2 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, a := range p.areas {
		for _, q := range a {
			x1, y1, x2, y2 = min(x1, q.x), min(y1, q.y), max(x2, q.x), max(y2, q.y)
		}
	}
	if !finite(x2-x1) || !finite(y2-y1) {
		return
	}
	box := image.Rect(int(math.Floor(x1)), int(math.Floor(y1)), int(math.Ceil(x2))+1, int(math.Ceil(y2))+1).Intersect(p.img.Bounds())
	if box.Empty() {
		return
	}
	p.fill.Reset(box.Dx(), box.Dy())
	at := func(q point) (float32, float32) {
		return float32(q.x) - float32(box.Min.X), float32(q.y) - float32(box.Min.Y)
	}
	for _, a := range p.areas {
		p.fill.MoveTo(at(a[0]))
		for _, q := range a[1:] {
			p.fill.LineTo(at(q))
		}
		p.fill.ClosePath()
	}
	if need := box.Dx() * box.Dy(); cap(p.mask) < need {
		p.mask = make([]uint8, need)
	}
	mask := &image.Alpha{Pix: p.mask[:box.Dx()*box.Dy()], Stride: box.Dx(), Rect: image.Rect(0, 0, box.Dx(), box.Dy())}
	p.fill.DrawOp = draw.Src
	p.fill.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	p.blend(mask, box, c.RGB())
}

// blend lays a colour over the picture where the mask says. Most of a mask is
// empty, and is stepped over eight places at a time.
func (p *painter) blend(mask *image.Alpha, box image.Rectangle, c font.RGB) {
	for y := range box.Dy() {
		row := mask.Pix[y*mask.Stride : (y+1)*mask.Stride]
		at := p.img.PixOffset(box.Min.X, box.Min.Y+y)
		for x := 0; x < len(row); x++ {
			if x+8 <= len(row) && binary.LittleEndian.Uint64(row[x:]) == 0 {
				x += 7
				continue
			}
			a := uint32(row[x])
			if a == 0 {
				continue
			}
			pix := p.img.Pix[at+4*x : at+4*x+3 : at+4*x+3]
			pix[0] = over(c.R, pix[0], a)
			pix[1] = over(c.G, pix[1], a)
			pix[2] = over(c.B, pix[2], a)
		}
	}
}

// over is a colour laid over another, a of 255 parts thick.
func over(top, below uint8, a uint32) uint8 {
	return uint8((uint32(top)*a + uint32(below)*(255-a) + 127) / 255)
}

func (p *painter) text(s shape) {
	x := s.x
	switch w := font.Width(s.style.face, s.style.size, s.text); s.style.anchor {
	case middle:
		x -= w / 2
	case end:
		x -= w
	}
	p.areas = p.areas[:0]
	x, y := x*p.scale, s.y*p.scale
	font.Outline(s.style.face, s.style.size*p.scale, s.text, func(dx float64, contours sfnt.Segments) {
		p.sign(x+dx, y, contours)
	})
	p.flush(s.style.colour)
}

// sign adds the contours of a letter.
func (p *painter) sign(x, y float64, contours sfnt.Segments) {
	at := func(g sfnt.Segment, i int) point {
		return point{x + float64(g.Args[i].X)/64, y + float64(g.Args[i].Y)/64}
	}
	var area []point
	for _, g := range contours {
		switch g.Op {
		case sfnt.SegmentOpMoveTo:
			if len(area) > 2 {
				p.areas = append(p.areas, area)
			}
			area = []point{at(g, 0)}
		case sfnt.SegmentOpLineTo:
			area = append(area, at(g, 0))
		case sfnt.SegmentOpQuadTo:
			from, c, to := area[len(area)-1], at(g, 0), at(g, 1)
			area = curved(area, point{from.x + (c.x-from.x)*2/3, from.y + (c.y-from.y)*2/3}, point{to.x + (c.x-to.x)*2/3, to.y + (c.y-to.y)*2/3}, to, 4)
		case sfnt.SegmentOpCubeTo:
			area = curved(area, at(g, 0), at(g, 1), at(g, 2), 4)
		}
	}
	if len(area) > 2 {
		p.areas = append(p.areas, area)
	}
}

// curved adds a cubic curve in n straight parts.
func curved(line []point, c1, c2, to point, n int) []point {
	from := line[len(line)-1]
	for i := 1; i <= n; i++ {
		t := float64(i) / float64(n)
		u := 1 - t
		a, b, c, d := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
		line = append(line, point{a*from.x + b*c1.x + c*c2.x + d*to.x, a*from.y + b*c1.y + c*c2.y + d*to.y})
	}
	return line
}

// flat is the path in straight parts.
func (s shape) flat() []point {
	line := []point{{s.x, s.y}}
	for _, g := range s.path {
		if g.curve {
			line = curved(line, g.c1, g.c2, g.to, 24)
		} else {
			line = append(line, g.to)
		}
	}
	return line
}

// roundRect is a rectangle with corners of a radius; a circle when the radius is
// half its sides.
func roundRect(x, y, w, h, r float64) []point {
	if r <= 0 {
		return []point{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}}
	}
	const k = 0.5523 // makes a quarter of a circle of a cubic curve
	n := min(max(int(r*3), 3), 16)
	line := []point{{x + r, y}, {x + w - r, y}}
	line = curved(line, point{x + w - r + k*r, y}, point{x + w, y + r - k*r}, point{x + w, y + r}, n)
	line = append(line, point{x + w, y + h - r})
	line = curved(line, point{x + w, y + h - r + k*r}, point{x + w - r + k*r, y + h}, point{x + w - r, y + h}, n)
	line = append(line, point{x + r, y + h})
	line = curved(line, point{x + r - k*r, y + h}, point{x, y + h - r + k*r}, point{x, y + h - r}, n)
	line = append(line, point{x, y + r})
	return curved(line, point{x, y + r - k*r}, point{x + r - k*r, y}, point{x + r, y}, n)
}

// cut parts a line into its dashes; a pattern of nothing leaves it whole.
func cut(line []point, pattern []float64, scale float64) [][]point {
	if len(pattern) == 0 || len(line) < 2 {
		return [][]point{line}
	}
	var out [][]point
	i, left, on := 0, pattern[0]*scale, true
	piece := []point{line[0]}
	for n := 1; n < len(line); n++ {
		from, to := line[n-1], line[n]
		for {
			length := math.Hypot(to.x-from.x, to.y-from.y)
			if length <= left || !finite(length) {
				left -= length
				piece = append(piece, to)
				break
			}
			t := left / length
			from = point{from.x + (to.x-from.x)*t, from.y + (to.y-from.y)*t}
			if on {
				out = append(out, append(piece, from))
			}
			i, on = (i+1)%len(pattern), !on
			left, piece = pattern[i]*scale, []point{from}
		}
	}
	if on && len(piece) > 1 {
		out = append(out, piece)
	}
	return out
}
