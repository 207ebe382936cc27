package chart

import (
	"fmt"
	"strconv"
	"strings"

	"holdfast/report/font"
)

// A HeatMap shows risks by probability (upwards) and impact (to the right) on a
// matrix of any size up to 7 by 7.
type HeatMap struct {
	Title       string
	Impact      []string // names of the steps, lowest first
	Probability []string
	Band        func(probability, impact int) Colour // None to Critical; nil: by the sum of both steps
	Risks       []Placed
}

// A Placed is a risk on the matrix. Steps count from zero.
type Placed struct {
	Label       string // short: "R12"
	Name        string
	Probability int
	Impact      int
}

// maxSteps bounds the matrix, so that its cells stay readable.
const maxSteps = 7

func (h HeatMap) band(p, i int) Colour {
	if h.Band != nil {
		if c := h.Band(p, i); c >= None && c <= Critical {
			return c
		}
		return None
	}
	rows, cols := len(h.Probability), len(h.Impact)
	share := float64(p+i) / float64(max(rows+cols-2, 1))
	switch {
	case share < 0.3:
		return Low
	case share < 0.6:
		return Medium
	case share < 0.85:
		return High
	}
	return Critical
}

// Draw implements Chart.
func (h HeatMap) Draw(width float64) *Drawing {
	d := newDrawing("heat-map", h.Title, width)
	h.Impact, h.Probability = firstSteps(h.Impact), firstSteps(h.Probability)
	if len(h.Impact) == 0 || len(h.Probability) == 0 {
		return d.empty("No matrix is configured.")
	}
	d.Desc = h.describe()
	left := h.labelWidth(d)
	const gap, top = 3.0, 24.0
	cols, rows := float64(len(h.Impact)), float64(len(h.Probability))
	cellW := (d.Width - left - gap*(cols-1)) / cols
	cellH := clamp(cellW*0.62, 44, 84)
	d.text(0, 12, small, small.fit("↑ Probability", d.Width))
	for r := range h.Probability {
		y := top + (rows-1-float64(r))*(cellH+gap)
		names := small.in(Ink).wrap(font.OneLine(h.Probability[r]), left-12, 3)
		d.rowLabel(left-10, y+cellH/2, names)
		for c := range h.Impact {
			h.cell(d, box{left + float64(c)*(cellW+gap), y, left + float64(c)*(cellW+gap) + cellW, y + cellH}, r, c)
		}
	}
	base := top + rows*(cellH+gap)
	deepest := 0.0
	for c, name := range h.Impact {
		x := left + float64(c)*(cellW+gap) + cellW/2
		deepest = max(deepest, d.lines(x, base+3, small.in(Ink).at(middle), small.wrap(font.OneLine(name), cellW-4, 3)))
	}
	d.text(d.Width, base+deepest+18, small.at(end), "Impact →")
	d.Height = base + deepest + 26 + d.legend(left, base+deepest+26, d.Width-left, h.legend())
	return d
}

// legend names the bands that the matrix has, so that colour is not alone.
func (h HeatMap) legend() []legendItem {
	used := map[Colour]bool{}
	for p := range h.Probability {
		for i := range h.Impact {
			used[h.band(p, i)] = true
		}
	}
	var items []legendItem
	for _, c := range []Colour{None, Low, Medium, High, Critical} {
		if used[c] {
			items = append(items, legendItem{name: c.Name(), paint: paint{fill: c.area()}, square: true})
		}
	}
	return items
}

func firstSteps(s []string) []string { return s[:min(len(s), maxSteps)] }

func (h HeatMap) labelWidth(d *Drawing) float64 {
	w := 0.0
	for _, name := range h.Probability {
		w = max(w, small.width(font.OneLine(name)))
	}
	return min(w+16, d.Width*0.26)
}

// rowLabel centres up to three lines around y, ending at x.
func (d *Drawing) rowLabel(x, y float64, names []string) {
	s := small.in(Ink).at(end)
	d.lines(x, y-float64(len(names))*s.line()/2, s, names)
}

func (h HeatMap) in(p, i int) []Placed {
	var out []Placed
	for _, r := range h.Risks {
		if r.Probability == p && r.Impact == i {
			out = append(out, r)
		}
	}
	return out
}

