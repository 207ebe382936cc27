package chart

import (
	"fmt"
	"strings"

	"holdfast/report/font"
)

// A Chain draws one scenario: the actor operates a vector, which exploits a
// weakness, which harms an asset; below it the safeguards at the links they stand
// at, and the defence that decides on them.
type Chain struct {
	Title      string
	Actor      Link
	Vector     Link
	Weakness   Link
	Asset      Link
	Safeguards []Guard
	Defence    *Link // the defence actor: appetite, owner; nil: not drawn
}

// A Link is one part of the chain.
type Link struct {
	Name    string
	Details []string // short lines: "capability: high", "CVE-2024-6387"
}

// A Stage names a link of the chain.
type Stage uint8

// The stages, in the order of the chain.
const (
	AtActor Stage = iota
	AtVector
	AtWeakness
	AtAsset
)

// A Guard is a safeguard and the link it stands at.
type Guard struct {
	Name      string
	At        Stage
	Operating bool // against proposed or being built
}

var (
	stageNames = [...]string{AtActor: "Threat actor", AtVector: "Threat vector", AtWeakness: "Weakness", AtAsset: "Asset"}
	stageVerbs = [...]string{AtActor: "operates", AtVector: "exploits", AtWeakness: "harms"}
)

func (c Chain) links() [4]Link { return [4]Link{c.Actor, c.Vector, c.Weakness, c.Asset} }

func (c Chain) guards(at Stage) []Guard {
	var out []Guard
	for _, g := range c.Safeguards {
		if g.At == at || at == AtAsset && g.At > AtAsset {
			out = append(out, g)
		}
	}
	return out
}

// card is a box with a caption, a name and lines below, laid out before drawing.
type card struct {
	caption string
	name    []string
	details []string
	height  float64
}

const cardPad = 10.0

func newCard(caption string, l Link, width float64) card {
	inner := width - 2*cardPad
	c := card{caption: small.fit(caption, inner), name: strong.wrap(font.OneLine(l.Name), inner, 4)}
	for _, line := range l.Details {
		if len(c.details) < 5 {
			c.details = append(c.details, small.wrap(font.OneLine(line), inner, 2)...)
		}
	}
	c.height = 2*cardPad + small.line() + 3 + float64(len(c.name))*strong.line() + float64(len(c.details))*small.line() + 2
	return c
}

func (d *Drawing) card(x, y, w, h float64, c card, p paint) {
	d.rect(x, y, w, h, 6, p)
	y += cardPad
	y += d.lines(x+cardPad, y, small, []string{c.caption}) + 3
	y += d.lines(x+cardPad, y, strong, c.name) + 2
	d.lines(x+cardPad, y, small, c.details)
}

var (
	threatCard = paint{fill: Surface, stroke: Axis, width: 1.2}
	assetCard  = paint{fill: Surface, stroke: Ink, width: 1.6}
	guardCard  = paint{fill: AccentSoft}
	flow       = paint{stroke: Ink, width: 1.4}
	guarding   = paint{stroke: Accent, width: 1.4}
)

func stageCard(s int) paint {
	if Stage(s) == AtAsset {
		return assetCard
	}
	return threatCard
}

// Draw implements Chart: from left to right, or downwards below 640 pixels.
func (c Chain) Draw(width float64) *Drawing {
	d := newDrawing("chain", c.Title, width)
	d.Desc = c.describe()
	if d.Width < 640 {
		c.down(d)
	} else {
		c.across(d)
	}
	return d
}

func (c Chain) across(d *Drawing) {
	gap := clamp(d.Width*0.09, 56, 66)
	w := (d.Width - 3*gap) / 4
	var cards [4]card
	tallest := 0.0
	for i, l := range c.links() {
		cards[i] = newCard(stageNames[i], l, w)
		tallest = max(tallest, cards[i].height)
	}
	for i := range cards {
		x := float64(i) * (w + gap)
		d.card(x+0.8, 0.8, w-1.6, tallest-1.6, cards[i], stageCard(i))
		if i < 3 {
			d.arrow(x+w+4, tallest/2, x+w+gap-4, tallest/2, flow)
			d.text(x+w+gap/2, tallest/2-7, small.at(middle), small.fit(stageVerbs[i], gap-4))
		}
	}
	y, guarded := tallest, []float64(nil)
	lowest := tallest
	for i := range cards {
		if lines := guardLines(c.guards(Stage(i)), w); len(lines) > 0 {
			x := float64(i) * (w + gap)
			h := guardHeight(lines)
			d.arrow(x+w/2, y+34, x+w/2, y+4, guarding)
			d.text(x+w/2+8, y+23, small.in(Accent), "protects")
			d.guards(x, y+36, w, lines)
			guarded = append(guarded, x+w/2, y+36+h)
			lowest = max(lowest, y+36+h)
		}
	}
	d.Height = lowest
	c.defenceAcross(d, guarded, lowest)
}

