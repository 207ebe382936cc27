package report

import (
	"strings"
	"time"

	"holdfast/report/chart"
	"holdfast/report/font"
)

// A Document is what a report says, without how it looks.
type Document struct {
	Title          string
	Subtitle       string
	Organisation   string
	Version        string // as people read it: "1.4"
	Date           time.Time
	Classification string     // printed on every page: "Internal"
	Status         string     // "Draft", "Approved"
	Properties     []Property // further lines of the cover: owner, approval, next review
	Lang           string     // BCP 47 tag of the text; empty: "en-GB"
	Landscape      bool       // pages lie across, for wide tables
	Sheet          bool       // a few pages to hang up: printed without a cover
	Brand          Brand
	Blocks         []Block
}

// A Property is a line of the cover.
type Property struct{ Name, Value string }

// A Block is one part of a document. The set is closed: the block types of this
// package.
type Block interface{ block() }

// A Heading opens a section. Levels run from 1 to 4; a heading more than one level
// below the one before is raised. Headings are numbered ("2.1") unless Plain.
type Heading struct {
	Level int
	Text  string
	Plain bool
	ID    string // for links: Span.Link "#id"; empty: made from its number
}

// A Paragraph is running text.
type Paragraph struct{ Text Text }

// A List is a list of items, each of which holds blocks.
type List struct {
	Ordered bool
	Items   []Item
}

// An Item of a List.
type Item []Block

// A Table has a head that is repeated on every page it runs over.
type Table struct {
	Caption string
	Columns []Column
	Rows    []Row
}

// A Column of a Table.
type Column struct {
	Name  string
	Width float64 // share of the table's width, 0 to 1; 0: by content
	Align Align
}

// Align of a column. Figures belong to the right.
type Align uint8

// The ways to align.
const (
	Left Align = iota
	Right
	Centre
)

// A Row of a Table: as many cells as columns, missing ones are empty. A group row
// shows its first cell alone, across the table, as a heading of the rows below.
type Row struct {
	Cells []Cell
	Group bool
}

// A Cell of a Row. With a tone its text is set as a coloured label. Value is the
// same for those who compute with it: where it is given, a workbook keeps a number
// or a day instead of the text.
type Cell struct {
	Text  Text
	Tone  Tone
	Value Value
}

// A Value is a Number, an Amount, a Share or a Day.
type Value interface{ value() }

// Number is a count or a figure without a unit.
type Number float64

// An Amount of money in a currency (ISO 4217).
type Amount struct {
	Value    float64
	Currency string
}

// Share is a part of the whole, 0 to 1.
type Share float64

// Day is a day without a time.
type Day struct{ time.Time }

func (Number) value() {}
func (Amount) value() {}
func (Share) value()  {}
func (Day) value()    {}

// A Figure is a chart with its caption. WithTable prints the chart's figures under
// it; in HTML they are always there, folded.
type Figure struct {
	Chart     chart.Chart
	Caption   string
	WithTable bool
}

// KeyFigures are the few numbers that matter, set large, four in a row.
type KeyFigures struct{ Items []KeyFigure }

// A KeyFigure is one large number.
type KeyFigure struct {
	Value string
	Label string
	Note  string
	Tone  Tone
}

// A Callout stands out from the text: a decision asked, a warning.
type Callout struct {
	Title  string
	Tone   Tone
	Blocks []Block
}

// Definitions explain terms.
type Definitions struct{ Items []Definition }

// A Definition explains one term.
type Definition struct {
	Term string
	Text Text
}

// A Quote is text in the words of somebody else.
type Quote struct {
	Text   Text
	Source string
}

// A Why shows where a figure comes from: the formula, every input, and its source.
type Why struct {
	Figure  string // "Expected yearly loss: £182k"
	Formula string // "ALE = expected events per year × loss of one event"
	Inputs  []Input
}

// An Input of a figure.
type Input struct {
	Name   string
	Value  string
	Source string // "measured by configcheck on 3 May 2026", "estimated by the owner"
}

// Code is text set as it is, in a fixed width.
type Code struct{ Text string }

// A PageBreak starts a new page.
type PageBreak struct{}

// Toc lists the headings down to Depth (0: 2) with their pages.
type Toc struct {
	Title string // empty: "Contents"
	Depth int
}

func (Heading) block()     {}
func (Paragraph) block()   {}
func (List) block()        {}
func (Table) block()       {}
func (Figure) block()      {}
func (KeyFigures) block()  {}
func (Callout) block()     {}
func (Definitions) block() {}
func (Quote) block()       {}
func (Why) block()         {}
func (Code) block()        {}
func (PageBreak) block()   {}
func (Toc) block()         {}

// Cells is a row of plain texts.
func Cells(texts ...string) Row {
	var r Row
	for _, t := range texts {
		r.Cells = append(r.Cells, Cell{Text: Plain(t)})
	}
	return r
}

// Items is a list of plain texts.
func Items(texts ...string) List {
	var l List
	for _, t := range texts {
		l.Items = append(l.Items, Item{Paragraph{Plain(t)}})
	}
	return l
}

// lang is the language tag, safe to stand in a file.
func (d Document) lang() string {
	if d.Lang == "" || strings.Trim(d.Lang, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return "en-GB"
	}
	return d.Lang
}

// date as it is read on the cover; a document without one has none.
func (d Document) date() string {
	if d.Date.IsZero() {
		return ""
	}
	return d.Date.Format("2 January 2006")
}

// properties are the lines of the cover that say something.
func (d Document) properties() []Property {
	all := append([]Property{{"Version", d.Version}, {"Date", d.date()}, {"Status", d.Status}, {"Classification", d.Classification}}, d.Properties...)
	var out []Property
	for _, p := range all {
		if p = (Property{font.OneLine(p.Name), font.OneLine(p.Value)}); p.Value != "" {
			out = append(out, p)
		}
	}
	return out
}
