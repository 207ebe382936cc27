package page

import (
	"html"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/font"
	"holdfast/web"
)

// A prose is a text of people as it stands on a page: read by the renderer of the
// reports, so that paper and screen show the same. Nothing of it is trusted.
type prose struct {
	blocks   []report.Block
	sections []proseSection
}

// A proseSection is a heading of the text.
type proseSection struct {
	ID, Text string
	Level    int // of the element: 2 to 6
}

// maxProse bounds what one page draws; the whole text can be downloaded.
const maxProse = 4000

// newProse reads Markdown.
func newProse(text string) (prose, error) {
	if len(text) > kind.MaxLongText {
		return prose{}, kind.Errorf(kind.TooLarge, "the text is longer than %d bytes", kind.MaxLongText)
	}
	blocks, err := report.Markdown(text, 1)
	if err != nil {
		return prose{}, kind.Errorf(kind.TooLarge, "%w", err)
	}
	p := prose{blocks: blocks}
	last := 1
	for _, b := range blocks {
		if h, ok := b.(report.Heading); ok {
			level := min(max(h.Level, 2), last+1, 4) // below the h1 of the page, without a jump
			last = level
			p.sections = append(p.sections, proseSection{ID: "section-" + strconv.Itoa(len(p.sections)+1), Text: shown(h.Text), Level: level})
		}
	}
	return p, nil
}

// main are the headings of the highest level, for the contents.
func (p prose) main() []proseSection {
	var out []proseSection
	for _, s := range p.sections {
		if s.Level == 2 {
			out = append(out, s)
		}
	}
	return out
}

// shown is text without the signs that would change how other text is read: control
// signs, and marks that force a direction.
func shown(s string) string { return font.Clean(s) }

// visible is text of a difference, in which no sign may hide: what shown would drop is
// named instead.
func visible(s string) string {
	if font.Clean(s) == s {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch c := string(r); {
		case r == '\t' || font.Clean(c) == c:
			b.WriteString(c)
		default:
			b.WriteString("⟨U+" + strings.ToUpper(strconv.FormatInt(int64(r), 16)) + "⟩")
		}
	}
	return b.String()
}

// safeHref is the address when it may be followed: on the web, by mail, or to a
// heading; else nothing.
func safeHref(link string) string {
	low := strings.ToLower(link)
	for _, scheme := range []string{"https://", "http://", "mailto:", "#"} {
		if strings.HasPrefix(low, scheme) && link == font.OneLine(link) && !strings.ContainsAny(link, " \\<>\"") {
			return link
		}
	}
	return ""
}

// proseSpans writes running text exactly: a component of the template language would
// put spaces between the pieces.
func proseSpans(text report.Text) templ.Component {
	var b strings.Builder
	for _, s := range text {
		inner := strings.ReplaceAll(html.EscapeString(shown(s.Text)), "\n", "<br>")
		for _, style := range []struct {
			set bool
			tag string
		}{{s.Code, "code"}, {s.Italic, "em"}, {s.Bold, "strong"}} {
			if style.set {
				inner = "<" + style.tag + ">" + inner + "</" + style.tag + ">"
			}
		}
		if href := safeHref(s.Link); href != "" {
			inner = `<a href="` + html.EscapeString(href) + `" rel="noreferrer noopener">` + inner + "</a>"
		}
		b.WriteString(inner)
	}
	return templ.Raw(b.String()) // every piece was escaped above
}

// previewText answers rendered text for the editor.
func previewText(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	p, err := newProse(form.Get("body"))
	if err != nil {
		return err
	}
	return r.RenderPart(proseText(p))
}
