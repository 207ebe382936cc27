package page

import (
	"cmp"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/chart"
	"holdfast/web"
	"holdfast/web/ui"
)

// seesScope: whoever may read all that a boundary is computed from.
func seesScope(a access.Actor) bool {
	return seesLedger(a) && web.MayRead(isms.Scopes, isms.AssetDependencies, isms.Vendors, isms.VendorAssessments, isms.People, isms.Teams)(a)
}

// A scopeView is one scope with its computed boundary.
type scopeView struct {
	*web.Request
	figures
	scopes   []*isms.Scope
	boundary *flow.Boundary // nil: there is no scope yet
	reviews  bool           // the reader may write reviews down
}

// scope shows the boundary of one scope: the one asked for, else the first that is
// approved.
func (c Config) scope(r *web.Request) error {
	v := &scopeView{Request: r, figures: figures{r.Format}, reviews: r.May(kind.Write, isms.AssetDependencies)}
	list, err := app.Of[isms.Scope](r.App(), isms.Scopes).All(r.Ctx(), kind.Query{Sort: "title"}.With("status", kind.Not, string(isms.ScopeRetired)))
	if err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b *isms.Scope) int {
		return cmp.Compare(rank(a.Status != isms.ScopeApproved), rank(b.Status != isms.ScopeApproved))
	})
	v.scopes = list
	id := r.URL.Query().Get("scope")
	if id == "" && len(list) > 0 {
		id = list[0].ID
	}
	if id != "" {
		if v.boundary, err = c.Flow.Boundary(r.Ctx(), id); err != nil {
			return err
		}
	}
	r.Wide()
	return r.Render("Scope", scopeBody(v))
}

func rank(last bool) int {
	if last {
		return 1
	}
	return 0
}

func (v *scopeView) stats() []ui.StatProps {
	b := v.boundary
	worth := 0.0
	for _, c := range b.Unreviewed() {
		worth = max(worth, c.Worth)
	}
	left := b.Unreviewed()
	unseen := ui.StatProps{Label: "Crossings nobody reviewed", Value: v.format.Count(int64(len(left))), Unit: "of " + v.format.Count(int64(len(b.Crossings)))}
	if len(left) > 0 {
		unseen.Note = "They hold back step 3 of the roadmap"
	}
	bare := ui.StatProps{Label: "Crossings without protection", Value: v.format.Count(int64(len(b.Unprotected()))), Note: "No operating safeguard on either side"}
	stake := ui.StatProps{Label: "Greatest value at stake", Value: "–", Note: "On a crossing nobody reviewed"}
	if worth > 0 {
		stake.Value = v.short(worth)
		stake.Why = &ui.WhyProps{ID: "why-stake", About: "Value at stake", Summary: "The mean value of the most valuable asset inside that something touches across a boundary nobody has looked at within a year.",
			Formula: "max over unreviewed crossings of the mean of the asset's value"}
		for _, c := range left[:min(5, len(left))] {
			stake.Why.Inputs = append(stake.Why.Inputs, ui.WhyInput{Name: c.Inside.Title, Value: v.money(c.Worth), Source: ui.Estimated, Href: namedURL(c.Inside)})
		}
	}
	return []ui.StatProps{{Label: "Inside", Value: v.format.Count(int64(len(b.In))), Unit: "assets", Note: v.format.Count(int64(len(b.Out))) + " are outside"}, unseen, bare, stake}
}

// drawn is the boundary as a graph: what is touched inside, and what touches it.
func (v *scopeView) drawn() templ.Component {
	g := chart.Graph{Title: "What crosses the boundary"}
	seen := map[string]bool{}
	node := func(n flow.Named, word string, inside bool) {
		if !seen[n.ID] {
			seen[n.ID] = true
			g.Nodes = append(g.Nodes, chart.Node{ID: n.ID, Name: n.Title, Kind: word, Strong: inside})
		}
	}
	for _, c := range v.boundary.Crossings {
		node(c.Inside, "inside", true)
		node(c.Outside, outsideWord(c), false)
		if c.Outward {
			g.Edges = append(g.Edges, chart.Edge{From: c.Inside.ID, To: c.Outside.ID})
		} else {
			g.Edges = append(g.Edges, chart.Edge{From: c.Outside.ID, To: c.Inside.ID})
		}
	}
	return figureOf(ui.ChartProps{ID: "boundary", Title: "The boundary", Subtitle: "Filled: inside. An arrow leads from what needs to what is needed", Bare: true}, g, 1040)
}

func outsideWord(c flow.Crossing) string {
	word := "outside"
	switch c.Kind {
	case "vendor":
		word = "supplier"
	case "person":
		word = "person"
	}
	if c.Reviewed == "" {
		word += ", not reviewed"
	}
	return word
}

// crossingWords says in a sentence what crosses.
func crossingWords(c flow.Crossing) string {
	if c.Outward {
		return c.Inside.Title + " " + c.How + " " + c.Outside.Title
	}
	return c.Outside.Title + " " + c.How + " " + c.Inside.Title
}

// crossingURL is the record at which the crossing is looked at.
func crossingURL(c flow.Crossing) string {
	return namedURL(flow.Named{Kind: c.Kind, ID: c.ID})
}

func reviewTone(c flow.Crossing) ui.Tone {
	if c.Reviewed == "" {
		return ui.Attention
	}
	return ui.Positive
}

func reviewText(c flow.Crossing) string {
	if c.Reviewed == "" {
		return "Not reviewed"
	}
	return "Reviewed " + dayWords(c.Reviewed)
}

func (v *scopeView) facts() []ui.KeyValueItem {
	b := v.boundary
	names := func(list []flow.Named) templ.Component {
		if len(list) == 0 {
			return nil
		}
		parts := make([]string, len(list))
		for i, n := range list {
			parts[i] = n.Title
		}
		return ui.Text(strings.Join(parts, ", "))
	}
	text := func(s string) templ.Component {
		if s == "" {
			return nil
		}
		return ui.Text(s)
	}
	return []ui.KeyValueItem{
		{Label: "Statement", Value: text(string(b.Scope.Statement)), Wide: true},
		{Label: "Inside", Value: text(string(b.Scope.Included)), Wide: true},
		{Label: "Outside", Value: text(string(b.Scope.Excluded)), Wide: true},
		{Label: "Sites", Value: text(strings.Join(b.Sites, ", "))},
		{Label: "Teams", Value: names(b.Teams)},
		{Label: "People", Value: names(b.People), Help: "Members of the teams, and who holds what is inside", Wide: true},
		{Label: "Suppliers", Value: names(b.Vendors), Help: "Those who supply something inside", Wide: true},
	}
}
