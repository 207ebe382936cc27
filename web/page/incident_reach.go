package page

import (
	"fmt"
	"html"
	"strings"
	"time"

	"holdfast/flow/response"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

// The picture of the blast radius: a column for each step from what is affected.
const (
	reachWide   = 1040 // of the picture
	reachBox    = 212
	reachHigh   = 40
	reachGap    = 14
	mostDrawn   = 24 // assets; the table has the others
	mostColumns = 4
)

type reachBoxes struct {
	x, y map[string]int
	list []*response.Reached
	tall int
}

// layReach puts the nearest assets into columns.
func layReach(reach *response.Reach) reachBoxes {
	b := reachBoxes{x: map[string]int{}, y: map[string]int{}}
	rows := map[int]int{}
	for _, a := range reach.Assets {
		col := min(a.Steps, mostColumns-1)
		if len(b.list) >= mostDrawn {
			break
		}
		b.list = append(b.list, a)
		b.x[a.Asset.ID] = 8 + col*(reachWide-reachBox-16)/(mostColumns-1)
		b.y[a.Asset.ID] = 8 + rows[col]*(reachHigh+reachGap)
		rows[col]++
		b.tall = max(b.tall, rows[col])
	}
	return b
}

// drawReach is the picture as SVG, in the classes of the style sheet.
func drawReach(reach *response.Reach) templ.Component {
	b := layReach(reach)
	var s strings.Builder
	fmt.Fprintf(&s, `<svg class="plot" viewBox="0 0 %d %d" role="group" aria-label="What falls with the affected assets and what can be reached from them">`, reachWide, 16+max(b.tall, 1)*(reachHigh+reachGap))
	for _, a := range b.list {
		if _, drawn := b.x[a.From]; drawn {
			x1, y1 := b.x[a.From]+reachBox, b.y[a.From]+reachHigh/2
			x2, y2 := b.x[a.Asset.ID], b.y[a.Asset.ID]+reachHigh/2
			if x2 < x1 {
				x1 = b.x[a.From] + reachBox/2
			}
			class := "edge"
			if a.Open {
				class = "edge edge--hot"
			}
			fmt.Fprintf(&s, `<path class="%s" fill="none" d="M%d %d C%d %d %d %d %d %d"></path>`, class, x1, y1, (x1+x2)/2, y1, (x1+x2)/2, y2, x2, y2)
		}
	}
	for _, a := range b.list {
		x, y := b.x[a.Asset.ID], b.y[a.Asset.ID]
		what := html.EscapeString(a.Asset.Title + ": " + reachWords(a))
		fmt.Fprintf(&s, `<g class="%s" data-tip="%s" tabindex="0" role="img" aria-label="%s"><rect class="node" x="%d" y="%d" width="%d" height="%d" rx="6"></rect><rect class="bar" x="%d" y="%d" width="5" height="%d" rx="2"></rect><text x="%d" y="%d" class="label--strong">%s</text><text x="%d" y="%d">%s</text></g>`,
			reachClass(a), what, what, x, y, reachBox, reachHigh, x, y, reachHigh, x+12, y+17, html.EscapeString(clip(a.Asset.Title, 28)), x+12, y+32, html.EscapeString(clip(reachWords(a), 34)))
	}
	s.WriteString(`</svg>`)
	return templ.Raw(s.String())
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func reachClass(a *response.Reached) string {
	switch {
	case a.Affected:
		return "mark-critical"
	case a.Falls && a.Open:
		return "mark-high"
	case a.Falls:
		return "mark-medium"
	}
	return "mark-accent"
}

// reachWords says what becomes of an asset.
func reachWords(a *response.Reached) string {
	var parts []string
	switch {
	case a.Affected:
		return "affected"
	case a.Falls && a.Survives > 0:
		parts = append(parts, "falls after "+response.InWords(hoursOf(a.Survives)))
	case a.Falls:
		parts = append(parts, "falls at once")
	}
	if a.Open {
		parts = append(parts, "can be got at")
	}
	return strings.Join(parts, ", ")
}

// reachChart is the frame of the picture with the same in words.
func (v *roomView) reachChart() ui.ChartProps {
	p := ui.ChartProps{ID: "reach-chart", Title: "Blast radius", Subtitle: "What falls with it, and where they can go from there", Bare: true,
		Legend:  []ui.LegendItem{{Label: "affected", Class: "mark-critical"}, {Label: "falls and is open", Class: "mark-high"}, {Label: "falls", Class: "mark-medium"}, {Label: "can be got at", Class: "mark-accent"}},
		Columns: []string{"Asset", "What becomes of it", "Through", "Value"}}
	names := map[string]string{}
	for _, a := range v.Reach.Assets {
		names[a.Asset.ID] = a.Asset.Title
	}
	for _, a := range v.Reach.Assets {
		p.Rows = append(p.Rows, []string{a.Asset.Title, reachWords(a), strings.TrimSpace(names[a.From] + " " + strings.ReplaceAll(string(a.How), "_", " ")), v.short(a.Asset.Value.Mid())})
	}
	if more := len(v.Reach.Assets) - mostDrawn; more > 0 {
		p.Note = v.plural(int64(more), "more asset stands", "more assets stand") + " in the table."
	}
	return p
}

func hoursOf(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }
