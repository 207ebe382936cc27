package report

import (
	"holdfast/report/font"
)

func (p *page) blocks(blocks []Block, depth int) {
	if depth > maxDepth {
		return
	}
	for _, b := range blocks {
		p.block(b, depth)
	}
}

// block writes one block that is no part of the outline.
func (p *page) block(block Block, depth int) {
	switch v := block.(type) {
	case Heading: // inside another block: a label
		p.f("<p class=\"label\"%s>%s</p>\n", dir(v.Text), line(v.Text))
	case Paragraph:
		p.f("<p%s>", dir(v.Text.String()))
		p.text(v.Text)
		p.f("</p>\n")
	case List:
		p.list(v, depth)
	case Table:
		p.table(v)
	case Figure:
		p.figure(v)
	case KeyFigures:
		p.keyFigures(v)
	case Callout:
		p.callout(v, depth)
	case Definitions:
		p.f("<dl class=\"definitions\">\n")
		for _, d := range v.Items {
			p.f("<dt%s>%s</dt><dd%s>", dir(d.Term), line(d.Term), dir(d.Text.String()))
			p.text(d.Text)
			p.f("</dd>\n")
		}
		p.f("</dl>\n")
	case Quote:
		p.f("<blockquote><p%s>", dir(v.Text.String()))
		p.text(v.Text)
		p.f("</p>")
		if v.Source != "" {
			p.f("<footer>– %s</footer>", line(v.Source))
		}
		p.f("</blockquote>\n")
	case Why:
		p.f("<div class=\"why\" role=\"group\" aria-label=\"Where this figure comes from\">\n")
		p.blocks(v.blocks(), depth+1)
		p.f("</div>\n")
	case Code:
		p.f("<pre tabindex=\"0\"><code>%s</code></pre>\n", esc(v.Text))
	case PageBreak:
		p.f("<div class=\"page-break\"></div>\n")
	}
}

func (p *page) list(l List, depth int) {
	if depth >= maxDepth {
		return
	}
	tag := "ul"
	if l.Ordered {
		tag = "ol"
	}
	p.f("<%s>\n", tag)
	for _, item := range l.Items {
		p.f("<li>")
		if len(item) == 1 {
			if only, ok := item[0].(Paragraph); ok {
				p.text(only.Text)
				p.f("</li>\n")
				continue
			}
		}
		p.blocks(item, depth+1)
		p.f("</li>\n")
	}
	p.f("</%s>\n", tag)
}

// figure holds the drawing twice, for a wide and for a narrow page, of which one is
// shown, and the figures as a table that unfolds.
func (p *page) figure(v Figure) {
	if v.Chart == nil {
		return
	}
	p.f("<figure>\n<div class=\"wide\">")
	v.Chart.Draw(760).SVG(&p.out) //nolint:errcheck // a buffer in memory takes everything; a Buffer does not fail
	p.f("</div>\n<div class=\"slim\">")
	v.Chart.Draw(350).SVG(&p.out) //nolint:errcheck // a buffer in memory takes everything
	p.f("</div>\n<figcaption>%s</figcaption>\n", line(p.captions.figure(v.Caption)))
	if t := v.Chart.Table(); v.WithTable {
		p.table(chartTable(t))
	} else if len(t.Rows) > 0 {
		p.f("<details><summary>Figures as a table</summary>\n")
		p.table(chartTable(t))
		p.f("</details>\n")
	}
	p.f("</figure>\n")
}

func (p *page) keyFigures(v KeyFigures) {
	p.f("<dl class=\"figures\">\n")
	for _, k := range v.Items {
		p.f("<div class=\"%s\"><dt>%s</dt><dd><span class=\"value\">%s</span>", k.Tone.name(), line(k.Label), line(k.Value))
		if note := font.OneLine(k.Note); note != "" {
			p.f("<span class=\"note\">%s</span>", line(note))
		}
		p.f("</dd></div>\n")
	}
	p.f("</dl>\n")
}

func (p *page) callout(v Callout, depth int) {
	tone := v.Tone
	if tone == Neutral {
		tone = Accent
	}
	p.f("<aside class=\"callout %s\">\n", tone.name())
	if title := font.OneLine(v.Title); title != "" {
		p.f("<p class=\"title\"%s>%s</p>\n", dir(title), line(title))
	}
	p.blocks(v.Blocks, depth+1)
	p.f("</aside>\n")
}
