package chart

import (
	"codeberg.org/go-pdf/fpdf"

	"holdfast/report/font"
)

// PDF draws into the pen's current page with the top left corner at x, y and the
// given width, all in points. It returns the height it took.
func (d *Drawing) PDF(pen *font.Pen, x, y, width float64) float64 {
	p := plotter{pdf: pen.PDF, pen: pen, x: x, y: y, scale: width / d.Width}
	p.pdf.SetLineCapStyle("round")
	p.pdf.SetLineJoinStyle("round")
	for _, s := range d.shapes {
		p.draw(s)
	}
	p.pdf.SetDashPattern(nil, 0)
	p.pdf.SetLineCapStyle("butt")
	return d.Height * p.scale
}

// plotter places the drawing's pixels on the page's points.
type plotter struct {
	pdf         *fpdf.Fpdf
	pen         *font.Pen
	x, y, scale float64
}

func (p plotter) draw(s shape) {
	switch s.kind {
	case rect:
		p.paint(s.paint, func(mode string) {
			x, y, w, h := p.px(s.x), p.py(s.y), s.w*p.scale, s.h*p.scale
			if r := min(s.r, s.w/2, s.h/2) * p.scale; r > 0 {
				p.pdf.RoundedRect(x, y, w, h, r, "1234", mode)
			} else {
				p.pdf.Rect(x, y, w, h, mode)
			}
		})
	case circle:
		p.paint(s.paint, func(mode string) { p.pdf.Circle(p.px(s.x), p.py(s.y), s.r*p.scale, mode) })
	case path:
		p.path(s)
		if s.arrow {
			head := s.head()
			head.paint = paint{fill: s.paint.stroke}
			p.path(head)
		}
	case text:
		x := s.x
		switch w := font.Width(s.style.face, s.style.size, s.text); s.style.anchor {
		case middle:
			x -= w / 2
		case end:
			x -= w
		}
		p.pen.Text(p.px(x), p.py(s.y), s.style.face, s.style.size*p.scale, s.style.colour.RGB(), s.text)
	}
}

func (p plotter) path(s shape) {
	p.paint(s.paint, func(mode string) {
		p.pdf.MoveTo(p.px(s.x), p.py(s.y))
		for _, g := range s.path {
			if g.curve {
				p.pdf.CurveBezierCubicTo(p.px(g.c1.x), p.py(g.c1.y), p.px(g.c2.x), p.py(g.c2.y), p.px(g.to.x), p.py(g.to.y))
			} else {
				p.pdf.LineTo(p.px(g.to.x), p.py(g.to.y))
			}
		}
		if s.closed {
			p.pdf.ClosePath()
		}
		p.pdf.DrawPath(mode)
	})
}

// paint sets the colours and calls draw with the mode they ask for.
func (p plotter) paint(look paint, draw func(mode string)) {
	mode := ""
	if look.fill != NoColour {
		c := look.fill.RGB()
		p.pdf.SetFillColor(int(c.R), int(c.G), int(c.B))
		mode = "F"
	}
	if look.stroke != NoColour {
		c := look.stroke.RGB()
		p.pdf.SetDrawColor(int(c.R), int(c.G), int(c.B))
		p.pdf.SetLineWidth(look.width * p.scale)
		ds := make([]float64, len(dashes[look.dash]))
		for i, v := range dashes[look.dash] {
			ds[i] = v * p.scale
		}
		p.pdf.SetDashPattern(ds, 0)
		mode += "D"
	}
	if mode != "" {
		draw(mode)
	}
}

func (p plotter) px(x float64) float64 { return p.x + x*p.scale }
func (p plotter) py(y float64) float64 { return p.y + y*p.scale }