// defenceAcross draws the defence below and its arrows up to the safeguards.
func (c Chain) defenceAcross(d *Drawing, guarded []float64, lowest float64) {
	if c.Defence == nil {
		return
	}
	top := lowest + 34
	def := newCard("Defence", *c.Defence, d.Width)
	d.card(0.8, top, d.Width-1.6, def.height, def, paint{fill: Panel, stroke: Accent, width: 1.2})
	for i := 0; i < len(guarded); i += 2 {
		d.arrow(guarded[i], top-2, guarded[i], guarded[i+1]+3, guarding)
	}
	if len(guarded) > 0 {
		d.text(guarded[0]+8, top-12, small.in(Accent), "decides")
	}
	d.Height = top + def.height + 1
}

func (c Chain) down(d *Drawing) {
	y := 1.0
	for i, l := range c.links() {
		box := newCard(stageNames[i], l, d.Width)
		d.card(0.8, y, d.Width-1.6, box.height, box, stageCard(i))
		y += box.height
		from := y
		if lines := guardLines(c.guards(Stage(i)), d.Width-44); len(lines) > 0 {
			d.arrow(64, y+21, 64, y+3, guarding)
			d.text(73, y+16, small.in(Accent), "protects")
			d.guards(44, y+23, d.Width-44, lines)
			y += 23 + guardHeight(lines)
		}
		if i < 3 {
			d.text(30, y+20, small, stageVerbs[i])
			y += 32
			d.arrow(18, from+2, 18, y-2, flow)
		}
	}
	if c.Defence != nil {
		box := newCard("Defence", *c.Defence, d.Width)
		y += 12
		d.card(0.8, y, d.Width-1.6, box.height, box, paint{fill: Panel, stroke: Accent, width: 1.2})
		y += box.height
	}
	d.Height = y + 1
}

// guardLine is one wrapped line of the list of safeguards; the first line of a
// safeguard carries its state.
type guardLine struct {
	text      string
	first     bool
	operating bool
}

// maxGuards bounds the list at one link.
const maxGuards = 6

func guardLines(gs []Guard, width float64) []guardLine {
	var out []guardLine
	for n, g := range gs {
		if n == maxGuards {
			out = append(out, guardLine{text: label.fit(fmt.Sprintf("and %d more", len(gs)-n), width-2*cardPad-14)})
			break
		}
		for i, t := range label.wrap(font.OneLine(g.Name), width-2*cardPad-14, 5) {
			out = append(out, guardLine{t, i == 0, g.Operating})
		}
	}
	return out
}

func guardHeight(lines []guardLine) float64 {
	return 2*cardPad + small.line() + 2 + float64(len(lines))*label.line()
}

func (d *Drawing) guards(x, y, w float64, lines []guardLine) {
	d.rect(x, y, w, guardHeight(lines), 6, guardCard)
	y += cardPad
	y += d.lines(x+cardPad, y, small.in(Ink), []string{small.fit("Safeguards", w-2*cardPad)}) + 2
	for _, l := range lines {
		if l.first {
			p := paint{stroke: Accent, width: 1.3}
			if l.operating {
				p.fill = Accent
			}
			d.circle(x+cardPad+4, y+8, 3.4, p)
		}
		y += d.lines(x+cardPad+14, y, label, []string{l.text})
	}
}

func (c Chain) describe() string {
	links := c.links()
	working := 0
	for _, g := range c.Safeguards {
		if g.Operating {
			working++
		}
	}
	return fmt.Sprintf("%s operates %s, which exploits %s, which harms %s. %s, %d operating.",
		name(links[0]), name(links[1]), name(links[2]), name(links[3]), count(len(c.Safeguards), "safeguard", "safeguards"), working)
}

func name(l Link) string {
	if n := font.OneLine(l.Name); n != "" {
		return n
	}
	return "an unnamed part"
}

// Table implements Chart.
func (c Chain) Table() Table {
	t := Table{Columns: []Column{{Name: "Part"}, {Name: "Name"}, {Name: "Details"}}}
	for i, l := range c.links() {
		t.Rows = append(t.Rows, []string{stageNames[i], font.OneLine(l.Name), font.OneLine(strings.Join(l.Details, "; "))})
	}
	for _, g := range c.Safeguards {
		state := "not operating yet"
		if g.Operating {
			state = "operating"
		}
		at := stageNames[min(g.At, AtAsset)]
		t.Rows = append(t.Rows, []string{"Safeguard at: " + strings.ToLower(at), font.OneLine(g.Name), state})
	}
	if c.Defence != nil {
		t.Rows = append(t.Rows, []string{"Defence", font.OneLine(c.Defence.Name), font.OneLine(strings.Join(c.Defence.Details, "; "))})
	}
	return t
}
