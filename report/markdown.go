package report

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxMarkdown bounds one text. A policy is some ten kilobytes.
const maxMarkdown = 1 << 20

// Markdown turns text in CommonMark, with tables, into blocks. Its headings start
// at level (1 to 4). HTML inside is shown as the text it is, a picture as its
// description. It fails on text of more than one megabyte.
func Markdown(source string, level int) ([]Block, error) {
	if len(source) > maxMarkdown {
		return nil, fmt.Errorf("the text has %d bytes, more than the %d that one text may have: split it", len(source), maxMarkdown)
	}
	r := reader{source: []byte(source), level: max(level, 1)}
	return r.blocks(r.parse(), 0), nil
}

// Rich is one paragraph of Markdown: bold, italic, code and links. Anything else in
// it is text.
func Rich(source string) Text {
	source = strings.Join(strings.Fields(source), " ")
	if len(source) > maxMarkdown || !strings.ContainsAny(source, "*_`[<\\&") {
		return Plain(source)
	}
	r := reader{source: []byte(source), level: 1}
	var out Text
	for n := r.parse().FirstChild(); n != nil; n = n.NextSibling() {
		if n.Type() != ast.TypeBlock || n.Kind() != ast.KindParagraph {
			return Plain(source)
		}
		out = append(out, r.text(n)...)
	}
	return out
}

// reader walks what goldmark has parsed.
type reader struct {
	source []byte
	level  int
}

func (r reader) parse() ast.Node {
	md := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Linkify))
	return md.Parser().Parse(gmtext.NewReader(r.source))
}

func (r reader) blocks(parent ast.Node, depth int) []Block {
	var out []Block
	if depth > maxDepth {
		return out
	}
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch v := n.(type) {
		case *ast.Heading:
			out = append(out, Heading{Level: min(r.level+v.Level-1, maxLevel), Text: r.text(n).String()})
		case *ast.Paragraph, *ast.TextBlock:
			if t := r.text(n); len(t) > 0 {
				out = append(out, Paragraph{t})
			}
		case *ast.List:
			out = append(out, r.list(v, depth))
		case *ast.Blockquote:
			out = append(out, r.quote(v, depth)...)
		case *ast.FencedCodeBlock, *ast.CodeBlock, *ast.HTMLBlock:
			out = append(out, Code{strings.TrimRight(r.lines(n), "\n")})
		case *extast.Table:
			out = append(out, r.table(v))
		case *ast.ThematicBreak: // a pause, which the next heading makes anyway
		}
	}
	return out
}

func (r reader) list(l *ast.List, depth int) List {
	out := List{Ordered: l.IsOrdered()}
	for n := l.FirstChild(); n != nil; n = n.NextSibling() {
		out.Items = append(out.Items, Item(r.blocks(n, depth+1)))
	}
	return out
}

// quote is a Quote when it is one paragraph; anything longer stands in a callout.
func (r reader) quote(q *ast.Blockquote, depth int) []Block {
	inner := r.blocks(q, depth+1)
	if len(inner) == 1 {
		if p, ok := inner[0].(Paragraph); ok {
			return []Block{Quote{Text: p.Text}}
		}
	}
	if len(inner) == 0 {
		return nil
	}
	return []Block{Callout{Tone: Faint, Blocks: inner}}
}

func (r reader) lines(n ast.Node) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		b.Write(line.Value(r.source))
	}
	if h, ok := n.(*ast.HTMLBlock); ok && h.HasClosure() {
		b.Write(h.ClosureLine.Value(r.source))
	}
	return b.String()
}

func (r reader) table(t *extast.Table) Table {
	var out Table
	for n := t.FirstChild(); n != nil; n = n.NextSibling() {
		var row Row
		column := 0
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			if _, ok := n.(*extast.TableHeader); ok {
				col := Column{Name: r.text(c).String()}
				if column < len(t.Alignments) {
					switch t.Alignments[column] {
					case extast.AlignRight:
						col.Align = Right
					case extast.AlignCenter:
						col.Align = Centre
					}
				}
				out.Columns = append(out.Columns, col)
				column++
				continue
			}
			row.Cells = append(row.Cells, Cell{Text: r.text(c)})
		}
		if len(row.Cells) > 0 {
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}

// text gathers the inline text of a block.
func (r reader) text(n ast.Node) Text {
	var out Text
	r.inline(n, Span{}, 0, &out)
	return out
}

// maxInline bounds styles inside styles.
const maxInline = 40

func (r reader) inline(parent ast.Node, style Span, depth int, out *Text) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		s := style
		switch v := n.(type) {
		case *ast.Text:
			s.Text = string(v.Segment.Value(r.source))
			if !v.IsRaw() {
				s.Text = unescaped(s.Text)
			}
			if v.HardLineBreak() {
				s.Text += "\n"
			} else if v.SoftLineBreak() {
				s.Text += " "
			}
			out.add(s)
			continue
		case *ast.String:
			s.Text = string(v.Value)
			out.add(s)
			continue
		case *ast.RawHTML:
			for i := range v.Segments.Len() {
				segment := v.Segments.At(i)
				s.Text += string(segment.Value(r.source))
			}
			out.add(s)
			continue
		case *ast.AutoLink:
			s.Text = string(v.Label(r.source))
			s.Link = string(v.URL(r.source))
			if v.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(s.Link), "mailto:") {
				s.Link = "mailto:" + s.Link
			}
			out.add(s)
			continue
		case *ast.Emphasis:
			if v.Level >= 2 {
				s.Bold = true
			} else {
				s.Italic = true
			}
		case *ast.CodeSpan:
			s.Code = true
		case *ast.Link:
			s.Link = unescaped(string(v.Destination))
		}
		if depth < maxInline {
			r.inline(n, s, depth+1, out)
		}
	}
}

// unescaped resolves what Markdown writes as an escape or as an entity of HTML.
func unescaped(s string) string {
	if !strings.ContainsAny(s, "\\&") {
		return s
	}
	return string(util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences([]byte(s)))))
}

// add appends a span, joined to the one before when nothing parts them.
func (t *Text) add(s Span) {
	if s.Text == "" {
		return
	}
	if n := len(*t); n > 0 {
		last := &(*t)[n-1]
		if last.Bold == s.Bold && last.Italic == s.Italic && last.Code == s.Code && last.Link == s.Link {
			last.Text += s.Text
			return
		}
	}
	*t = append(*t, s)
}
