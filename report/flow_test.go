package report

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// usual is the paper of a document that asks for none.
var usual = Document{}.leaf()

// laid is a piece with the place it got.
type laid struct {
	piece
	page int
	y    float64
}

// placed lays a document out and notes where every piece came to stand.
func placed(t interface{ Fatal(...any) }, d Document) []laid {
	b := newBook(d)
	b.cover()
	pieces := b.layout()
	out := make([]laid, len(pieces))
	for i, p := range pieces {
		draw := p.draw
		out[i].piece = p
		pieces[i].draw = func(y float64) {
			out[i].page, out[i].y = b.pdf.PageNo(), y
			draw(y)
		}
	}
	if err := b.place(pieces); err != nil {
		t.Fatal(err)
	}
	return out
}

// anyDocument draws a document of ordinary blocks in any order and length.
func anyDocument(t *rapid.T) Document {
	word := rapid.StringMatching(`[a-zäöł]{1,14}( [a-z]{1,9}){0,40}`)
	block := rapid.Custom(func(t *rapid.T) Block {
		s := word.Draw(t, "text")
		switch rapid.IntRange(0, 8).Draw(t, "kind") {
		case 0, 1:
			return Heading{Level: rapid.IntRange(1, 4).Draw(t, "level"), Text: s}
		case 2:
			rows := make([]Row, rapid.IntRange(0, 60).Draw(t, "rows"))
			for i := range rows {
				rows[i] = Cells(s, s)
				rows[i].Group = i%17 == 3
			}
			return Table{Caption: s, Columns: []Column{{Name: "a"}, {Name: s, Align: Right}}, Rows: rows}
		case 3:
			return Items(s, s, s)
		case 4:
			return Callout{Title: s, Blocks: []Block{Paragraph{Plain(s)}, Items(s)}}
		case 5:
			return KeyFigures{[]KeyFigure{{s, s, s, High}}}
		case 6:
			return Code{strings.ReplaceAll(s, " ", "\n")}
		}
		return Paragraph{Plain(strings.Repeat(s+" ", 6))}
	})
	return Document{Title: "any", Blocks: rapid.SliceOfN(block, 1, 40).Draw(t, "blocks")}
}

func TestNoHeadingStandsAloneAndNothingLeavesThePage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := placed(t, anyDocument(t))
		run := 0.0
		for i, p := range all {
			if p.page < 2 || p.y < usual.top-0.01 || p.y+p.height > usual.lowest()+0.01 {
				t.Fatalf("piece %d stands on page %d at %g and is %g high", i, p.page, p.y, p.height)
			}
			if i > 0 && (p.page < all[i-1].page || p.page == all[i-1].page && p.y < all[i-1].y+all[i-1].height-0.01) {
				t.Fatalf("piece %d lies over the one before", i)
			}
			if run += p.height + p.before; !p.keep {
				run = 0
			}
			if i+1 < len(all) && p.keep && all[i+1].page != p.page && run < usual.room()/3 {
				t.Fatalf("piece %d was to keep with the next, which stands on page %d instead of %d", i, all[i+1].page, p.page)
			}
		}
	})
}

func TestColumnsFillTheWidthAndNoneVanishes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "columns")
		columns := make([]Column, n)
		least, natural, w := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range columns {
			columns[i].Width = rapid.SampledFrom([]float64{0, 0, 0, 0.2, 0.5, 7, -1}).Draw(t, "width")
			least[i] = rapid.Float64Range(5, 400).Draw(t, "least")
			natural[i] = least[i] + rapid.Float64Range(0, 2000).Draw(t, "more")
		}
		share(w, columns, least, natural, usual.text())
		sum := 0.0
		for i, v := range w {
			if v < 0 || math.IsNaN(v) {
				t.Fatalf("column %d is %g wide", i, v)
			}
			sum += v
		}
		if math.Abs(sum-usual.text()) > 0.01 {
			t.Fatalf("the columns are %g wide together, the page %g", sum, usual.text())
		}
	})
}
