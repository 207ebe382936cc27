package page

import (
	"math"
	"strconv"

	"holdfast/engine/quantify"
)

// A gauge shows where yearly losses stand between the figures of an appetite. All
// bands have the same width, so that each can be read: inside a band the scale is
// linear, and the last one reaches to twice the capacity.
type gauge struct {
	edges   []edge
	needles []needle
}

// An edge is where a band ends.
type edge struct {
	name   string // "Appetite"
	amount float64
	x      float64 // in per cent of the width
	minor  bool    // not named on a phone
}

// A needle is a loss.
type needle struct {
	name, class string
	amount, x   float64
}

// band is the area between two edges: where it begins, how wide it is, its look.
type band struct {
	class    string
	x, width float64
}

// newGauge lays out the appetite; figures that are not set are left out.
func newGauge(a quantify.Appetite) gauge {
	var g gauge
	floor := 0.0
	for _, e := range []edge{
		{name: "Acceptance", amount: a.Acceptance, minor: true}, {name: "Tolerance", amount: a.Tolerance, minor: true},
		{name: "Appetite", amount: a.Appetite}, {name: "Limit", amount: a.Limit}, {name: "Capacity", amount: a.Capacity},
	} {
		if e.amount > floor {
			g.edges = append(g.edges, e)
			floor = e.amount
		}
	}
	for i := range g.edges {
		g.edges[i].x = float64(i+1) * 100 / float64(len(g.edges)+1)
	}
	return g
}

// add places a loss on the scale.
func (g *gauge) add(name, class string, amount float64) {
	g.needles = append(g.needles, needle{name, class, amount, g.at(amount)})
}

// at is the place of an amount in per cent of the width.
func (g gauge) at(amount float64) float64 {
	width := 100 / float64(len(g.edges)+1)
	from := 0.0
	for i, e := range g.edges {
		if amount <= e.amount {
			return width * (float64(i) + math.Max(0, amount-from)/(e.amount-from))
		}
		from = e.amount
	}
	if from == 0 {
		return 0
	}
	return width * (float64(len(g.edges)) + math.Min(0.96, (amount-from)/from))
}

// bands are the areas from left to right, each graver than the one before.
func (g gauge) bands() []band {
	width := 100 / float64(len(g.edges)+1)
	list := make([]band, len(g.edges)+1)
	for i := range list {
		name := "over"
		if i < len(g.edges) {
			name = lowerFirst(g.edges[i].name)
		}
		list[i] = band{class: "band band--" + name, x: width * float64(i), width: width}
	}
	return list
}

// words say the gauge for those who do not see it.
func (g gauge) words(money func(float64) string) string {
	text := ""
	for _, n := range g.needles {
		text += n.name + " " + money(n.amount) + "; "
	}
	for i, e := range g.edges {
		if i > 0 {
			text += ", "
		}
		text += lowerFirst(e.name) + " " + money(e.amount)
	}
	return text
}

func percent(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) + "%" }

// anchorAt keeps a label inside the drawing.
func anchorAt(x float64) string {
	switch {
	case x < 9:
		return "start"
	case x > 91:
		return "end"
	}
	return "middle"
}

// labelY keeps the labels of today and of the plan on lines of their own, so that
// they never meet.
func (n needle) labelY() string {
	if n.class == "planned" {
		return "20"
	}
	return "8"
}
