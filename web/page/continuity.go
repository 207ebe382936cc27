package page

import (
	"fmt"
	"strings"

	"holdfast/flow"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/report/chart"
	"holdfast/web"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

// An impactView is the business impact analysis with what follows from it.
type impactView struct {
	*web.Request
	figures
	impact *response.ImpactAnalysis
}

func (c Config) continuity(r *web.Request) error {
	a, err := c.Response.Impact(r.Ctx())
	if err != nil {
		return err
	}
	r.Wide()
	return r.Render("Impact & recovery", impactBody(&impactView{Request: r, figures: figures{r.Format}, impact: a}))
}

func (v *impactView) stats() []ui.StatProps {
	gaps, untested := 0, 0
	cost := 0.0
	for _, r := range v.impact.Assets {
		for _, g := range r.Gaps {
			switch {
			case g.Grave:
				gaps++
				if g.Kind == response.GapTime {
					cost = max(cost, g.Cost)
				}
			case g.Kind == response.GapUntested:
				untested++
			}
		}
	}
	dearest := ui.StatProps{Label: "A day without the dearest", Value: "–"}
	if len(v.impact.Lines) > 0 {
		l := v.impact.Lines[0]
		dearest.Value, dearest.Note = v.short(l.Losses[2].Mean), l.Record.Title
		dearest.Why = &ui.WhyProps{ID: "why-dearest", About: l.Record.Title + ", one day", Summary: v.money(l.Losses[2].Mean) + ". " + l.Losses[2].Why, Inputs: []ui.WhyInput{{Name: "Range", Value: v.money(l.Losses[2].Low) + " to " + v.money(l.Losses[2].High)}}}
	}
	return []ui.StatProps{
		dearest,
		{Label: "Broken promises and gaps", Value: v.Format.Count(int64(gaps)), Note: "Time, data and copies"},
		{Label: "The dearest gap", Value: v.short(cost), Note: "Lost between need and reality in one outage"},
		{Label: "Never or too long ago shown", Value: v.Format.Count(int64(untested)), Note: "Recovery times nobody measured"},
		{Label: "Not assessed", Value: v.Format.Count(int64(len(v.impact.Unassessed))), Note: "Critical assets of which nobody said what they cost"},
	}
}

// losses is the table of loss over time.
func (v *impactView) losses() ui.TableProps {
	t := ui.TableProps{ID: "losses", Caption: "What an outage costs as time goes by", Title: "What an outage costs", Columns: []ui.Column{{Label: "Process or asset", Main: true}, {Label: "Back in", Align: ui.End, Help: "Recovery time objective (RTO)"}, {Label: "Data lost", Align: ui.End, Help: "Recovery point objective (RPO)"}}}
	for _, o := range response.Outages {
		t.Columns = append(t.Columns, ui.Column{Label: o.Label, Align: ui.End})
	}
	t.Columns = append(t.Columns, ui.Column{Label: "Unbearable", Align: ui.End, Help: "Maximum tolerable downtime: afterwards the harm cannot be repaired"})
	for i := range v.impact.Lines {
		t.Rows = append(t.Rows, v.lossRow(&v.impact.Lines[i]))
	}
	return t
}

func (v *impactView) lossRow(l *response.ImpactLine) ui.Row {
	k := isms.Registry.Named(l.Record.Kind)
	name := ui.Text(l.Record.Title)
	if l.Draft {
		name = ui.Join(name, ui.Text(" "), ui.Badge(ui.BadgeProps{Text: "draft", Tone: ui.Attention}))
	}
	row := ui.Row{ID: l.Record.ID, Href: web.RecordURL(k, l.Record.ID), Label: l.Record.Title, Cells: []templ.Component{name, ui.Number(lengthShort(l.RTO)), ui.Number(lengthShort(l.RPO))}}
	for _, at := range l.Losses {
		row.Cells = append(row.Cells, v.lossCell(at))
	}
	row.Cells = append(row.Cells, ui.Number(lengthShort(l.MTPD)))
	return row
}

// lossCell is one figure; what lies beyond the bearable is marked by colour and word.
func (v *impactView) lossCell(at response.LossAt) templ.Component {
	text := v.short(at.Mean)
	if at.Mean == 0 {
		return ui.None()
	}
	if at.Unbearable {
		return ui.Badge(ui.BadgeProps{Text: text, Tone: ui.Negative, Title: "Longer than can be borne. " + at.Why})
	}
	return lossFigure(text, at.Why)
}

// graph draws what rests on what, with the needed and the possible time in each box.
func (v *impactView) graph() templ.Component {
	g := chart.Graph{Title: "What rests on what, and how soon it must be back"}
	shown := map[string]bool{}
	for _, r := range v.impact.Assets {
		word := lengthShort(r.Need.Hours)
		if r.Able > 0 {
			word += ", able " + lengthShort(r.Able)
		}
		g.Nodes = append(g.Nodes, chart.Node{ID: r.Record.ID, Name: r.Record.Title, Kind: word, Strong: late(r)})
		shown[r.Record.ID] = true
	}
	for _, r := range v.impact.Assets {
		way := r.Need.From
		if n := len(way); n > 2 && shown[way[n-2].ID] {
			g.Edges = append(g.Edges, chart.Edge{From: way[n-2].ID, To: r.Record.ID})
		}
	}
	return figureOf(ui.ChartProps{ID: "rests", Title: "Who makes whom hurry", Subtitle: "Each box: back within, and what was shown or promised. Marked: it comes back too late. An arrow leads from what demands the time to what it rests on."}, g, wide)
}

func late(r *response.Recovery) bool {
	for _, g := range r.Gaps {
		if g.Kind == response.GapTime || g.Kind == response.GapRests {
			return true
		}
	}
	return false
}

// able is the second figure of a recovery, in words and colour.
func ableCell(r *response.Recovery) templ.Component {
	if r.Able == 0 {
		return ui.Muted("nobody knows")
	}
	if r.Need.Hours > 0 && r.Able > r.Need.Hours {
		return ui.Badge(ui.BadgeProps{Text: lengthShort(r.Able), Tone: ui.Negative, Title: r.AbleWhy})
	}
	return lossFigure(lengthShort(r.Able), r.AbleWhy)
}

func (v *impactView) recovery() ui.TableProps {
	t := ui.TableProps{ID: "order", Caption: "The order of recovery", Title: "The order of recovery", Columns: []ui.Column{{Label: "Step", Narrow: true, Align: ui.End}, {Label: "Asset", Main: true}, {Label: "Needed", Align: ui.End},
		{Label: "Able", Align: ui.End}, {Label: "Data", Align: ui.End, Help: "Data that may be lost at most"}, {Label: "Copied", Align: ui.End}, {Label: "Why, and what parts need and reality"}},
		Empty: ui.EmptyProps{Icon: "clock", Title: "Nothing must be back in time yet", Text: "Assess what the loss of a process costs, and how soon it must be back. What it rests on inherits the time."}}
	for _, r := range v.impact.Assets {
		row := ui.Row{ID: r.Record.ID, Href: assetURL(r.Record.ID), Label: r.Record.Title, Cells: []templ.Component{ui.Number(fmt.Sprint(r.Step)), ui.Text(r.Record.Title), ui.Number(lengthShort(r.Need.Hours)), ableCell(r),
			ui.Number(lengthShort(r.Point.Hours)), copiedCell(r), gapCell(v, r)}}
		if late(r) {
			row.Tone = ui.Negative
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func copiedCell(r *response.Recovery) templ.Component {
	if r.Every == 0 {
		return ui.None()
	}
	if r.Point.Hours > 0 && r.Every > r.Point.Hours {
		return ui.Badge(ui.BadgeProps{Text: lengthShort(r.Every), Tone: ui.Negative})
	}
	return ui.Number(lengthShort(r.Every))
}

// way is from whom a demand comes, as one line.
func way(list []flow.Named) string {
	names := make([]string, 0, len(list))
	for _, n := range list {
		names = append(names, n.Title)
	}
	return strings.Join(names, " → ")
}

func cycleText(list []flow.Named) string {
	names := make([]string, 0, len(list))
	for _, n := range list {
		names = append(names, n.Title)
	}
	return strings.Join(names, ", ") + " need each other. Decide which one starts without the others, and write it into the plan."
}

func (v *impactView) unassessed() []ui.ListItem {
	var list []ui.ListItem
	for i, n := range v.impact.Unassessed {
		if i == 12 {
			list = append(list, ui.ListItem{Title: "and " + v.plural(int64(len(v.impact.Unassessed)-12), "other", "others"), Href: "/assets?criticality=5"})
			break
		}
		list = append(list, ui.ListItem{Title: n.Title, Href: assetURL(n.ID)})
	}
	return list
}
