package page

import (
	"context"
	"fmt"
	"html"
	"io"
	"slices"
	"strconv"
	"strings"

	"holdfast/flow/response"
	"holdfast/isms"

	"github.com/a-h/templ"
)

// Measures of the picture of a playbook: a column for each phase, a box for each step.
const (
	flowWidth  = 816.0
	flowBox    = 140.0
	flowHigh   = 58.0
	flowPitch  = 74.0
	flowTop    = 30.0
	flowLetter = 18 // characters on a line of a box
	flowLines  = 3
)

// playbookFlow draws the way through a playbook. It is for wide places; the list of
// steps says the same to everybody else.
func playbookFlow(s *response.PlaybookSheet) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, drawFlow(s))
		return err
	})
}

type flowPlace struct{ x, y float64 }

func drawFlow(s *response.PlaybookSheet) string {
	places, tallest := placeSteps(s)
	high := flowTop + float64(tallest)*flowPitch
	var b strings.Builder
	fmt.Fprintf(&b, `<div class="plot plot--wide" tabindex="0" role="region" aria-label="The steps of the playbook in the order of the phases; the list below says the same"><svg class="plot" viewBox="0 0 %.0f %.0f" aria-hidden="true">`, flowWidth, high)
	columns := flowColumns()
	for n, p := range response.AnswerPhases {
		fmt.Fprintf(&b, `<text class="label--strong" x="%.0f" y="16">%s</text>`, columns[n], html.EscapeString(phaseLabel(p)))
	}
	for i := range s.Steps {
		next, other := s.Leads(i)
		flowEdge(&b, places, i, next, "edge")
		if other >= 0 {
			flowEdge(&b, places, i, other, "edge line--dash")
		}
	}
	for i, st := range s.Steps {
		drawStep(&b, places[i], i, st)
	}
	b.WriteString(`</svg></div>`)
	return b.String()
}

func flowColumns() []float64 {
	out := make([]float64, len(response.AnswerPhases))
	gap := (flowWidth - flowBox - 8) / float64(len(out)-1)
	for i := range out {
		out[i] = 2 + float64(i)*gap
	}
	return out
}

// placeSteps gives each step the next free place in the column of its phase.
func placeSteps(s *response.PlaybookSheet) (places []flowPlace, tallest int) {
	columns := flowColumns()
	used := make([]int, len(columns))
	for _, st := range s.Steps {
		c := max(0, slices.Index(response.AnswerPhases, st.Phase))
		places = append(places, flowPlace{columns[c], flowTop + float64(used[c])*flowPitch})
		used[c]++
		tallest = max(tallest, used[c])
	}
	return places, tallest
}

// flowEdge draws the way between two steps: down within a column, else from side to side.
func flowEdge(b *strings.Builder, at []flowPlace, from, to int, class string) {
	if to >= len(at) || to < 0 {
		return
	}
	a, z := at[from], at[to]
	switch {
	case a.x == z.x && z.y-a.y <= flowPitch && z.y > a.y:
		x := a.x + flowBox/2
		fmt.Fprintf(b, `<path class="%s" d="M%.0f %.0fV%.0f" fill="none"/>`, class, x, a.y+flowHigh, z.y)
	case a.x == z.x:
		x := a.x + flowBox
		fmt.Fprintf(b, `<path class="%s" d="M%.0f %.0fC%.0f %.0f %.0f %.0f %.0f %.0f" fill="none"/>`, class, x, a.y+flowHigh/2, x+16, a.y+flowHigh/2, x+16, z.y+flowHigh/2, x, z.y+flowHigh/2)
	default:
		x1, y1, x2, y2 := a.x+flowBox, a.y+flowHigh/2, z.x, z.y+flowHigh/2
		fmt.Fprintf(b, `<path class="%s" d="M%.0f %.0fC%.0f %.0f %.0f %.0f %.0f %.0f" fill="none"/>`, class, x1, y1, x1+16, y1, x2-16, y2, x2, y2)
	}
}

func drawStep(b *strings.Builder, p flowPlace, i int, st *isms.PlaybookStep) {
	series := "mark-muted"
	switch {
	case st.Irreversible:
		series = "mark-critical"
	case st.Type == "decision":
		series = "mark-medium"
	case st.Type == "communication":
		series = "mark-accent"
	}
	radius := 6
	if st.Type == "decision" {
		radius = 22
	}
	fmt.Fprintf(b, `<a class="trends__name" tabindex="-1" href="#step-%s"><g class="%s"><title>%s</title><rect class="node" x="%.0f" y="%.0f" width="%.0f" height="%.0f" rx="%d"/><rect class="bar" x="%.0f" y="%.0f" width="4" height="%.0f" rx="2"/></g>`,
		html.EscapeString(st.ID), series, html.EscapeString(st.Title), p.x, p.y, flowBox, flowHigh, radius, p.x+6, p.y+13, flowHigh-26)
	lines := wrapWords(strconv.Itoa(i+1)+" "+st.Title, flowLetter, flowLines)
	y := p.y + flowHigh/2 + 4 - 7*float64(len(lines)-1)
	for _, line := range lines {
		fmt.Fprintf(b, `<text x="%.0f" y="%.0f">%s</text>`, p.x+17, y, html.EscapeString(line))
		y += 14
	}
	b.WriteString(`</a>`)
}

// wrapWords breaks a text into lines; what is left over is cut.
func wrapWords(text string, letters, lines int) []string {
	var out []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) <= letters:
			line += " " + word
		default:
			out, line = append(out, line), word
		}
	}
	out = append(out, line)
	if len(out) > lines {
		out = out[:lines]
		last := []rune(out[lines-1])
		out[lines-1] = string(last[:min(len(last), letters-1)]) + "…"
	}
	for i, l := range out {
		if r := []rune(l); len(r) > letters+4 {
			out[i] = string(r[:letters+3]) + "…"
		}
	}
	return out
}