// cell paints one field with its risks as chips, or as a count when they are many.
func (h HeatMap) cell(d *Drawing, b box, p, i int) {
	risks := h.in(p, i)
	band := h.band(p, i)
	d.tip(h.tip(p, i, risks), func() {
		d.rect(b.x1, b.y1, b.x2-b.x1, b.y2-b.y1, 4, paint{fill: band.Soft()})
		if len(risks) == 0 {
			return
		}
		if !h.chips(d, b, band, risks) {
			x, y := (b.x1+b.x2)/2, (b.y1+b.y2)/2
			d.circle(x, y, 15, paint{fill: band})
			d.text(x, y+4.5, style{size: 13, face: font.Medium, colour: Surface, anchor: middle}, strconv.Itoa(len(risks)))
		}
	})
}

// chips sets the labels of risks as small pills. It reports false, and paints
// nothing, when they do not all fit.
func (h HeatMap) chips(d *Drawing, b box, band Colour, risks []Placed) bool {
	const height, gap, pad = 18.0, 4.0, 6.0
	s := style{size: 11, face: font.Medium, colour: Surface, anchor: middle}
	type chip struct {
		x, y, w float64
		name    string
	}
	var chips []chip
	x, y := b.x1+5, b.y1+5
	for _, r := range risks {
		name := s.fit(font.OneLine(r.Label), min(64, b.x2-b.x1-10-2*pad))
		if name == "" {
			return false
		}
		w := max(s.width(name)+2*pad, height)
		if x+w > b.x2-5 && x > b.x1+5 {
			x, y = b.x1+5, y+height+gap
		}
		if y+height > b.y2-3 || x+w > b.x2-2 {
			return false
		}
		chips = append(chips, chip{x, y, w, name})
		x += w + gap
	}
	for _, c := range chips {
		d.rect(c.x, c.y, c.w, height, height/2, paint{fill: band})
		d.text(c.x+c.w/2, c.y+13, s, c.name)
	}
	return true
}

func (h HeatMap) tip(p, i int, risks []Placed) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Probability %s, impact %s (%s): %s", font.OneLine(h.Probability[p]), font.OneLine(h.Impact[i]), h.band(p, i).Name(), count(len(risks), "risk", "risks"))
	for n, r := range risks {
		if n == 12 {
			fmt.Fprintf(&b, "\nand %d more", len(risks)-n)
			break
		}
		b.WriteString("\n" + font.OneLine(r.Label+" "+r.Name))
	}
	return b.String()
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

func (h HeatMap) describe() string {
	bands := map[Colour]int{}
	total := 0
	for _, r := range h.Risks {
		if r.Probability >= 0 && r.Probability < len(h.Probability) && r.Impact >= 0 && r.Impact < len(h.Impact) {
			bands[h.band(r.Probability, r.Impact)]++
			total++
		}
	}
	s := count(total, "risk", "risks") + " on the matrix"
	for _, c := range []Colour{Critical, High, Medium, Low, None} {
		if bands[c] > 0 {
			s += fmt.Sprintf(", %d %s", bands[c], c.Name())
		}
	}
	if off := len(h.Risks) - total; off > 0 {
		s += fmt.Sprintf("; %d outside it", off)
	}
	return s + "."
}

// Table implements Chart: one row per risk.
func (h HeatMap) Table() Table {
	h.Impact, h.Probability = firstSteps(h.Impact), firstSteps(h.Probability)
	t := Table{Columns: []Column{{Name: "Risk"}, {Name: "Probability"}, {Name: "Impact"}, {Name: "Band"}}}
	for _, r := range h.Risks {
		row := []string{font.OneLine(r.Label + " " + r.Name), "outside the matrix", "outside the matrix", ""}
		if r.Probability >= 0 && r.Probability < len(h.Probability) && r.Impact >= 0 && r.Impact < len(h.Impact) {
			row = []string{row[0], font.OneLine(h.Probability[r.Probability]), font.OneLine(h.Impact[r.Impact]), h.band(r.Probability, r.Impact).Name()}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
