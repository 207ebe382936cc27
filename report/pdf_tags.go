package report

import (
	"fmt"
)

// element is a node of the PDF's structure: what a screen reader walks along
// instead of the page. The kinds are the standard structure types of PDF 1.7.
type element struct {
	kind   string // "P", "H1", "Table"
	alt    string // what a drawing shows
	scope  string // of a TH: "Column"
	parent *element
	kids   []*element
	marks  []mark // after kids of an element that has both, which only figures are
}

// mark is a piece of a page's content that belongs to an element.
type mark struct{ page, id int }

// child adds an element below e.
func (e *element) child(kind string) *element {
	c := &element{kind: kind, parent: e}
	e.kids = append(e.kids, c)
	return c
}

// tagged draws what belongs to e. Nothing else may be drawn inside.
func (b *book) tagged(e *element, draw func()) {
	page := b.pdf.PageNo()
	for len(b.marked) <= page {
		b.marked = append(b.marked, nil)
	}
	id := len(b.marked[page])
	b.marked[page] = append(b.marked[page], e)
	e.marks = append(e.marks, mark{page, id})
	b.pdf.RawWriteStr(fmt.Sprintf("/%s <</MCID %d>> BDC\n", e.kind, id))
	b.inTag = true
	draw()
	b.inTag = false
	b.pdf.RawWriteStr("EMC\n")
}

// artifact draws what is only decoration or repeats itself: grounds, rules, running
// heads. Inside tagged content it is a part of it.
func (b *book) artifact(draw func()) {
	if b.inTag {
		draw()
		return
	}
	b.pdf.RawWriteStr("/Artifact BMC\n")
	b.inTag = true
	draw()
	b.inTag = false
	b.pdf.RawWriteStr("EMC\n")
}
