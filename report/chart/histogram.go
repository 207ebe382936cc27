package chart

import (
	"fmt"
	"math"
	"slices"

	"holdfast/report/font"
)

// A Histogram shows the outcomes of a simulation: how many of the simulated years
// cost how much, with percentiles marked.
type Histogram struct {
	Title    string
	Currency string
	Bins     []Bin
	None     int    // years without any loss, which no bin holds
	Marks    []Mark // P50, P90, P95, mean
	Scale    Scale
}

// A Bin counts the outcomes from From up to, and without, To.
type Bin struct {
	From, To float64
	Count    int
}

// Bin sorts simulated losses into n bins of equal width on a linear or log axis
// (Auto decides as the drawing does) and fills None with the years that cost
// nothing. Values that are no number are left out.
func (h Histogram) Bin(losses []float64, n int) Histogram {
	var positive []float64
	h.None, h.Bins = 0, nil
	for _, v := range losses {
		switch {
		case v > 0 && finite(v):
			positive = append(positive, v)
		case v <= 0:
			h.None++
		}
	}
	n = max(1, min(n, 200))
	if len(positive) == 0 {
		return h
	}
	lo, hi := slices.Min(positive), slices.Max(positive)
	log := h.Scale == Log || h.Scale == Auto && hi/lo > 100
	if log {
		lo, hi = math.Log10(lo), math.Log10(hi)
	} else {
		lo = 0
	}
	if hi <= lo {
		hi = lo + 1
	}
	step := (hi - lo) / float64(n)
	edge := func(i int) float64 {
		v := lo + float64(i)*step
		if log {
			return math.Pow(10, v)
		}
		return v
	}
	h.Bins = make([]Bin, n)
	for i := range h.Bins {
		h.Bins[i] = Bin{From: edge(i), To: edge(i + 1)}
	}
	for _, v := range positive {
		if log {
			v = math.Log10(v)
		}
		h.Bins[min(n-1, max(0, int((v-lo)/step)))].Count++
	}
	return h
}

func (h Histogram) total() int {
	n := max(h.None, 0)
	for _, b := range h.Bins {
		n += max(b.Count, 0)
	}
	return n
}

// Draw implements Chart.
func (h Histogram) Draw(width float64) *Drawing {
	d := newDrawing("histogram", h.Title, width)
	most, total := 0, h.total()
	var amounts []float64
	for _, b := range h.Bins {
		if finite(b.From) && finite(b.To) && b.To > b.From {
			most = max(most, b.Count)
			amounts = append(amounts, b.From, b.To)
		}
	}
	if most == 0 {
		return d.empty("No simulated losses yet.")
	}
	d.Desc = h.describe()
	left, right := 46.0, d.Width-14
	x := moneyAxis(amounts, h.Scale)
	x.from, x.to = left, right
	marks := LossExceedance{Currency: h.Currency, Marks: h.Marks}.placeMarks(x, d.Width)
	const first = 18.0
	top := first + float64(lanes(marks))*16 + 8
	base := top + math.Round(clamp(d.Width*0.34, 150, 300))
	y := linearAxis(0, float64(most)/float64(total))
	y.from, y.to = base, top
	d.text(0, 12, small, small.fit("Share of simulated years", d.Width))
	d.left(y, left, right, 4, Percent)
	d.bottom(x, base, base, func(v float64) string { return Money(v, h.Currency) })
	for _, b := range h.Bins {
		h.bar(d, b, x, y, total)
	}
	LossExceedance{}.drawMarks(d, marks, first, base)
	d.Height = base + 26
	if h.None > 0 {
		words := fmt.Sprintf("%s of the years cost nothing and are not drawn.", Percent(float64(h.None)/float64(total)))
		d.Height += 4 + d.lines(left, base+28, small, small.wrap(words, right-left, 2))
	}
	return d
}

func (h Histogram) bar(d *Drawing, b Bin, x, y axis, total int) {
	if b.Count <= 0 || !finite(b.From) || !finite(b.To) || b.To <= b.From {
		return
	}
	share := float64(b.Count) / float64(total)
	x1, x2, top := x.at(b.From), x.at(b.To), y.at(share)
	d.tip(fmt.Sprintf("%s to %s: %s of the years", Money(b.From, h.Currency), Money(b.To, h.Currency), Percent(share)), func() {
		d.rect(x1+0.4, top, max(x2-x1-0.8, 0.6), y.from-top, 0, paint{fill: accentArea})
	})
}

func (h Histogram) describe() string {
	s := fmt.Sprintf("%s simulated years.", Compact(float64(h.total())))
	for _, m := range h.Marks {
		s += " " + font.OneLine(m.Name) + " " + Money(m.Amount, h.Currency) + "."
	}
	return s
}

// Table implements Chart: the marks first, then every bin.
func (h Histogram) Table() Table {
	t := Table{Columns: []Column{{Name: "Loss per year"}, {Name: "Years", Number: true}, {Name: "Share", Number: true}}}
	for _, m := range h.Marks {
		t.Rows = append(t.Rows, []string{font.OneLine(m.Name) + ": " + Money(m.Amount, h.Currency), "", ""})
	}
	row := func(name string, n int) {
		t.Rows = append(t.Rows, []string{name, fmt.Sprint(n), Percent(float64(n) / float64(max(h.total(), 1)))})
	}
	if h.None > 0 {
		row("nothing", h.None)
	}
	for _, b := range h.Bins {
		row(Money(b.From, h.Currency)+" to "+Money(b.To, h.Currency), b.Count)
	}
	return t
}
