package report

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"

	"holdfast/report/chart"
	"holdfast/report/font"
)

//go:embed style.css
var style string

// HTML writes the document as one file that needs nothing else: its style is inside,
// it has no script, and it forbids the browser to load anything. It follows the
// reader's light or dark theme, reads well on a phone, and prints on paper.
func HTML(w io.Writer, doc Document) error {
	p := page{doc: doc, sections: doc.outline()}
	p.document()
	if _, err := w.Write(p.out.Bytes()); err != nil {
		return fmt.Errorf("writing the HTML of %q: %w", doc.Title, err)
	}
	return nil
}

// page is an HTML file in the making.
type page struct {
	doc      Document
	out      bytes.Buffer
	sections []section
	captions captions
	named    map[string]int // how many tables have a name, so that each has its own
}

// esc is text between tags or in a quoted attribute.
func esc(s string) string { return html.EscapeString(font.Clean(s)) }

func line(s string) string { return html.EscapeString(font.OneLine(s)) }

func (p *page) f(format string, args ...any) { fmt.Fprintf(&p.out, format, args...) }

func (p *page) document() {
	d := p.doc
	p.f("<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n", d.lang())
	p.f("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
	p.f("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n")
	p.f("<meta name=\"generator\" content=\"Holdfast\">\n<meta name=\"author\" content=\"%s\">\n<title>%s</title>\n", line(d.Organisation), line(d.Title))
	p.f("<style>\n%s%s%s</style>\n</head>\n<body>\n", chart.CSS(), style, d.Brand.css())
	p.cover()
	p.f("<main>\n")
	next := 0
	for _, b := range d.Blocks {
		switch v := b.(type) {
		case Heading:
			p.section(p.sections[next])
			next++
		case Toc:
			p.toc(v)
		default:
			p.block(b, 0)
		}
	}
	p.f("</main>\n<footer>%s</footer>\n</body>\n</html>\n",
		join(" · ", line(d.Organisation), line(d.Title), html.EscapeString(versioned(d.Version)), d.date(), line(d.Classification), line(d.Brand.Footer)))
}

// css is what the brand changes in the style of a page.
func (b Brand) css() string {
	out := ""
	if c, ok := b.accent(); ok {
		// On a dark page the same hue is made light.
		light := func(v uint8) uint8 { return uint8(255 - float64(255-v)*0.5) }
		dark := fmt.Sprintf("#%02x%02x%02x", light(c.R), light(c.G), light(c.B))
		out += fmt.Sprintf(":root{--accent:#%02x%02x%02x;--accent-soft:#%s}\n@media (prefers-color-scheme:dark){:root:not([data-theme=light]){--accent:%s;--accent-soft:var(--panel)}}\n:root[data-theme=dark]{--accent:%s;--accent-soft:var(--panel)}\n",
			c.R, c.G, c.B, strings.ToLower(b.hex(chart.AccentSoft)), dark, dark)
	}
	if f := b.family(); f != "" {
		out += fmt.Sprintf("body{font-family:%q,-apple-system,\"Segoe UI\",Roboto,Arial,sans-serif}\n", f)
	}
	return out
}

func (p *page) cover() {
	d := p.doc
	p.f("<header class=\"cover\">\n")
	if l, ok := d.Brand.logo(); ok {
		p.f("<p class=\"logo\"><img src=\"data:image/%s;base64,%s\" width=\"%.0f\" height=\"%.0f\" alt=\"\"></p>\n", l.format, base64.StdEncoding.EncodeToString(l.data), l.width*4/3, l.height*4/3)
	}
	if d.Organisation != "" {
		p.f("<p class=\"organisation\"%s>%s</p>\n", dir(d.Organisation), line(d.Organisation))
	}
	p.f("<h1%s>%s</h1>\n", dir(d.Title), line(d.Title))
	if d.Subtitle != "" {
		p.f("<p class=\"subtitle\"%s>%s</p>\n", dir(d.Subtitle), line(d.Subtitle))
	}
	if props := d.properties(); len(props) > 0 {
		p.f("<dl>\n")
		for _, pr := range props {
			p.f("<div><dt>%s</dt><dd%s>%s</dd></div>\n", line(pr.Name), dir(pr.Value), line(pr.Value))
		}
		p.f("</dl>\n")
	}
	p.f("</header>\n")
}

// dir lets text with words from right to left find its own direction.
func dir(s string) string {
	for _, r := range s {
		if r >= 0x590 && unicode.IsLetter(r) {
			if c, _ := bidi.LookupRune(r); c.Class() == bidi.R || c.Class() == bidi.AL {
				return ` dir="auto"`
			}
		}
	}
	return ""
}

func (p *page) section(s section) {
	number := ""
	if s.number != "" {
		number = `<span class="number">` + s.number + `</span> `
	}
	// The title of the document is the only h1.
	p.f("<h%d id=\"%s\"%s>%s%s</h%d>\n", s.level+1, s.id, dir(s.text), number, esc(s.text), s.level+1)
}

func (p *page) toc(t Toc) {
	p.f("<nav class=\"toc\" aria-label=\"%s\">\n<h2>%s</h2>\n<ol>\n", line(t.title()), line(t.title()))
	for _, s := range p.sections {
		if s.level <= t.depth() {
			p.f("<li class=\"level-%d\"><a href=\"#%s\"><span class=\"number\">%s</span> <span%s>%s</span></a></li>\n", s.level, s.id, s.number, dir(s.text), esc(s.text))
		}
	}
	p.f("</ol>\n</nav>\n")
}

// text writes running text with its styles.
func (p *page) text(t Text) {
	for _, s := range t {
		open, shut := "", ""
		wrap := func(tag, attributes string) {
			open, shut = open+"<"+tag+attributes+">", "</"+tag+">"+shut
		}
		if link := safeLink(s.Link); link != "" {
			rel := ""
			if link[0] != '#' {
				rel = ` rel="noreferrer noopener"`
			}
			wrap("a", ` href="`+html.EscapeString(link)+`"`+rel)
		}
		if s.Bold {
			wrap("strong", "")
		}
		if s.Italic {
			wrap("em", "")
		}
		if s.Code {
			wrap("code", "")
		}
		p.out.WriteString(open + strings.ReplaceAll(esc(s.Text), "\n", "<br>") + shut)
	}
}

func (p *page) table(t Table) {
	if len(t.Columns) == 0 {
		return
	}
	caption := p.captions.table(t.Caption)
	name := caption
	if name == "" {
		for _, c := range t.Columns {
			name = join(", ", name, c.Name)
		}
	}
	if p.named == nil {
		p.named = map[string]int{}
	}
	if p.named[name]++; p.named[name] > 1 {
		name = fmt.Sprintf("%s (%d)", name, p.named[name])
	}
	// A wide table scrolls by itself, also by keyboard.
	p.f("<div class=\"table\" role=\"region\" aria-label=\"%s\" tabindex=\"0\">\n<table>\n", line(name))
	if caption != "" {
		p.f("<caption>%s</caption>\n", line(caption))
	}
	p.f("<thead><tr>")
	for _, c := range t.Columns {
		p.f("<th scope=\"col\"%s>%s</th>", class(c.Align), line(c.Name))
	}
	p.f("</tr></thead>\n<tbody>\n")
	for _, r := range t.Rows {
		p.row(t, r)
	}
	p.f("</tbody>\n</table>\n</div>\n")
}

func class(a Align) string {
	switch a {
	case Right:
		return ` class="right"`
	case Centre:
		return ` class="centre"`
	}
	return ""
}

func (p *page) row(t Table, r Row) {
	if r.Group {
		text := ""
		if len(r.Cells) > 0 {
			text = r.Cells[0].Text.String()
		}
		p.f("<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"%d\"%s>%s</th></tr>\n", len(t.Columns), dir(text), line(text))
		return
	}
	p.f("<tr>")
	for i, c := range t.Columns {
		var cell Cell
		if i < len(r.Cells) {
			cell = r.Cells[i]
		}
		p.f("<td%s%s>", class(c.Align), dir(cell.Text.String()))
		if cell.Tone != Neutral && len(cell.Text) > 0 {
			p.f("<span class=\"tone %s\">", cell.Tone.name())
			p.text(cell.Text)
			p.f("</span>")
		} else {
			p.text(cell.Text)
		}
		p.f("</td>")
	}
	p.f("</tr>\n")
}
